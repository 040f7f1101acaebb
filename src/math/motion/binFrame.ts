import type { Float32Pixels, PixelArray } from "#src/domain/movie.ts";
import { createFastBinning } from "../wasm/binKernel.ts";
import type { FastBinning } from "../wasm/binKernel.ts";
import type { FastRows } from "../wasm/rowKernels.ts";

/**
 * Bringing a frame down to the size at which motion is measured (alignment recipe, step 1): box mean by
 * b/2, then halving with eight even taps, so that little above the new Nyquist frequency is folded back.
 * The response is not divided out: it cancels in the weights.
 */

/** Taps of the halving filter: sinc(0.42(n − 3.5)) · Kaiser(β = 3), sum 1. */
export const HALVING_TAPS: readonly number[] = halvingTaps();

function besselI0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; k < 30; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function halvingTaps(): number[] {
  const taps = Array.from({ length: 8 }, (_, n) => {
    const x = 0.42 * (n - 3.5) * Math.PI;
    const ratio = (n - 3.5) / 3.5;
    return (Math.sin(x) / x) * (besselI0(3 * Math.sqrt(1 - ratio * ratio)) / besselI0(3));
  });
  const sum = taps.reduce((a, b) => a + b, 0);
  return taps.map((t) => t / sum);
}

/** Side of a square image of about the size at which motion is measured, px. */
const TARGET_SIDE = 1448;

/**
 * Binning at which motion is measured: 2^⌈log2(√(W·H)/1448)⌉, at least 1; not coarser than
 * `maxResolutionA/(2.5·pixelSizeA)` where a resolution is asked for.
 */
export function chooseBinning(
  width: number,
  height: number,
  pixelSizeA: number | null = null,
  maxResolutionA: number | null = null,
): number {
  let b = 2 ** Math.max(0, Math.ceil(Math.log2(Math.sqrt(width * height) / TARGET_SIDE)));
  if (maxResolutionA !== null)
    while (b > 1 && b > maxResolutionA / (2.5 * (pixelSizeA ?? 1))) b /= 2;
  return b;
}

export interface BinningPlan {
  readonly width: number;
  readonly height: number;
  /** 1 or a power of two. */
  readonly binning: number;
  readonly binnedWidth: number;
  readonly binnedHeight: number;
  /** Multiplicative correction C, or null. */
  readonly correction: Float32Pixels | null;
  readonly dark: Float32Pixels | null;
  /** Indices of bad pixels, ascending: they take the mean of the good pixels in 5 × 5. */
  readonly badPixels: Int32Array<ArrayBuffer>;
}

export function planBinning(
  width: number,
  height: number,
  binning: number,
  correction: Float32Pixels | null,
  dark: Float32Pixels | null,
  bad: Uint8Array | null,
): BinningPlan {
  const list: number[] = [];
  if (bad !== null) for (let i = 0; i < bad.length; i++) if (bad[i] !== 0) list.push(i);
  return {
    width,
    height,
    binning,
    binnedWidth: Math.floor(width / binning),
    binnedHeight: Math.floor(height / binning),
    correction,
    dark,
    badPixels: Int32Array.from(list),
  };
}

/** Values a pixel of one frame may have: beyond them it is a stray hit. */
export interface PlausibleRange {
  readonly low: number;
  readonly high: number;
  readonly mean: number;
}

/** Range of plausible values from about 50 000 pixels: mean ± 30 sd (twice trimmed), at least ± 10 units. */
export function plausibleRange(raw: PixelArray, plan: BinningPlan): PlausibleRange {
  const { correction, dark } = plan;
  const step = Math.max(1, Math.floor(raw.length / 50_021)) | 1;
  const values: number[] = [];
  let unit = Infinity;
  for (let i = 0; i < raw.length; i += step) {
    const c = correction === null ? 1 : correction[i];
    const v = (raw[i] - (dark === null ? 0 : dark[i])) * c;
    if (!Number.isFinite(v) || !(c > 0)) continue;
    values.push(v);
    if (v > 0 && v < unit) unit = v;
  }
  let low = -Infinity;
  let high = Infinity;
  let mean = 0;
  let sd = 0;
  for (let round = 0; round < 3; round++) {
    let n = 0;
    let sum = 0;
    let square = 0;
    for (const v of values)
      if (v >= low && v <= high) {
        n++;
        sum += v;
        square += v * v;
      }
    if (n === 0) break;
    mean = sum / n;
    sd = Math.sqrt(Math.max(0, square / n - mean * mean));
    low = mean - 12 * sd;
    high = mean + 12 * sd;
  }
  const reach = Math.max(30 * sd, Number.isFinite(unit) ? 10 * unit : 0);
  return { low: mean - reach, high: mean + reach, mean };
}

/**
 * Bins frames of one plan; keeps its work space and the sum over frames.
 * Frames `[height, width]` in, `[binnedHeight, binnedWidth]` out, mean 0. NaN and stray hits are repaired
 * as bad pixels are.
 */
export class FrameBinner {
  /** Σ over frames of the corrected, not yet repaired pixels, clipped to what is plausible; `[height, width]`. */
  readonly sum: Float32Pixels;
  frames = 0;
  /** In how many frames a pixel was no plausible value and had to be repaired. */
  readonly strays = new Map<number, number>();
  private readonly row: Float32Array;
  /** Sum of the rows of a box. */
  private readonly stacked: Float32Array;
  private readonly boxed: Float32Array;
  private readonly boxWidth: number;
  private readonly boxHeight: number;
  private readonly halved: Float32Array;
  /** Kernels; null where they cannot run, or where nothing is binned. */
  private readonly fast: FastBinning | null;

  readonly plan: BinningPlan;

  constructor(plan: BinningPlan) {
    this.plan = plan;
    const { width, height, binning } = plan;
    const box = Math.max(1, binning / 2);
    this.boxWidth = Math.floor(width / box);
    this.boxHeight = Math.floor(height / box);
    this.sum = new Float32Array(width * height);
    this.row = new Float32Array(width);
    this.stacked = new Float32Array(width);
    this.boxed = new Float32Array(this.boxWidth + 8);
    this.fast = createFastBinning({ ...plan, taps: HALVING_TAPS.slice(0, 4) });
    const slow = binning > 1 && this.fast === null;
    this.halved = new Float32Array(slow ? this.boxHeight * plan.binnedWidth : 0);
  }

  bin(raw: PixelArray): Float32Pixels {
    const { plan } = this;
    const fast = this.fast?.rows ?? null;
    const row = fast?.row ?? this.row;
    const source = { frame: raw, gain: plan.correction, width: plan.width };
    const { width, height, binning, binnedWidth, binnedHeight, badPixels } = plan;
    const out = new Float32Array(this.fast === null ? binnedWidth * binnedHeight : 0);
    const range = plausibleRange(raw, plan);
    const box = Math.max(1, binning / 2);
    let nextBad = 0;
    this.frames++;
    for (let y = 0; y < height; y++) {
      if (fast !== null && plan.dark === null) fast.convert(source, y);
      else this.correctRow(raw, y, row);
      if (fast?.within(range.low, range.high) !== true) this.repairRow(raw, y, row, range);
      this.addToSum(y, row, fast);
      while (nextBad < badPixels.length && badPixels[nextBad] < (y + 1) * width) {
        const x = badPixels[nextBad] - y * width;
        row[x] = this.neighbourMean(raw, x, y, range);
        nextBad++;
      }
      if (this.fast !== null) this.fast.addRow(y);
      else if (binning === 1) out.set(row, y * width);
      else if (y < this.boxHeight * box) this.addRow(y, box, row);
    }
    if (this.fast !== null) return this.fast.finish();
    if (binning > 1) halveColumns(this.halved, binnedWidth, this.boxHeight, out, binnedHeight);
    subtractMean(out);
    return out;
  }

  /** Gain and dark on a row. */
  private correctRow(raw: PixelArray, y: number, row: Float32Array): void {
    const { width, correction, dark } = this.plan;
    const start = y * width;
    if (correction === null && dark === null)
      for (let x = 0; x < width; x++) row[x] = raw[start + x];
    else if (dark === null && correction !== null)
      for (let x = 0; x < width; x++) row[x] = raw[start + x] * correction[start + x];
    else
      for (let x = 0; x < width; x++)
        row[x] =
          (raw[start + x] - (dark === null ? 0 : dark[start + x])) *
          (correction === null ? 1 : correction[start + x]);
  }

  /** Repairs what is not plausible. */
  private repairRow(raw: PixelArray, y: number, row: Float32Array, range: PlausibleRange): void {
    const { low, high } = range;
    const { width } = this.plan;
    for (let x = 0; x < width; x++) {
      if (row[x] >= low && row[x] <= high) continue;
      row[x] = this.neighbourMean(raw, x, y, range);
      const at = y * width + x;
      this.strays.set(at, (this.strays.get(at) ?? 0) + 1);
    }
  }

  private addToSum(y: number, row: Float32Array, fast: FastRows | null): void {
    const { sum } = this;
    const start = y * this.plan.width;
    if (fast !== null) fast.addTo(sum, start);
    else for (let x = 0; x < row.length; x++) sum[start + x] += row[x];
  }

  /** Mean of the good, plausible pixels in 5 × 5 about a bad one; the frame's mean where there are none. */
  private neighbourMean(raw: PixelArray, x: number, y: number, range: PlausibleRange): number {
    const { width, height, correction, dark, badPixels } = this.plan;
    let n = 0;
    let total = 0;
    for (let j = Math.max(0, y - 2); j <= Math.min(height - 1, y + 2); j++)
      for (let i = Math.max(0, x - 2); i <= Math.min(width - 1, x + 2); i++) {
        const at = j * width + i;
        if ((i === x && j === y) || isListed(badPixels, at)) continue;
        const v =
          (raw[at] - (dark === null ? 0 : dark[at])) * (correction === null ? 1 : correction[at]);
        if (v >= range.low && v <= range.high) {
          n++;
          total += v;
        }
      }
    return n > 0 ? total / n : range.mean;
  }

  /** Adds a row to those of its box; a full box is summed and halved along x. */
  private addRow(y: number, box: number, row: Float32Array): void {
    const { stacked, boxed, boxWidth } = this;
    if (y % box === 0) stacked.set(row);
    else for (let x = 0; x < row.length; x++) stacked[x] += row[x];
    if (y % box < box - 1) return;
    const scale = 1 / (box * box);
    if (box === 2)
      for (let i = 0, x = 0; i < boxWidth; i++, x += 2)
        boxed[i + 3] = (stacked[x] + stacked[x + 1]) * scale;
    else
      for (let i = 0, x = 0; i < boxWidth; i++) {
        let v = 0;
        for (let k = 0; k < box; k++) v += stacked[x++];
        boxed[i + 3] = v * scale;
      }
    halveLine(
      boxed,
      boxWidth,
      this.halved,
      ((y / box) | 0) * this.plan.binnedWidth,
      this.plan.binnedWidth,
    );
  }
}

function isListed(sorted: Int32Array, value: number): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low < sorted.length && sorted[low] === value;
}

function subtractMean(image: Float32Array): void {
  let sum = 0;
  for (const v of image) sum += v;
  const mean = sum / image.length;
  for (let i = 0; i < image.length; i++) image[i] -= mean;
}

/** Index inside 0…n−1, mirrored about the end samples. */
function mirrored(i: number, n: number): number {
  if (n === 1) return 0;
  const period = 2 * n - 2;
  const k = ((i % period) + period) % period;
  return k < n ? k : period - k;
}

/** Halves a line that lies at `line[3 … 3 + n − 1]`; the three samples before and five after are overwritten. */
function halveLine(
  line: Float32Array,
  n: number,
  out: Float32Array,
  at: number,
  count: number,
): void {
  for (let k = 1; k <= 3; k++) line[3 - k] = line[3 + mirrored(-k, n)];
  for (let k = 0; k < 5; k++) line[3 + n + k] = line[3 + mirrored(n + k, n)];
  const [a, b, c, d] = HALVING_TAPS;
  for (let i = 0, k = 0; i < count; i++, k += 2)
    out[at + i] =
      a * (line[k] + line[k + 7]) +
      b * (line[k + 1] + line[k + 6]) +
      c * (line[k + 2] + line[k + 5]) +
      d * (line[k + 3] + line[k + 4]);
}

/** Halves the columns of `image` `[height, width]` into `out` `[count, width]`. */
function halveColumns(
  image: Float32Array,
  width: number,
  height: number,
  out: Float32Array,
  count: number,
): void {
  const [a, b, c, d] = HALVING_TAPS;
  for (let j = 0; j < count; j++) {
    const rows = Array.from({ length: 8 }, (_, k) => mirrored(2 * j + k - 3, height) * width);
    const [r0, r1, r2, r3, r4, r5, r6, r7] = rows;
    const at = j * width;
    for (let x = 0; x < width; x++)
      out[at + x] =
        a * (image[r0 + x] + image[r7 + x]) +
        b * (image[r1 + x] + image[r6 + x]) +
        c * (image[r2 + x] + image[r5 + x]) +
        d * (image[r3 + x] + image[r4 + x]);
  }
}

/** Bins an image by the same filter as frames, without correction; the mean is kept. */
export function binImage(
  image: Float32Pixels,
  width: number,
  height: number,
  binning: number,
): Float32Pixels {
  if (binning === 1) return image.slice();
  const plan = planBinning(width, height, binning, null, null, null);
  const box = binning / 2;
  const boxWidth = Math.floor(width / box);
  const boxHeight = Math.floor(height / box);
  const line = new Float32Array(boxWidth + 8);
  const halved = new Float32Array(boxHeight * plan.binnedWidth);
  for (let j = 0; j < boxHeight; j++) {
    for (let i = 0; i < boxWidth; i++) {
      let v = 0;
      for (let y = j * box; y < (j + 1) * box; y++)
        for (let x = i * box; x < (i + 1) * box; x++) v += image[y * width + x];
      line[i + 3] = v / (box * box);
    }
    halveLine(line, boxWidth, halved, j * plan.binnedWidth, plan.binnedWidth);
  }
  const out = new Float32Array(plan.binnedWidth * plan.binnedHeight);
  halveColumns(halved, plan.binnedWidth, boxHeight, out, plan.binnedHeight);
  return out;
}
