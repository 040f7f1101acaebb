import type { PoseCandidate, PoseTile } from "#src/domain/orientation.ts";
import type { PixelArray } from "#src/domain/movie.ts";
import { usableReference } from "./gainPattern.ts";
import { posedSize, poseStrides } from "./pose.ts";

/** Longer side of a tile, px: twice what the board shows, for dense displays. */
const TILE_SIDE = 240;
/** Pixels of a block that are averaged: few, so that lines and columns stay visible. */
const SAMPLES = 4;

interface Sampled {
  readonly width: number;
  readonly height: number;
}

/**
 * Small pictures of a movie's average as corrected in each pose, on one scale of contrast over all
 * of them: a wrong pose leaves its lattice, the right one takes it away.
 * @param average `[height, width]`, any scale
 * @returns one tile for each candidate, null where the pose has another shape than the movie
 */
export function poseTiles(
  average: Sampled & { readonly data: PixelArray },
  reference: Sampled & {
    readonly values: Float32Array;
    readonly bad: Uint8Array<ArrayBuffer> | null;
  },
  candidates: readonly PoseCandidate[],
): (PoseTile | null)[] {
  const { good, median } = usableReference(reference.values, reference.bad ?? undefined);
  const step = Math.max(1, Math.max(average.width, average.height) / TILE_SIDE);
  const columns = Math.max(1, Math.floor(average.width / step));
  const rows = Math.max(1, Math.floor(average.height / step));
  const pictures = candidates.map((candidate) => {
    const posed = posedSize(reference.width, reference.height, candidate);
    // A reference of twice or half the size is looked up at the place that it belongs to.
    const scale = posed.width / average.width;
    if (Math.abs(posed.height - scale * average.height) > 1 || ![0.5, 1, 2].includes(scale))
      return null;
    const { origin, stepX, stepY } = poseStrides(reference.width, reference.height, candidate);
    const out = new Float32Array(columns * rows);
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        let sum = 0;
        let count = 0;
        for (let j = 0; j < SAMPLES; j++)
          for (let i = 0; i < SAMPLES; i++) {
            const x = Math.min(average.width - 1, Math.floor(c * step) + i);
            const y = Math.min(average.height - 1, Math.floor(r * step) + j);
            const at = origin + Math.floor(scale * y) * stepY + Math.floor(scale * x) * stepX;
            if (good[at] === 0) continue;
            const c0 = reference.values[at] / median;
            sum += average.data[y * average.width + x] * (candidate.inverted ? 1 / c0 : c0);
            count++;
          }
        out[r * columns + c] = count > 0 ? sum / count : 0;
      }
    return out;
  });
  const { low, high } = sharedLimits(pictures.filter((p) => p !== null));
  const scale = high > low ? 255 / (high - low) : 0;
  return pictures.map((p) =>
    p === null
      ? null
      : {
          columns,
          rows,
          grey: Uint8Array.from(p, (v) => Math.max(0, Math.min(255, (v - low) * scale))),
        },
  );
}

/** Mean ± 2.5 s.d. over all tiles: the same grey means the same value everywhere on the board. */
function sharedLimits(pictures: readonly Float32Array[]): { low: number; high: number } {
  let n = 0;
  let sum = 0;
  let squares = 0;
  for (const picture of pictures)
    for (const v of picture) {
      n++;
      sum += v;
      squares += v * v;
    }
  const mean = n > 0 ? sum / n : 0;
  const deviation = n > 0 ? Math.sqrt(Math.max(0, squares / n - mean * mean)) : 0;
  return { low: mean - 2.5 * deviation, high: mean + 2.5 * deviation };
}
