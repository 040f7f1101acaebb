import { normalQuantile } from "./normalQuantile.ts";

/** Fewer frames tell nothing of how a pixel changes over time. */
export const LEAST_FRAMES = 8;
/** Reach of the neighbourhood, px: a square of 9 × 9. */
const REACH = 4;

/** Sums over the frames of a movie of r = R_t/μ_t, μ_t the frame's mean; `[height, width]`. */
export interface TimeSums {
  /** Σ r, Σ r² and the largest r. */
  readonly sum: Float32Array;
  readonly squares: Float32Array;
  readonly largest: Float32Array;
  readonly frames: number;
  /** Electrons per pixel of a frame, mean. */
  readonly electronsPerFrame: number;
}

/**
 * Dispersion over its neighbourhood's that a good pixel exceeds with probability `p`: variance over mean of
 * n Poisson counts of mean λ has the cumulants of Σ(R − λ)²/λ, i.e. variance (2 + 1/λ)/n and third central
 * moment (8 + 22/λ + 1/λ²)/n²; the quantile is that of the gamma distribution with these (Wilson and
 * Hilferty). Leaving the largest count out only lowers it.
 */
export function dispersionLimit(p: number, frames: number, electronsPerFrame: number): number {
  const n = Math.max(1, frames - 2);
  const inverse = 1 / electronsPerFrame;
  const deviation = Math.sqrt((2 + inverse) / n);
  const skewness = (8 + 22 * inverse + inverse ** 2) / n ** 2 / deviation ** 3;
  const shape = 4 / skewness ** 2;
  const z = normalQuantile(Math.min(0.4, p));
  const cube = (1 - 1 / (9 * shape) + z / (3 * Math.sqrt(shape))) ** 3;
  return 1 + deviation * Math.sqrt(shape) * (cube - 1);
}

/**
 * Pixels that are noisy over time, as telegraph noise makes them: their dispersion, variance over mean of
 * the frames without the largest of them (a single hit by an X-ray is no defect), exceeds what their 9 × 9
 * neighbours have on the average, specimen that moves through included, by more than
 * {@link dispersionLimit} of `falseAlarms` good pixels in the whole image.
 * @param skip  not 0: known to be bad already
 * @returns 1 = noisy; all 0 for movies of fewer than 8 frames
 */
export function noisyPixels(
  { sum, squares, largest, frames, electronsPerFrame }: TimeSums,
  skip: Uint8Array,
  width: number,
  height: number,
  falseAlarms: number,
): Uint8Array<ArrayBuffer> {
  const n = width * height;
  const noisy = new Uint8Array(n);
  if (frames < LEAST_FRAMES || !(electronsPerFrame > 0)) return noisy;
  const limit = dispersionLimit(falseAlarms / n, frames, electronsPerFrame);
  const left = frames - 1;
  const dispersion = new Float32Array(n);
  let [total, counted] = [0, 0];
  for (let i = 0; i < n; i++) {
    if (skip[i] !== 0) continue;
    const s = sum[i] - largest[i];
    if (!(s > 0)) continue;
    const variance = (squares[i] - largest[i] ** 2 - (s * s) / left) / (left - 1);
    dispersion[i] = Math.max(0, (variance * left) / s);
    total += dispersion[i];
    counted++;
  }
  if (counted === 0) return noisy;
  const level = total / counted;
  const suspects: number[] = [];
  for (let i = 0; i < n; i++) if (dispersion[i] > 0.5 * limit * level) suspects.push(i);
  const isSuspect = new Uint8Array(n);
  for (const i of suspects) isSuspect[i] = 1;
  for (const i of suspects) {
    const x = i % width;
    const y = Math.floor(i / width);
    let [around, count] = [0, 0];
    for (let v = Math.max(0, y - REACH); v <= Math.min(height - 1, y + REACH); v++)
      for (let u = Math.max(0, x - REACH); u <= Math.min(width - 1, x + REACH); u++) {
        const k = v * width + u;
        if (skip[k] !== 0 || isSuspect[k] !== 0) continue;
        around += dispersion[k];
        count++;
      }
    // A neighbourhood quieter than the image is chance: 80 pixels know their mean to a tenth only.
    const expected = Math.max(level, count > 0 ? around / count : 0);
    if (dispersion[i] > limit * expected) noisy[i] = 1;
  }
  return noisy;
}
