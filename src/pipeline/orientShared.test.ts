import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ComputeBackend } from "#src/compute/backend.ts";
import { memorySource } from "#src/formats/memorySource.ts";
import { openMovie } from "#src/formats/openMovie.ts";
import { openImage } from "#src/formats/reference/openImage.ts";
import { compareGains } from "#src/math/compareGains.ts";
import { orientReference } from "#src/math/orientReference.ts";
import { samePose } from "#src/math/pose.ts";
import { testBackends } from "#src/testing/backends.ts";
import { sharedPath } from "#src/testing/sharedData.ts";
import { orientGain } from "./orientGain.ts";
import { readReference } from "./readReference.ts";

const folder = sharedPath("data/movies/apoferritin-gain") ?? "";

/** 768 × 640, a measured flat field as gain, the reference in a pose that the movie alone tells. */
describe.skipIf(folder === "")("pose of a measured reference", () => {
  let backend: ComputeBackend;
  beforeAll(async () => {
    backend = await testBackends[0].open();
  });
  afterAll(() => backend.dispose());
  const source = (name: string) => memorySource(name, readFileSync(join(folder, name)));

  // 24 frames: z 93, one frame: 19 (gain recipe §6).
  it.each([
    { frames: 24, least: 80 },
    { frames: 1, least: 14 },
  ])("is found confidently from $frames frames", async ({ frames, least }) => {
    const movie = await openMovie(source("movie.mrcs"));
    const reference = await readReference(source("gain_reference.mrc"));
    const frameIndices = Array.from({ length: frames }, (_, i) => i);
    const { best, confident } = await orientGain([movie], reference, { backend }, { frameIndices });
    expect(confident).toBe(true);
    expect(best?.score).toBeGreaterThan(least);
    // The pose is right when the reference then is the inverse of the true G.
    const truth = await openImage(source("gain_true.mrc"));
    const bad = Uint8Array.from(truth.pixels, (g) => (g > 0 ? 0 : 1));
    const values = truth.pixels.map((g) => (g > 0 ? 1 / g : 0));
    expect(best).not.toBeNull();
    expect(samePose(best!, { rotation90: 1, flip: "left-right" })).toBe(true);
    expect(best!.inverted).toBe(false);
    const oriented = orientReference(reference, best!);
    const { r2, slope } = compareGains(
      { values: oriented.correction, bad: oriented.bad },
      { values, bad },
    );
    expect(r2).toBeGreaterThan(0.95);
    expect(Math.abs(slope - 1)).toBeLessThan(0.05);
  });
});
