import { CryoloupeError } from "#src/domain/errors.ts";
import { laneFft } from "./laneFft.ts";

/** Storage of images and spectra; arithmetic is in double precision for both. */
export type RealArray = Float32Array | Float64Array;

/** Where the transforms of a batch lie in an interleaved array; all in complex numbers. */
export interface BatchLayout {
  /** First sample of the first transform. Default 0. */
  readonly offset?: number;
  /** From one sample of a transform to its next. Default 1. */
  readonly stride?: number;
  /** Number of transforms. Default 1. */
  readonly batch?: number;
  /** From one transform to the next. Default n·stride. */
  readonly batchStride?: number;
}

/** Complex 1-D FFT of one length, in place on interleaved re/im. */
export interface Fft {
  readonly n: number;
  /** X[k] = Σ_j x[j] e^{−2πi·jk/n}; unnormalised. */
  forward(data: RealArray, layout?: BatchLayout): void;
  /** x[j] = 1/n Σ_k X[k] e^{+2πi·jk/n}. */
  inverse(data: RealArray, layout?: BatchLayout): void;
}

/**
 * Plans complex FFTs of length n ≥ 1: passes of radix 4, 2, 3, 5, 7 and odd primes to 31 (Stockham),
 * chirp-z for lengths with a larger prime factor. Relative rms error about 1e-16·log2(n) in double
 * storage and 3e-8 (one rounding) in single storage. NaN spreads over the transform it stands in.
 */
export function createFft(n: number): Fft {
  if (!Number.isInteger(n) || n < 1)
    throw new CryoloupeError("internal", `An FFT needs a whole length of at least 1, not ${n}.`);
  const run = (data: RealArray, layout: BatchLayout, inverse: boolean): void => {
    const { offset = 0, stride = 1, batch = 1 } = layout;
    const batchStride = layout.batchStride ?? n * stride;
    const last = offset + (n - 1) * stride + (batch - 1) * batchStride;
    if (2 * last + 1 >= data.length)
      throw new CryoloupeError(
        "internal",
        `FFT of ${batch} × ${n} values needs ${2 * last + 2} numbers; the array has ${data.length}.`,
      );
    const plan = laneFft(n);
    const scale = inverse ? 1 / n : 1;
    for (let first = 0; first < batch; first += plan.maxLanes) {
      const lanes = Math.min(plan.maxLanes, batch - first);
      const start = 2 * (offset + first * batchStride);
      loadLanes(data, start, 2 * stride, 2 * batchStride, n, lanes, plan.re, plan.im);
      plan.execute(lanes, inverse);
      storeLanes(data, start, 2 * stride, 2 * batchStride, n, lanes, plan.outRe, plan.outIm, scale);
    }
  };
  return {
    n,
    forward: (data, layout = {}) => run(data, layout, false),
    inverse: (data, layout = {}) => run(data, layout, true),
  };
}

/** Strides in numbers (two a complex value): `step` along the transform, `laneStep` between lanes. */
function loadLanes(
  data: RealArray,
  start: number,
  step: number,
  laneStep: number,
  n: number,
  lanes: number,
  re: Float64Array,
  im: Float64Array,
): void {
  for (let k = 0, i = 0; k < n; k++)
    for (let l = 0, at = start + k * step; l < lanes; l++, i++, at += laneStep) {
      re[i] = data[at];
      im[i] = data[at + 1];
    }
}

function storeLanes(
  data: RealArray,
  start: number,
  step: number,
  laneStep: number,
  n: number,
  lanes: number,
  re: Float64Array,
  im: Float64Array,
  scale: number,
): void {
  for (let k = 0, i = 0; k < n; k++)
    for (let l = 0, at = start + k * step; l < lanes; l++, i++, at += laneStep) {
      data[at] = re[i] * scale;
      data[at + 1] = im[i] * scale;
    }
}

/** Columns of a half spectrum: floor(width/2) + 1. */
export function halfWidth(width: number): number {
  return Math.floor(width / 2) + 1;
}

/** Signed index of frequency bin i of n: 0, 1, …, then −⌊n/2⌋ …, −1 (bin n/2 of an even n is −n/2). */
export function signedIndex(i: number, n: number): number {
  return i < n / 2 ? i : i - n;
}

/** Frequency of bin i of n in cycles per px, −0.5 ≤ f < 0.5 (as numpy's fftfreq). */
export function frequencyOfIndex(i: number, n: number): number {
  return signedIndex(i, n) / n;
}

/** Index of the bin of signed frequency k of n, −n/2 ≤ k ≤ n/2. */
export function indexOfFrequency(k: number, n: number): number {
  return k < 0 ? k + n : k;
}
