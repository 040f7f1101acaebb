import type { Float32Pixels } from "#src/domain/movie.ts";

/** Outliers of the time mean, beyond this many sd of (mean − 3 × 3 median). */
const LIMIT_SD = 8;

const window9 = new Float64Array(9);

/** Median of 3 × 3, the image mirrored beyond its edges (scipy "reflect"). */
function median3(image: Float32Array, width: number, height: number, x: number, y: number): number {
  let n = 0;
  for (let j = -1; j <= 1; j++) {
    const row = Math.min(height - 1, Math.max(0, y + j)) * width;
    for (let i = -1; i <= 1; i++) {
      const v = image[row + Math.min(width - 1, Math.max(0, x + i))];
      let k = n++;
      while (k > 0 && window9[k - 1] > v) {
        window9[k] = window9[k - 1];
        k--;
      }
      window9[k] = v;
    }
  }
  return window9[4];
}

export interface HotPixels {
  /** Indices of pixels that stand out in the time mean. */
  readonly indices: Int32Array<ArrayBuffer>;
  /** By how much, against the good pixels in 5 × 5 (time mean). */
  readonly excess: Float32Pixels;
}

/**
 * Pixels of the time mean `[height, width]` more than 8 sd off their 3 × 3 median; the sd is taken
 * over about 200 000 good pixels, trimmed at 6 sd. Known bad pixels (`bad`, ascending) are left out.
 */
export function findHotPixels(
  mean: Float32Array,
  width: number,
  height: number,
  bad: Int32Array,
): HotPixels {
  const isBad = new Uint8Array(mean.length);
  for (const i of bad) isBad[i] = 1;
  const step = Math.max(1, Math.floor(mean.length / 200_003)) | 1;
  const differences: number[] = [];
  for (let i = 0; i < mean.length; i += step)
    if (isBad[i] === 0)
      differences.push(mean[i] - median3(mean, width, height, i % width, (i / width) | 0));
  const sdOf = (limit: number): number => {
    let n = 0;
    let sum = 0;
    let square = 0;
    for (const d of differences)
      if (Math.abs(d) < limit) {
        n++;
        sum += d;
        square += d * d;
      }
    return n === 0 ? 0 : Math.sqrt(Math.max(0, square / n - (sum / n) ** 2));
  };
  const limit = LIMIT_SD * sdOf(6 * sdOf(Infinity));
  const hot: number[] = [];
  if (limit > 0)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        // At least four of eight neighbours lie beyond the median: one of any five shows it.
        const i = y * width + x;
        const v = mean[i];
        const up = y > 0 ? i - width : i + width < mean.length ? i + width : i;
        const left = x > 0 ? 1 : 0;
        const right = x + 1 < width ? 1 : 0;
        if (
          !(Math.abs(v - mean[i - left]) > limit) &&
          !(Math.abs(v - mean[i + right]) > limit) &&
          !(Math.abs(v - mean[up]) > limit) &&
          !(Math.abs(v - mean[up - left]) > limit) &&
          !(Math.abs(v - mean[up + right]) > limit)
        )
          continue;
        if (isBad[i] === 0 && Math.abs(v - median3(mean, width, height, x, y)) > limit) hot.push(i);
      }
  for (const i of hot) isBad[i] = 1;
  const excess = Float32Array.from(hot, (i) => {
    const x = i % width;
    const y = (i / width) | 0;
    let n = 0;
    let sum = 0;
    for (let b = Math.max(0, y - 2); b <= Math.min(height - 1, y + 2); b++)
      for (let a = Math.max(0, x - 2); a <= Math.min(width - 1, x + 2); a++)
        if (isBad[b * width + a] === 0) {
          n++;
          sum += mean[b * width + a];
        }
    return n > 0 ? mean[i] - sum / n : 0;
  });
  return { indices: Int32Array.from(hot), excess };
}
