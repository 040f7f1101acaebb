import type { ImageStatistics } from "#src/domain/preprocess.ts";

/**
 * Mean, population standard deviation (÷ N) and range of an image, in double, in two passes so that a
 * large mean costs no digits. NaN rule: a NaN anywhere makes mean and std NaN; the caller repairs
 * non-finite pixels first ({@link ./badPixels.ts}).
 */
export function imageStatistics(pixels: ArrayLike<number>): ImageStatistics {
  const n = pixels.length;
  let sum = 0;
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < n; i++) {
    const x = pixels[i];
    sum += x;
    if (x < min) min = x;
    if (x > max) max = x;
  }
  const mean = sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const d = pixels[i] - mean;
    squares += d * d;
  }
  return { mean, std: min === max ? 0 : Math.sqrt(squares / n), min, max };
}
