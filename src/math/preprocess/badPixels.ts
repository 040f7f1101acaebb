import type { Float32Pixels } from "#src/domain/movie.ts";
import { imageStatistics } from "./imageStatistics.ts";

/** Limits beyond which a pixel is bad; both infinite where nothing can be (a constant image). */
export interface OutlierLimits {
  readonly low: number;
  readonly high: number;
}

/** mean ± stddev·s, population standard deviation s of the whole image. */
export function outlierLimits(
  { mean, std }: { readonly mean: number; readonly std: number },
  stddev: number,
): OutlierLimits {
  if (!(std > 0) || !(stddev > 0)) return { low: -Infinity, high: Infinity };
  return { low: mean - stddev * std, high: mean + stddev * std };
}

/** Indices, in raster order, of the pixels strictly outside the limits. */
export function findOutliers(pixels: Float32Pixels, { low, high }: OutlierLimits): number[] {
  const found: number[] = [];
  for (let i = 0; i < pixels.length; i++) if (pixels[i] < low || pixels[i] > high) found.push(i);
  return found;
}

/** Indices of NaN and infinite pixels, in raster order. */
export function findNonFinite(pixels: Float32Pixels): number[] {
  const found: number[] = [];
  for (let i = 0; i < pixels.length; i++) if (!Number.isFinite(pixels[i])) found.push(i);
  return found;
}

/** Half the width of the window that repairs a pixel: 5 × 5. */
export const REPAIR_REACH = 2;

/** What the repair reads and writes: the image itself, or a few windows fetched from the device. */
export interface PixelAccess {
  get(x: number, y: number): number;
  set(x: number, y: number, value: number): void;
}

/**
 * Replaces bad pixels by the median of the good ones among their 5 × 5 neighbours (clipped at the
 * border; an even count takes the mean of the two middle values), in raster order; a repaired pixel counts
 * as good at once, as in Xmipp's `removeBadPixels`. Pixels without a good neighbour wait for the next
 * sweep. Statistics are those from before the repair.
 * @param bad indices y·width + x in raster order
 * @returns   how many could not be repaired (only when every pixel is bad)
 */
export function repairPixels(
  image: PixelAccess,
  width: number,
  height: number,
  bad: readonly number[],
): number {
  const isBad = new Set(bad);
  const good = new Float64Array(24);
  let waiting = bad;
  while (waiting.length > 0) {
    const left: number[] = [];
    for (const index of waiting) {
      const x = index % width;
      const y = (index - x) / width;
      let count = 0;
      const y1 = Math.min(height - 1, y + REPAIR_REACH);
      const x1 = Math.min(width - 1, x + REPAIR_REACH);
      for (let v = Math.max(0, y - REPAIR_REACH); v <= y1; v++)
        for (let u = Math.max(0, x - REPAIR_REACH); u <= x1; u++)
          if (!isBad.has(v * width + u)) insertSorted(good, count++, image.get(u, v));
      if (count === 0) {
        left.push(index);
        continue;
      }
      const half = count >> 1;
      image.set(x, y, count % 2 === 1 ? good[half] : (good[half - 1] + good[half]) / 2);
      isBad.delete(index);
    }
    if (left.length === waiting.length) return left.length;
    waiting = left;
  }
  return 0;
}

function insertSorted(values: Float64Array, count: number, value: number): void {
  let at = count;
  while (at > 0 && values[at - 1] > value) {
    values[at] = values[at - 1];
    at--;
  }
  values[at] = value;
}

/** Access to pixels in memory, [height, width]. */
export function accessTo(pixels: Float32Pixels, width: number): PixelAccess {
  return {
    get: (x, y) => pixels[y * width + x],
    set: (x, y, value) => {
      pixels[y * width + x] = value;
    },
  };
}

/** Finds and repairs outliers in place; returns how many were bad. Pixels must be finite. */
export function removeBadPixels(
  pixels: Float32Pixels,
  width: number,
  height: number,
  stddev: number,
): number {
  const bad = findOutliers(pixels, outlierLimits(imageStatistics(pixels), stddev));
  repairPixels(accessTo(pixels, width), width, height, bad);
  return bad.length;
}

/** Repairs NaN and infinite pixels in place; returns how many there were and how many are left. */
export function repairNonFinite(
  pixels: Float32Pixels,
  width: number,
  height: number,
): { readonly found: number; readonly left: number } {
  const bad = findNonFinite(pixels);
  return { found: bad.length, left: repairPixels(accessTo(pixels, width), width, height, bad) };
}
