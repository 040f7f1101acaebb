import type { PixelArray } from "#src/domain/movie.ts";
import { quantiles } from "./orderStatistics.ts";

/**
 * Recorded units per electron as one pair of neighbouring frames shows it: Poisson noise has
 * variance = mean · units, so `u = mean((a/μa − b/μb)²) / (1/μa + 1/μb)`. Motion between the frames only
 * raises it (gain recipe §2.1).
 * @param good 1 = counts, `[height, width]`; null = all pixels
 * @returns NaN for a blank frame
 */
export function pairUnits(a: PixelArray, b: PixelArray, good: Uint8Array | null): number {
  let sumA = 0;
  let sumB = 0;
  let n = 0;
  for (let i = 0; i < a.length; i++)
    if (good === null || good[i] !== 0) {
      sumA += a[i];
      sumB += b[i];
      n++;
    }
  const [meanA, meanB] = [sumA / n, sumB / n];
  if (!(meanA > 0 && meanB > 0)) return NaN;
  let squares = 0;
  for (let i = 0; i < a.length; i++)
    if (good === null || good[i] !== 0) {
      const d = a[i] / meanA - b[i] / meanB;
      squares += d * d;
    }
  return squares / n / (1 / meanA + 1 / meanB);
}

/** Units per electron over pairs: the 20th percentile, since motion and drift only raise a pair's value. */
export function unitsOfPairs(values: readonly number[]): number {
  const known = Float32Array.from(values.filter((v) => Number.isFinite(v) && v > 0));
  return known.length > 0 ? quantiles(known, [0.2])[0] : 1;
}
