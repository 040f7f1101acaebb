import { maskedGaussianFilter } from "./gaussianFilter.ts";
import { median } from "./orderStatistics.ts";

/**
 * The pixel pattern of a detector, made comparable between a movie and a reference: what the pose search
 * correlates (gain recipe §6). Specimen, background, rows and columns are taken out on both sides.
 */
export interface GainPattern {
  readonly width: number;
  readonly height: number;
  /** `[height, width]`, 0 at bad pixels. */
  readonly pattern: Float32Array<ArrayBuffer>;
  readonly good: Uint8Array<ArrayBuffer>;
}

const HIGH_PASS_SIGMA = 1.5;
const SCENE_SIGMA = 4;
const CLIP_SD = 4;
/** Median absolute deviation of a normal distribution to its standard deviation. */
const MAD_TO_SD = 1.4826;

/** High pass (σ 1.5 px), minus row means, minus column means, clipped at 4 robust sd; bad pixels 0. */
export function gainPattern(
  image: Float32Array,
  good: Uint8Array<ArrayBuffer>,
  width: number,
  height: number,
): GainPattern {
  const smooth = maskedGaussianFilter(image, good, width, height, HIGH_PASS_SIGMA);
  const r = new Float32Array(image.length);
  for (let i = 0; i < r.length; i++) r[i] = good[i] !== 0 ? image[i] - smooth[i] : 0;
  // Column means first (mean over y), then row means, as the prototype does.
  const sums = new Float64Array(width);
  const counts = new Float64Array(width);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      sums[x] += r[i];
      counts[x] += good[i];
    }
  for (let x = 0; x < width; x++) sums[x] /= Math.max(counts[x], 1);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    let sum = 0;
    let count = 0;
    for (let x = 0; x < width; x++)
      if (good[row + x] !== 0) {
        r[row + x] -= sums[x];
        sum += r[row + x];
        count++;
      }
    const mean = sum / Math.max(count, 1);
    for (let x = 0; x < width; x++) if (good[row + x] !== 0) r[row + x] -= mean;
  }
  const limit = CLIP_SD * MAD_TO_SD * median(r.map(Math.abs), good);
  if (limit > 0)
    for (let i = 0; i < r.length; i++)
      if (r[i] > limit) r[i] = limit;
      else if (r[i] < -limit) r[i] = -limit;
  return { width, height, pattern: r, good };
}

/**
 * Pattern of a movie from the plain sum of its raw frames: relative to its own Gaussian mean (σ 4 px),
 * linear. Good pixels hold a plausible count for Poisson statistics around the median.
 * @param sum Σ R_t, `[height, width]`, recorded units
 * @param unitsPerElectron recorded units of one electron
 */
export function moviePattern(
  sum: Float32Array,
  width: number,
  height: number,
  unitsPerElectron: number,
): GainPattern {
  const electrons = sum.map((v) => v / unitsPerElectron);
  const lambda = median(electrons);
  const noise = Math.sqrt(Math.max(lambda, 0));
  const low = Math.min(0.3 * lambda, Math.max(0, lambda - 5.5 * noise) * 0.5);
  const high = Math.max(lambda + 8 * noise + 8, 3 * lambda);
  const good = new Uint8Array(sum.length);
  for (let i = 0; i < good.length; i++) {
    const v = electrons[i];
    good[i] = v >= low && v <= high && (v > 0 || lambda < 12) ? 1 : 0;
  }
  const scene = maskedGaussianFilter(electrons, good, width, height, SCENE_SIGMA);
  const floor = 0.05 * lambda;
  for (let i = 0; i < electrons.length; i++)
    electrons[i] = good[i] !== 0 ? electrons[i] / Math.max(scene[i], floor, 1e-12) : 1;
  return gainPattern(electrons, good, width, height);
}

/** Pixels of a reference that can be used: finite, and between 0.05 and 20 times the median. */
export function usableReference(
  reference: Float32Array,
  bad?: Uint8Array,
): { good: Uint8Array<ArrayBuffer>; median: number } {
  const good = new Uint8Array(reference.length);
  for (let i = 0; i < good.length; i++)
    good[i] = Number.isFinite(reference[i]) && reference[i] > 0 && bad?.[i] !== 1 ? 1 : 0;
  const middle = median(reference, good);
  for (let i = 0; i < good.length; i++)
    if (good[i] !== 0 && !(reference[i] > 0.05 * middle && reference[i] < 20 * middle)) good[i] = 0;
  return { good, median: middle };
}

/** Mean of 2 × 2 blocks; an odd last row or column is left out. */
export function bin2(
  image: Float32Array,
  width: number,
  height: number,
): { data: Float32Array<ArrayBuffer>; width: number; height: number } {
  const w = width >> 1;
  const h = height >> 1;
  const data = new Float32Array(w * h);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      const i = 2 * y * width + 2 * x;
      data[y * w + x] = (image[i] + image[i + 1] + image[i + width] + image[i + width + 1]) / 4;
    }
  return { data, width: w, height: h };
}
