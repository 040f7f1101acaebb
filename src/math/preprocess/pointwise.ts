import type { Float32Pixels } from "#src/domain/movie.ts";
import type { ImageStatistics } from "#src/domain/preprocess.ts";

/** y = scale·x + offset, in place, computed in double. */
export function scaleAndOffset(pixels: Float32Pixels, scale: number, offset: number): void {
  for (let i = 0; i < pixels.length; i++) pixels[i] = scale * pixels[i] + offset;
}

/** y = −x, in place. */
export function invertContrast(pixels: Float32Pixels): void {
  for (let i = 0; i < pixels.length; i++) pixels[i] = -pixels[i];
}

/**
 * Scale and offset of (x − mean)/std (population std of the whole image; Xmipp's `OldXmipp`). A constant
 * image, for which Xmipp writes NaN, becomes 0. Values whose spread is rounding only count as constant.
 */
export function normalization({ mean, std, min, max }: ImageStatistics): {
  readonly scale: number;
  readonly offset: number;
} {
  const rounding = 2e-8 * Math.max(Math.abs(min), Math.abs(max));
  return std > rounding ? { scale: 1 / std, offset: -mean / std } : { scale: 0, offset: 0 };
}
