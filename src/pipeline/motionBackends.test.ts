import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { defaultMotionOptions } from "#src/domain/motion.ts";
import type { MotionEstimate, MotionField, MotionOptions } from "#src/domain/motion.ts";
import type { MovieReader } from "#src/domain/movie.ts";
import { memorySource } from "#src/formats/memorySource.ts";
import { openMovie } from "#src/formats/openMovie.ts";
import { createFieldEvaluator } from "#src/math/motionField.ts";
import { motionErrorPx } from "#src/simulation/score.ts";
import { createSimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import { motionBackends } from "#src/testing/backends.ts";
import { sharedPath } from "#src/testing/sharedData.ts";
import { estimateMotion } from "./estimateMotion.ts";
import type { MotionCorrections } from "./estimateMotion.ts";

async function onBoth(
  movie: MovieReader,
  corrections: MotionCorrections,
  given: Partial<MotionOptions>,
): Promise<MotionEstimate[]> {
  const { frames, pixelSizeA } = movie.header;
  const options = { ...defaultMotionOptions(frames, pixelSizeA), ...given };
  const estimates: MotionEstimate[] = [];
  for (const { open } of motionBackends) {
    const backend = await open();
    estimates.push(await estimateMotion(movie, corrections, options, { backend }));
    await backend.dispose();
  }
  return estimates;
}

/** Largest difference between two fields anywhere at any time, px. */
function largestDifference(a: MotionField, b: MotionField): number {
  const [first, second] = [createFieldEvaluator(a), createFieldEvaluator(b)];
  const [u, v] = [
    { x: 0, y: 0 },
    { x: 0, y: 0 },
  ];
  let largest = 0;
  for (let t = 0; t < a.frameIndices.length; t++)
    for (let j = 0; j <= 8; j++)
      for (let i = 0; i <= 8; i++) {
        first.displacement(t, (i / 8) * a.width, (j / 8) * a.height, u);
        second.displacement(t, (i / 8) * a.width, (j / 8) * a.height, v);
        largest = Math.max(largest, Math.hypot(u.x - v.x, u.y - v.y));
      }
  return largest;
}

/** px: sums in single precision instead of double move the result by about 1e-6 px; a flipped choice, by more. */
const SAME = 1e-3;
/** ms: a software adapter on a busy machine. */
const PATIENCE = 180_000;

describe("motion on the CPU and on WebGPU", () => {
  it(
    "is the same for a simulated movie with gain, bad pixels and local motion",
    async () => {
      const movie = createSimulatedMovie({
        ...{ width: 208, height: 188, frames: 7, electronsPerFrame: 6, driftPx: 5, localPx: 2 },
        ...{ gain: "lines", deadPixels: 6, hotPixels: 6, seed: 31 },
      });
      const reader = movie.reader("both.mrcs", { keep: true });
      const [cpu, gpu] = await onBoth(reader, { gain: movie.truth.gain, dark: null }, {});
      expect(cpu.field.local).not.toBeNull();
      expect(largestDifference(cpu.field, gpu.field)).toBeLessThan(SAME);
      expect(gpu.chosen).toEqual(cpu.chosen);
      expect(motionErrorPx(gpu.field, movie.truth.motion)).toBeLessThan(0.15);
    },
    PATIENCE,
  );

  const file = sharedPath("reference/align/movie.mrcs");
  it.skipIf(file === null)(
    "is the same for the reference movie",
    async () => {
      const bytes = Uint8Array.from(readFileSync(file!));
      const reader = await openMovie(memorySource("movie.mrcs", bytes));
      const [cpu, gpu] = await onBoth(
        reader,
        { gain: null, dark: null },
        { lastFrame: 5, patches: { x: 4, y: 4 } },
      );
      expect(cpu.field.local).not.toBeNull();
      expect(largestDifference(cpu.field, gpu.field)).toBeLessThan(SAME);
    },
    PATIENCE,
  );
});
