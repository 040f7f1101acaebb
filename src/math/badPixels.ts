import { deadPixels } from "./deadPixels.ts";
import { LEAST_FRAMES, noisyPixels } from "./noisyPixels.ts";
import type { TimeSums } from "./noisyPixels.ts";
import { normalQuantile } from "./normalQuantile.ts";
import { median } from "./orderStatistics.ts";
import type { BadPixelSummary } from "#src/domain/gainEstimate.ts";

/** Why a pixel is bad; flags add up. */
export const BAD_PIXEL = { dead: 1, hot: 2, line: 4, reference: 8, noisy: 16 } as const;

/** Expected number of good pixels of one image that are taken for hot ones; for noisy ones as many. */
export const FALSE_ALARMS = 0.01;
/** A hot pixel records more than this times what its neighbourhood does: no gain is that far off. */
const HOT_RATIO = 2;
/** Reach of the neighbourhood, px: a square of 9 × 9. */
const NEIGHBOURHOOD = 4;
/** Side of the blocks that candidates stand out from, px. */
const BLOCK = 2 * NEIGHBOURHOOD;
/** Share of flagged pixels from which a whole row or column is bad. */
const LINE_SHARE = 0.5;
const MAD_TO_SD = 1.4826;

/**
 * Bad pixels of a detector from the sum of a movie's frames: dead ones ({@link deadPixels}), hot ones (more
 * than twice their neighbourhood and beyond the Anscombe z that {@link FALSE_ALARMS} good pixels of such an
 * image would reach, scaled by the robust spread of single pixels, so that a gain's own pattern is no alarm), rows and
 * columns of which more than half is flagged, and the reference's.
 * @param sum Σ R_t, `[height, width]`, recorded units
 * @param reference 1 = bad in the reference; null = none
 * @param overTime for pixels that are noisy over time ({@link noisyPixels}); null = not known
 */
export function findBadPixels(
  sum: Float32Array,
  width: number,
  height: number,
  unitsPerElectron: number,
  reference: Uint8Array | null,
  overTime: TimeSums | null = null,
): { flags: Uint8Array<ArrayBuffer>; summary: BadPixelSummary } {
  const n = width * height;
  const flags = new Uint8Array(n);
  const dead = deadPixels(sum, unitsPerElectron);
  const electrons = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    if (dead[i] !== 0) flags[i] = BAD_PIXEL.dead;
    else electrons[i] = sum[i] / unitsPerElectron;
    if (reference !== null && reference[i] !== 0) flags[i] |= BAD_PIXEL.reference;
  }
  flagHot(electrons, flags, width, height);
  const timed = overTime !== null && overTime.frames >= LEAST_FRAMES;
  if (timed) {
    const noisy = noisyPixels(overTime, flags, width, height, FALSE_ALARMS);
    for (let i = 0; i < n; i++) if (noisy[i] !== 0) flags[i] |= BAD_PIXEL.noisy;
  }
  const { rows, columns } = flagLines(flags, width, height);
  const count = { dead: 0, hot: 0, noisy: 0, reference: 0 };
  for (let i = 0; i < n; i++) {
    const flag = flags[i];
    if (flag === 0) continue;
    if ((flag & BAD_PIXEL.dead) !== 0) count.dead++;
    if ((flag & BAD_PIXEL.hot) !== 0) count.hot++;
    if ((flag & BAD_PIXEL.noisy) !== 0) count.noisy++;
    if ((flag & BAD_PIXEL.reference) !== 0) count.reference++;
  }
  return {
    flags,
    summary: {
      ...count,
      noisy: timed ? count.noisy : null,
      rows,
      columns,
      falseAlarms: timed ? 2 * FALSE_ALARMS : FALSE_ALARMS,
    },
  };
}

/**
 * Candidates stand out from the mean of their block; each is then held against the good pixels around it.
 * Only candidates are looked at closely, so that this costs one walk over the image.
 */
function flagHot(
  electrons: Float32Array<ArrayBuffer>,
  flags: Uint8Array<ArrayBuffer>,
  width: number,
  height: number,
): void {
  const threshold =
    normalQuantile(Math.min(0.4, FALSE_ALARMS / flags.length)) * spreadOf(electrons, flags, width);
  const { means, across } = blockMeans(electrons, flags, width, height);
  // Below this many electrons not even a neighbourhood that recorded nothing would make a pixel hot.
  const least = ((threshold + anscombe(0)) / 2) ** 2 - 0.375;
  const suspect = new Uint8Array(flags.length);
  const candidates: number[] = [];
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.floor(y / BLOCK) * across;
    for (let x = 0, b = row; x < width; b++) {
      // A hot pixel raises its own block's mean by less than its excess over 64.
      const limit = 1.5 * means[b];
      for (const end = Math.min(width, x + BLOCK); x < end; x++, i++)
        if (electrons[i] > limit && flags[i] === 0) {
          suspect[i] = 1;
          if (electrons[i] > least) candidates.push(i);
        }
    }
  }
  for (const i of candidates) {
    const x = i % width;
    const y = Math.floor(i / width);
    let sum = 0;
    let count = 0;
    for (let v = Math.max(0, y - NEIGHBOURHOOD); v <= Math.min(height - 1, y + NEIGHBOURHOOD); v++)
      for (
        let u = Math.max(0, x - NEIGHBOURHOOD);
        u <= Math.min(width - 1, x + NEIGHBOURHOOD);
        u++
      ) {
        const k = v * width + u;
        if (flags[k] === 0 && suspect[k] === 0) {
          sum += electrons[k];
          count++;
        }
      }
    if (count === 0) continue;
    const expected = sum / count;
    if (
      electrons[i] > HOT_RATIO * expected &&
      anscombe(electrons[i]) - anscombe(expected) > threshold
    )
      suspect[i] = 2;
  }
  for (const i of candidates) if (suspect[i] === 2) flags[i] |= BAD_PIXEL.hot;
}

/** 2√(n + ⅜): a Poisson count with unit variance. */
const anscombe = (electrons: number): number => 2 * Math.sqrt(Math.max(0, electrons) + 0.375);

/** Robust spread of single pixels in Anscombe units, at least 1, from neighbours in rows. */
function spreadOf(electrons: Float32Array, flags: Uint8Array, width: number): number {
  const stride = Math.max(1, Math.floor(electrons.length / 500_000));
  const differences: number[] = [];
  for (let i = 0; i + 1 < electrons.length; i += stride)
    if ((i + 1) % width !== 0 && flags[i] === 0 && flags[i + 1] === 0)
      differences.push(Math.abs(anscombe(electrons[i]) - anscombe(electrons[i + 1])));
  if (differences.length === 0) return 1;
  return Math.max(1, (MAD_TO_SD * median(Float32Array.from(differences))) / Math.SQRT2);
}

/** Means over the good pixels of blocks, row by row of `across` blocks. */
function blockMeans(
  electrons: Float32Array,
  flags: Uint8Array,
  width: number,
  height: number,
): { means: Float64Array; across: number } {
  const across = Math.ceil(width / BLOCK);
  const means = new Float64Array(across * Math.ceil(height / BLOCK));
  const counts = new Float64Array(means.length);
  for (let y = 0, i = 0; y < height; y++) {
    let b = Math.floor(y / BLOCK) * across;
    for (let x = 0; x < width; b++) {
      let sum = 0;
      let count = 0;
      for (const end = Math.min(width, x + BLOCK); x < end; x++, i++)
        if (flags[i] === 0) {
          sum += electrons[i];
          count++;
        }
      means[b] += sum;
      counts[b] += count;
    }
  }
  for (let b = 0; b < means.length; b++) means[b] /= Math.max(1, counts[b]);
  return { means, across };
}

/** Rows and columns that are mostly flagged become bad as a whole. */
function flagLines(
  flags: Uint8Array,
  width: number,
  height: number,
): { rows: number[]; columns: number[] } {
  const inRow = new Float64Array(height);
  const inColumn = new Float64Array(width);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++)
      if (flags[i] !== 0) {
        inRow[y]++;
        inColumn[x]++;
      }
  const mostly = (counts: Float64Array, length: number): number[] =>
    [...counts.keys()].filter((k) => counts[k] > LINE_SHARE * length);
  const rows = mostly(inRow, width);
  const columns = mostly(inColumn, height);
  // An image that is bad for its greater part has no bad lines: it is blank.
  if (rows.length > height / 2 || columns.length > width / 2) return { rows: [], columns: [] };
  for (const y of rows) for (let x = 0; x < width; x++) flags[y * width + x] |= BAD_PIXEL.line;
  for (const x of columns) for (let y = 0; y < height; y++) flags[y * width + x] |= BAD_PIXEL.line;
  return { rows, columns };
}
