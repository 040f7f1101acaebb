import { describe, expect, it } from "vitest";
import { NO_METRICS } from "./metrics.ts";
import type { MovieRecord, StepResult } from "./movieRecord.ts";
import { detailsOf, mergedDetails, withDetails, withoutDetails } from "./recordDetails.ts";

const result = (files: readonly string[]): StepResult => ({
  key: "k",
  at: 1,
  seconds: 2,
  backend: "cpu",
  flags: ["a jump"],
  files,
  failure: null,
});

const record = (frames: number): MovieRecord => ({
  id: "f1",
  path: "a/m.tif",
  name: "m.tif",
  size: 10,
  lastModified: null,
  order: 0,
  hand: "accepted",
  failure: null,
  metrics: { ...NO_METRICS, driftA: 3 },
  track: {
    x: Array.from({ length: frames }, (_, i) => i * i),
    y: Array.from({ length: frames }, (_, i) => -i),
  },
  steps: { gain: result(["gain/m_gain.mrc"]), motion: result(["aligned/m_aligned.mrc"]) },
  corrected: {
    micrographName: "m_aligned.mrc",
    unweightedName: null,
    metadataName: "m.star",
    pixelSizeA: 1,
    binnedPixelSizeA: 1,
    voltageKv: 300,
    earlyFrames: 2,
  },
  sampled: false,
  image: null,
});

describe("details of a record", () => {
  it("are put away and come back whole", () => {
    for (const frames of [3, 16, 17, 60]) {
      const whole = record(frames);
      const light = withoutDetails(whole);
      expect(detailsOf(light)).toBeNull();
      expect(withDetails(light, detailsOf(whole))).toEqual(whole);
    }
  });

  it("leave a sketch that begins and ends as the track does", () => {
    const { track } = withoutDetails(record(60));
    expect(track?.x).toHaveLength(16);
    expect([track?.x[0], track?.x[15], track?.y[15]]).toEqual([0, 59 * 59, -59]);
    // A short track is its own sketch.
    expect(withoutDetails(record(9)).track).toEqual(record(9).track);
  });

  it("put away twice is put away once", () => {
    const light = withoutDetails(record(40));
    expect(withoutDetails(light)).toEqual(light);
  });

  it("keep what another step has left, and give up files that a step no longer has", () => {
    const whole = record(20);
    const kept = detailsOf(whole);
    const again = { ...withoutDetails(whole), steps: { ...whole.steps, gain: result([]) } };
    const merged = mergedDetails(kept, detailsOf(again), "gain");
    expect(merged?.files).toEqual({ motion: ["aligned/m_aligned.mrc"] });
    expect(merged?.track).toEqual(whole.track);
    expect(merged?.corrected).toEqual(whole.corrected);
  });

  it("of a record that holds newer ones are the newer ones", () => {
    const old = detailsOf(record(20));
    const newer = { ...record(30), steps: { motion: result(["aligned/m_2.mrc"]) } };
    const merged = withDetails(newer, old);
    expect(merged.track?.x).toHaveLength(30);
    expect(merged.steps.motion?.files).toEqual(["aligned/m_2.mrc"]);
  });
});
