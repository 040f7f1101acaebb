import type { PixelArray } from "#src/domain/movie.ts";
import type { PictureSummary, Profiles } from "#src/domain/picture.ts";

interface Image {
  readonly width: number;
  readonly height: number;
  readonly data: PixelArray;
  readonly bad?: Uint8Array<ArrayBuffer>;
}

const SAMPLES = 1 << 17;
const BINS = 160;

/** Value at quantile `q` of ascending values, linear between neighbours (numpy's default). */
export function quantileOfSorted(sorted: ArrayLike<number>, q: number): number {
  const last = sorted.length - 1;
  if (last < 0) return 0;
  const place = q * last;
  const below = Math.floor(place);
  const above = Math.min(last, below + 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/**
 * Moments over all good, finite pixels; percentiles and histogram over every k-th of them, k such that
 * at most about 2¹⁷ are sorted.
 * @param image  `[height, width]`
 */
export function summarize(image: Image): PictureSummary {
  const { data, bad, width, height } = image;
  const n = data.length;
  // A stride that shares no factor with the width visits all columns.
  let stride = Math.max(1, Math.ceil(n / SAMPLES));
  while (stride > 1 && width % stride === 0) stride++;
  let count = 0;
  let sum = 0;
  let squares = 0;
  let min = Infinity;
  let max = -Infinity;
  let integer = true;
  let badPixels = 0;
  const shift = n > 0 && Number.isFinite(data[0]) ? data[0] : 0;
  // Single precision sorts faster; whole numbers of 32 bits need double.
  const room = Math.ceil(n / stride);
  const sample = data instanceof Float32Array ? new Float32Array(room) : new Float64Array(room);
  let taken = 0;
  for (let i = 0; i < n; i++) {
    const value = data[i];
    if ((bad !== undefined && bad[i] !== 0) || !Number.isFinite(value)) {
      badPixels++;
      continue;
    }
    const d = value - shift;
    count++;
    sum += d;
    squares += d * d;
    if (value < min) min = value;
    if (value > max) max = value;
    if (integer && value !== Math.floor(value)) integer = false;
    if (i % stride === 0) sample[taken++] = value;
  }
  const sorted = sample.subarray(0, taken).sort();
  const mean = count > 0 ? sum / count : 0;
  const from = quantileOfSorted(sorted, 0.0005);
  const to = quantileOfSorted(sorted, 0.9995);
  return {
    width,
    height,
    min: count > 0 ? min : 0,
    max: count > 0 ? max : 0,
    mean: mean + shift,
    std: count > 0 ? Math.sqrt(Math.max(0, squares / count - mean * mean)) : 0,
    low: quantileOfSorted(sorted, 0.005),
    high: quantileOfSorted(sorted, 0.995),
    histogram: binSorted(sorted, from, to, integer),
    badPixels,
    integer,
  };
}

/** Enough for greys: a share of 0.5 % is known to a tenth of itself. */
const FEW_SAMPLES = 1 << 15;

/**
 * {@link summarize} of finite pixels without a mask whose moments are known: percentiles and histogram from every
 * k-th of them, at most about 2¹⁵. For pictures that are replaced many times a second.
 * @param image  `[height, width]`
 */
export function summarizeQuickly(
  { data, width, height }: Image,
  { mean, std, min, max }: Pick<PictureSummary, "mean" | "std" | "min" | "max">,
): PictureSummary {
  let stride = Math.max(1, Math.ceil(data.length / FEW_SAMPLES));
  while (stride > 1 && width % stride === 0) stride++;
  const sample = new Float32Array(Math.ceil(data.length / stride));
  for (let i = 0, at = 0; i < data.length; i += stride) sample[at++] = data[i];
  sample.sort();
  return {
    ...{ width, height, min, max, mean, std },
    low: quantileOfSorted(sample, 0.005),
    high: quantileOfSorted(sample, 0.995),
    histogram: binSorted(
      sample,
      quantileOfSorted(sample, 0.0005),
      quantileOfSorted(sample, 0.9995),
      false,
    ),
    badPixels: 0,
    integer: false,
  };
}

/** Histogram of ascending values; integers get bins of whole width so that no comb appears. */
function binSorted(
  sorted: Float32Array | Float64Array,
  low: number,
  high: number,
  integer: boolean,
): PictureSummary["histogram"] {
  const span = high > low ? high - low : Math.max(1e-6, Math.abs(low) * 1e-3);
  const width = integer ? Math.max(1, Math.ceil((span + 1) / BINS)) : span / BINS;
  const from = integer ? Math.floor(low) - 0.5 : low;
  const bins = Math.max(1, Math.min(BINS, Math.ceil((high - from) / width)));
  const counts = new Array<number>(bins).fill(0);
  for (const value of sorted) {
    const bin = Math.floor((value - from) / width);
    if (bin >= 0 && bin < bins) counts[bin]++;
  }
  return { from, to: from + bins * width, counts };
}

/** Means of columns and rows over good pixels, summed in double; NaN for a line without any. */
export function lineProfiles(image: Image): Profiles {
  const { data, bad, width, height } = image;
  const columns = new Float64Array(width);
  const rows = new Float64Array(height);
  const counts = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    let sum = 0;
    let good = 0;
    for (let x = 0, i = y * width; x < width; x++, i++) {
      if (bad !== undefined && bad[i] !== 0) continue;
      sum += data[i];
      good++;
      columns[x] += data[i];
      counts[x]++;
    }
    rows[y] = good > 0 ? sum / good : NaN;
  }
  for (let x = 0; x < width; x++) columns[x] = counts[x] > 0 ? columns[x] / counts[x] : NaN;
  return { columns, rows };
}
