import { describe, expect, it } from "vitest";
import { NO_METRICS } from "#src/domain/records/metrics.ts";
import type { MovieRecord, StepResult } from "#src/domain/records/movieRecord.ts";
import { DEFAULT_RUN_PLAN } from "#src/domain/records/runPlan.ts";
import { overviewRow, stepsDue } from "./movieState.ts";

const result = (key: string, failure: StepResult["failure"] = null): StepResult => ({
  key,
  at: 0,
  seconds: 1,
  backend: "cpu",
  flags: ["jump"],
  files: [],
  failure,
});

const record = (change: Partial<MovieRecord> = {}): MovieRecord => ({
  id: "a",
  path: "a.mrc",
  name: "a.mrc",
  size: 1,
  lastModified: null,
  order: 1,
  hand: null,
  failure: null,
  metrics: NO_METRICS,
  track: null,
  steps: {},
  sampled: false,
  image: null,
  ...change,
});

const keys = { gain: "g", motion: "m", preprocess: "p" };
const context = {
  order: 2,
  plan: DEFAULT_RUN_PLAN,
  thresholds: { limits: { driftA: { low: null, high: 10 } }, combine: "any" as const },
  keys,
  running: null,
};
const state = (change: Partial<MovieRecord>) => overviewRow(record(change), context).state;

describe("the state of a movie", () => {
  it("goes from unprocessed to processed when all that the plan asks for is there", () => {
    expect(state({})).toBe("unprocessed");
    expect(state({ steps: { motion: result("m") } })).toBe("processed");
    // The first movie is asked for its gain too.
    expect(state({ order: 0, steps: { motion: result("m") } })).toBe("unprocessed");
    expect(state({ order: 0, steps: { motion: result("m"), gain: result("g") } })).toBe(
      "processed",
    );
  });

  it("is outdated by another key, and only the step with that key is due", () => {
    const steps = { gain: result("g"), motion: result("older") };
    expect(state({ order: 0, steps })).toBe("outdated");
    expect(stepsDue(record({ order: 0, steps }), DEFAULT_RUN_PLAN, keys)).toEqual(["motion"]);
  });

  it("is outdated for a reason that is told: other settings, another version, the command's own options", () => {
    const why = (made: Partial<StepResult>): string =>
      overviewRow(record({ steps: { motion: { ...result("old"), ...made } } }), context).reason;
    expect(why({})).toBe("motion made with other settings");
    expect(why({ version: 0 })).toMatch(/^motion made by version 0 .* this program has version \d/);
    expect(why({ terms: ["float16", "flip-y-out"] })).toBe(
      "motion made by the command with float16, flip-y-out, which the page does not set",
    );
    expect(why({ key: "m" })).toBe("");
  });

  it("is filtered out by a threshold, says by which, and a hand stands above", () => {
    const drifted = { metrics: { ...NO_METRICS, driftA: 12 }, steps: { motion: result("m") } };
    expect(overviewRow(record(drifted), context)).toMatchObject({
      state: "filtered",
      reason: "drift above 10.0 Å",
      beyond: ["driftA"],
    });
    expect(state({ ...drifted, hand: "accepted" })).toBe("processed");
    expect(state({ ...drifted, hand: "rejected" })).toBe("deselected");
  });

  it("does not run a failed step again until its key changes", () => {
    const failure = { code: "corrupt-file", message: "Strip 3 is short." } as const;
    const failed = record({ steps: { motion: result("m", failure) } });
    expect(stepsDue(failed, DEFAULT_RUN_PLAN, keys)).toEqual([]);
    expect(stepsDue(failed, DEFAULT_RUN_PLAN, { ...keys, motion: "n" })).toEqual(["motion"]);
    expect(overviewRow(failed, context)).toMatchObject({
      state: "unprocessed",
      failure: { step: "motion", text: "Strip 3 is short." },
      flags: [],
    });
  });
});
