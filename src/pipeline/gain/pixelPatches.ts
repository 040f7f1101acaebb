import { previousFastSize } from "#src/math/fft.ts";
import type { SplitPatch } from "#src/math/pixelSignal.ts";
import type { Float32Pixels, PixelArray } from "#src/domain/movie.ts";

/** Runs of frames that the movie is summed in: few, so that each has counts. */
const RUNS = 4;
/** Side of a patch, px, and the least that is worth a look. */
const SIDE = 256;
/** Patches across and down, at the most. */
const ACROSS = 4;
const LEAST_SIDE = 128;

/** Patches of a movie summed in runs of frames while it is read, for `measurePixelSignal`. */
export interface PixelPatches {
  /** Frame at `position` among the frames used. */
  add(pixels: PixelArray, position: number): void;
  /** @param correction of the reference in use, or null; @param bad 1 = bad, of the whole picture */
  finish(correction: Float32Pixels | null, bad: Uint8Array): SplitPatch[];
}

/** Starts of the cuts of `side` along `length`: as many as fit, evenly spread. */
function starts(length: number, side: number): number[] {
  const count = Math.max(1, Math.min(ACROSS, Math.floor(length / side)));
  const gap = (length - count * side) / count;
  return Array.from({ length: count }, (_, i) => Math.floor(gap / 2 + i * (side + gap)));
}

/** @returns null where there are too few frames or pixels */
export function createPixelPatches(
  width: number,
  height: number,
  frames: number,
): PixelPatches | null {
  if (frames < 2 || Math.min(width, height) < LEAST_SIDE) return null;
  const runs = Math.min(RUNS, frames);
  const w = previousFastSize(Math.min(SIDE, width), { even: true });
  const h = previousFastSize(Math.min(SIDE, height), { even: true });
  const patches = starts(height, h).flatMap((y0) =>
    starts(width, w).map((x0) => ({
      x0,
      y0,
      sums: Array.from({ length: runs }, () => new Float32Array(w * h)),
    })),
  );

  return {
    add(pixels, position) {
      const run = Math.floor((position * runs) / frames);
      for (const { x0, y0, sums } of patches)
        for (let y = 0, to = 0; y < h; y++) {
          const from = (y0 + y) * width + x0;
          for (let i = from; i < from + w; i++, to++) sums[run][to] += pixels[i];
        }
    },
    finish: (correction, bad) =>
      patches.map(({ x0, y0, sums }) => {
        const places = new Int32Array(w * h);
        for (let y = 0, i = 0; y < h; y++)
          for (let x = 0; x < w; x++, i++) places[i] = (y0 + y) * width + x0 + x;
        return { width: w, height: h, runs: sums.map((s) => relative(s, places, correction, bad)) };
      }),
  };
}

/** Counts over their mean over good pixels, less 1; 0 at bad pixels and where nothing was recorded. */
function relative(
  sum: Float32Array,
  places: Int32Array,
  correction: Float32Pixels | null,
  bad: Uint8Array,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(sum.length);
  let total = 0;
  let count = 0;
  for (let i = 0; i < out.length; i++) {
    const at = places[i];
    if (bad[at] !== 0) continue;
    out[i] = correction === null ? sum[i] : sum[i] * correction[at];
    total += out[i];
    count++;
  }
  const mean = total / count;
  for (let i = 0; i < out.length; i++)
    out[i] = bad[places[i]] !== 0 || !(mean > 0) ? 0 : out[i] / mean - 1;
  return out;
}
