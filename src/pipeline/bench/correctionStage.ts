import type { EncodedFrame, MovieReader } from "#src/domain/movie.ts";
import { createRandom } from "#src/math/random.ts";
import { simulateMotion } from "#src/simulation/simulatedMotion.ts";
import { correctMovie } from "../correctMovie.ts";
import { secondsOf } from "./benchStage.ts";
import type { BenchStage } from "./benchStage.ts";

/** A large camera's frame, and how many of them are timed. */
const SIDE = 4096;
const FRAMES = 4;

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

/** Cubic B-splines along a field that bends, summed; the prefilter of the sum included. */
export const correctionStage: BenchStage = {
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
