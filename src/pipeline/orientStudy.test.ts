import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ComputeBackend } from "#src/compute/backend.ts";
import { bin2 } from "#src/math/gainPattern.ts";
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

  // A reference of half the size: the movie is binned, pixels are averaged, half of the evidence is left,
  // 0.9 · 0.03 · 512 · √counts / 2 (docs/adr/0073); of twice the size: all of it.
  it.each([
    { counts: 5, kind: "half", at: 2 },
    { counts: 2, kind: "half", at: 5 },
    { counts: 2, kind: "double", at: 7 },
    { counts: 1, kind: "double", at: 3 },
  ] as const)("is certain at $counts counts with a reference of $kind size", async (given) => {
    const side = 512;
    const pose = BOARD_POSES[given.at];
    const movie = createSimulatedMovie({
      width: side,
      height: side,
      frames: 4,
      electronsPerFrame: given.counts / 4,
      gain: "tiles",
      seed: 70 + given.at,
      driftPx: 4,
      referencePose: { ...pose, inverted: false },
    });
    const whole = movie.reference();
    const values =
      given.kind === "half"
        ? bin2(whole.values, whole.width, whole.height).data
        : Float32Array.from({ length: 4 * side * side }, (_, i) => {
            const [x, y] = [i % (2 * side), Math.floor(i / (2 * side))];
            return whole.values[(y >> 1) * side + (x >> 1)];
          });
    const size = given.kind === "half" ? side / 2 : 2 * side;
    const { best, confident, findings } = await orientGain(
      [movie.reader("movie.mrcs")],
      { name: "reference.mrc", values, width: size, height: size, bad: null },
      { backend },
    );
    expect(confident).toBe(true);
    expect(best !== null && samePose(best, pose) && !best.inverted).toBe(true);
    expect(findings.join(" ")).toContain("binned by 2");
  });
});
