import { CryoloupeError } from "#src/domain/errors.ts";

/**
 * Sizes and low-pass filter of Xmipp FlexAlign (Střelák et al. 2020; the program's source, 3.25.06):
 * frames are reduced by cutting their spectra so that the reduced image's Nyquist frequency lies at four sd
 * of the Gaussian, whose amplitude is one half at the maximum resolution.
 */

/** sd of a Gaussian amplitude that is ½ at frequency 1: √(1/(2 ln 2)). */
export const HALF_AMPLITUDE_SIGMA = Math.sqrt(1 / (2 * Math.LN2));

/** Side of the reduced image over that of the frame: Ts·8c/maxRes, below 1. */
export function reductionFactor(pixelSizeA: number, maxResolutionA: number): number {
  const factor = (pixelSizeA * 8 * HALF_AMPLITUDE_SIGMA) / maxResolutionA;
  if (!(factor > 0 && factor < 1)) {
    const least = Math.ceil(pixelSizeA * 8 * HALF_AMPLITUDE_SIGMA * 10) / 10;
    throw new CryoloupeError(
      "bad-arguments",
      `FlexAlign reduces frames to pixels of an eighth of ${(maxResolutionA / HALF_AMPLITUDE_SIGMA).toFixed(1)} Å; at ${pixelSizeA} Å/px its maximum resolution has to be above ${least.toFixed(1)} Å, not ${maxResolutionA} Å. Raise the maximum resolution, or use the default estimator.`,
      { step: "align" },
    );
  }
  return factor;
}

/** Whether n has no prime factor above 7. */
function isSmooth(n: number): boolean {
  let m = n;
  for (const p of [2, 3, 5, 7]) while (m % p === 0) m /= p;
  return m === 1;
}

/** The smallest even size from `least` on whose prime factors are 2, 3, 5 and 7. */
export function transformSize(least: number): number {
  let n = Math.max(2, 2 * Math.ceil(least / 2));
  while (!isSmooth(n)) n += 2;
  return n;
}

/** Sizes of a correlation: of the image that is cut out of the frame, and of its reduced transform. */
export interface ReducedSize {
  readonly width: number;
  readonly height: number;
  readonly reducedWidth: number;
  readonly reducedHeight: number;
}

/** Reduced size as the CPU program has it: floor(size·factor). */
export function exactReduction(width: number, height: number, factor: number): ReducedSize {
  const reduced = (n: number): number => Math.max(1, Math.floor(n * factor));
  return { width, height, reducedWidth: reduced(width), reducedHeight: reduced(height) };
}

/** Reduced size as the GPU program has it: even, quick to transform, not below size·factor. */
export function quickReduction(width: number, height: number, factor: number): ReducedSize {
  const reduced = (n: number): number => Math.min(n, transformSize(n * factor));
  return { width, height, reducedWidth: reduced(width), reducedHeight: reduced(height) };
}

/**
 * FlexAlign's low-pass filter L(w) = exp(−w²/2σ²) for a half spectrum, `[height, floor(width/2) + 1]`, w
 * in cycles per reduced px: a profile of `width` samples at x/width, linear in between.
 * @param sigma  c·(reduced px in Å)/maxRes; 1/8 where the factor is met exactly
 * @param withoutAxes  also 0 where kx = 0 or ky = 0 (the GPU program: no mean, no stripes along the axes)
 */
export function correlationFilter(
  width: number,
  height: number,
  sigma: number,
  withoutAxes: boolean,
): Float32Array<ArrayBuffer> {
  const profile = Float64Array.from({ length: width + 1 }, (_, x) =>
    Math.exp(-((x / width) ** 2) / (2 * sigma * sigma)),
  );
  const columns = Math.floor(width / 2) + 1;
  const out = new Float32Array(columns * height);
  for (let j = 0; j < height; j++) {
    const fy = (2 * j > height ? j - height : j) / height;
    for (let i = 0; i < columns; i++) {
      if (withoutAxes && (i === 0 || j === 0)) continue;
      const place = Math.hypot(i / width, fy) * width;
      const k = Math.min(width - 1, Math.floor(place));
      // Beyond the profile (images much higher than wide) the amplitude is far below rounding.
      const f = Math.min(1, place - k);
      out[j * columns + i] = profile[k] + f * (profile[k + 1] - profile[k]);
    }
  }
  return out;
}
