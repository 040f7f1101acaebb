import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ComputeBackend } from "#src/compute/backend.ts";
import { samePose } from "#src/math/pose.ts";
import { BOARD_POSES } from "#src/math/poseDecision.ts";
import { createSimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import { testBackends } from "#src/testing/backends.ts";
import { orientGain } from "./orientGain.ts";

/** Simulated movies of a specimen that moves, with dead and hot pixels. */
describe("orientation of simulated movies", () => {
  let backend: ComputeBackend;
  beforeAll(async () => {
    backend = await testBackends[0].open();
  });
  afterAll(() => backend.dispose());

  // Expected evidence at 1 count: 0.9 · 0.03 · √(320²) = 8.6 standard errors (gain recipe §6).
  it.each([
    { counts: 24, gain: "lines", at: 3 },
    { counts: 5, gain: "tiles", at: 4 },
    { counts: 1, gain: "lines", at: 6 },
    { counts: 1, gain: "tiles", at: 1 },
  ] as const)("is certain at $counts counts with gain $gain", async ({ counts, gain, at }) => {
    const pose = BOARD_POSES[at];
    const inverted = at % 2 === 1;
    const movie = createSimulatedMovie({
      width: 320,
      height: 320,
      frames: 10,
      electronsPerFrame: counts / 10,
      gain,
      seed: 5 + counts,
      referencePose: { ...pose, inverted },
    });
    const reference = { name: "reference.mrc", ...movie.reference(), bad: null };
    const { best, confident } = await orientGain([movie.reader("movie.mrcs")], reference, {
      backend,
    });
    expect(confident).toBe(true);
    expect(best !== null && samePose(best, pose)).toBe(true);
    expect(best?.inverted).toBe(inverted);
  });
});
