import type { EncodedFrame, MovieReader } from "#src/domain/movie.ts";
import { planBinning } from "#src/math/motion/binFrame.ts";
import { createRandom } from "#src/math/random.ts";
import { simulateMotion } from "#src/simulation/simulatedMotion.ts";
import { correctMovie } from "../correctMovie.ts";
import { secondsOf } from "./benchStage.ts";
import type { BenchStage } from "./benchStage.ts";

/** A large camera's frame, and how many of them are timed. */
const SIDE = 4096;
const FRAMES = 4;
const BINNING = 4;

/** Electrons of a counting camera, the same row pattern in every frame. */
function countedFrame(index: number): EncodedFrame {
  const random = createRandom(7 + index);
  const row = Uint8Array.from({ length: 65_521 }, () => random.poisson(1));
  const pixels = new Uint8Array(SIDE * SIDE);
  for (let at = 0; at < pixels.length; at += row.length)
    pixels.set(row.subarray(0, Math.min(row.length, pixels.length - at)), at);
  return {
    codec: "plain",
    file: "bench",
    width: SIDE,
    height: SIDE,
    pixelType: "uint8",
    parts: [pixels],
    parameters: { stored: "uint8", littleEndian: true },
  };
}

/** Decoded, multiplied by a gain, stray hits repaired, averaged down, low frequencies taken. */
const binStage: BenchStage = {
  name: `Gain, repair and binning of ${FRAMES} frames of ${SIDE} × ${SIDE} uint8 for motion`,
  async run(_request, { backend, signal }) {
    const plan = planBinning(SIDE, SIDE, BINNING, new Float32Array(SIDE ** 2).fill(1), null, null);
    const preparation = await backend.motion.openPreparation(plan);
    try {
      await preparation.add(countedFrame(0), signal);
      const frames = Array.from({ length: FRAMES }, (_, i) => countedFrame(i));
      const seconds = await secondsOf(() =>
        Promise.all(frames.map((frame) => preparation.add(frame, signal))),
      );
      const bytes = FRAMES * SIDE ** 2;
      return [{ name: this.name, seconds, bytes, megapixels: bytes / 1e6 }];
    } finally {
      preparation.close();
    }
  },
};

const PATCH = { side: 64, kept: 31, radius: 8, count: 49, frames: 16, size: 512 } as const;

/** Each frame of each patch against the sum of the others, as surfaces of displacements. */
const patchStage: BenchStage = {
  name: `Correlation of ${PATCH.count} patches of ${PATCH.side} × ${PATCH.side} × ${PATCH.frames} frames`,
  async run(_request, { backend, signal }) {
    const { side, kept, radius, count, frames, size } = PATCH;
    const random = createRandom(3);
    const movie = Array.from({ length: frames }, () =>
      Float32Array.from({ length: size * size }, () => random.normal()),
    );
    const patches = await backend.motion.openPatches(size, size, movie, 40);
    try {
      const across = Math.sqrt(count);
      const step = Math.floor((size - side) / (across - 1));
      const request = {
        side,
        kept,
        radius,
        weight: new Float32Array((2 * kept + 1) * (kept + 1)).fill(1),
        patches: Array.from({ length: count }, (_, i) => ({
          x: (i % across) * step,
          y: Math.floor(i / across) * step,
          displacement: new Float64Array(2 * frames),
        })),
      };
      await patches.surfaces(request, signal);
      const seconds = await secondsOf(() => patches.surfaces(request, signal));
      const pixels = count * frames * side ** 2;
      return [{ name: this.name, seconds, bytes: 4 * pixels, megapixels: pixels / 1e6 }];
    } finally {
      patches.close();
    }
  },
};

/** Cubic B-splines along a field that bends, summed; the prefilter of the sum included. */
const warpStage: BenchStage = {
  name: `Interpolation and sum of ${FRAMES} frames of ${SIDE} × ${SIDE} uint8`,
  async run(_request, context) {
    const field = simulateMotion({
      width: SIDE,
      height: SIDE,
      frames: FRAMES,
      seed: 1,
      movieIndex: 0,
      driftPx: 8,
      jitterPx: 0.2,
      localPx: 3,
      jerky: false,
    });
    const reader: MovieReader = {
      name: "bench",
      size: FRAMES * SIDE ** 2,
      header: {
        format: "memory",
        width: SIDE,
        height: SIDE,
        frames: FRAMES,
        pixelType: "uint8",
        pixelSizeA: 1,
        pixelSizeSource: "bench",
        dosePerFrame: null,
        unitsPerElectron: null,
        warnings: [],
        fields: [],
      },
      readEncoded: (index) => Promise.resolve(countedFrame(index)),
      close: () => Promise.resolve(),
    };
    const correct = (sumFrames: readonly number[]) =>
      correctMovie(
        {
          reader,
          field,
          options: {
            sumFrames,
            result: "sum",
            binning: 1,
            exposure: null,
            evenOdd: false,
            unaligned: false,
          },
          correction: null,
          dark: null,
          bad: new Uint8Array(SIDE ** 2),
        },
        context,
      );
    await correct([0]);
    const seconds = await secondsOf(() => correct(field.frameIndices));
    const bytes = FRAMES * SIDE ** 2;
    return [{ name: this.name, seconds, bytes, megapixels: bytes / 1e6 }];
  },
};

/** What motion correction is made of; the same data on every machine. */
export const motionPrimitives: readonly BenchStage[] = [binStage, patchStage, warpStage];
