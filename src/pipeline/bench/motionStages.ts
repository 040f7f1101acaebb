import { FrameSpectrum } from "#src/math/motion/frameSpectrum.ts";
import { globalMapGrid } from "#src/math/motion/globalSpectra.ts";
import { createRandom } from "#src/math/random.ts";
import { secondsOf } from "./benchStage.ts";
import type { BenchResult, BenchStage } from "./benchStage.ts";

/** Side of a 4k sensor's frames as motion is measured. */
const BINNED = 1024;

/** Noise that repeats after an odd number of pixels. */
function noise(length: number, seed: number): Float32Array<ArrayBuffer> {
  const random = createRandom(seed);
  const row = Float32Array.from({ length: 16381 }, () => random.normal());
  const out = new Float32Array(length);
  for (let at = 0; at < length; at += row.length)
    out.set(row.subarray(0, Math.min(row.length, length - at)), at);
  return out;
}

const figures = (name: string, seconds: number, pixels: number): BenchResult => ({
  ...{ name, seconds, bytes: 4 * pixels, megapixels: pixels / 1e6 },
});

const WHOLE = 12;

/** One round of the global search. */
const wholeStage: BenchStage = {
  name: `Correlation of ${WHOLE} whole frames of ${BINNED} × ${BINNED}`,
  async run(_request, { backend, signal }) {
    const { shape } = new FrameSpectrum(BINNED, BINNED);
    const plane = (2 * shape.ky + 1) * (shape.kx + 1);
    const spectra = Array.from({ length: WHOLE }, (_, t) => ({
      re: noise(plane, 2 * t + 1),
      im: noise(plane, 2 * t + 2),
    }));
    const correlation = await backend.motion.openSpectra(shape, spectra);
    const request = {
      shifts: Float64Array.from(noise(2 * WHOLE, 99)),
      weight: new Float32Array(plane).fill(1),
      ...{ base: null, kind: "others" as const, grid: globalMapGrid(shape, 60) },
    };
    try {
      await correlation.correlate(request, signal);
      const seconds = await secondsOf(() => correlation.correlate(request, signal));
      return [figures(this.name, seconds, WHOLE * BINNED * BINNED)];
    } finally {
      correlation.close();
    }
  },
};

const FRAMES = 8;
const SIDE = 128;
const GRID = 6;

/** Joint Wiener estimate in patches at half overlap; the movie is with the backend already. */
const patternStage: BenchStage = {
  name: `Pattern at rest in ${GRID * GRID} patches of ${SIDE} × ${SIDE} × ${FRAMES} frames`,
  async run(_request, { backend, signal }) {
    const movie = Array.from({ length: FRAMES }, (_, t) => noise(BINNED * BINNED, t + 1));
    const correlation = await backend.motion.openPatches(BINNED, BINNED, movie, 40);
    const places = Array.from({ length: GRID * GRID }, (_, i) => ({
      x: (i % GRID) * (SIDE / 2),
      y: Math.floor(i / GRID) * (SIDE / 2),
      displacement: Float64Array.from(noise(2 * FRAMES, i + 1)),
    }));
    const ratio = new Float64Array(SIDE / 4 + 1).fill(FRAMES + 1);
    const estimate = () => correlation.restPattern(SIDE, places, ratio, ratio, signal);
    try {
      await estimate();
      const seconds = await secondsOf(estimate);
      return [figures(this.name, seconds, GRID * GRID * SIDE * SIDE * FRAMES)];
    } finally {
      correlation.close();
    }
  },
};

/** Parts of the estimation of motion; the same data on every machine. */
export const motionStages: readonly BenchStage[] = [wholeStage, patternStage];
