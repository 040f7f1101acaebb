import { createBatchFft } from "./batchFft.ts";
import type { BatchFft } from "./batchFft.ts";

export { nextFastSize } from "./batchFft.ts";

/** Complex values interleaved: re, im, re, im … */
export type ComplexArray = Float64Array | Float32Array;

/** One complex transform of length n, in place. Exponent −2πi forward, unnormalised; inverse divides by n. */
export interface Fft {
  readonly n: number;
  forward(data: ComplexArray): void;
  inverse(data: ComplexArray): void;
}

const singles = new Map<number, BatchFft>();

/** A complex transform of any length; its tables are kept. */
export function createFft(n: number): Fft {
  const run = (data: ComplexArray, inverse: boolean): void => {
    let plan = singles.get(n);
    if (plan === undefined) {
      plan = createBatchFft(n, 1);
      singles.set(n, plan);
    }
    for (let k = 0; k < n; k++) {
      plan.re[k] = data[2 * k];
      plan.im[k] = data[2 * k + 1];
    }
    if (inverse) plan.inverse();
    else plan.forward();
    const scale = inverse ? 1 / n : 1;
    for (let k = 0; k < n; k++) {
      data[2 * k] = plan.re[k] * scale;
      data[2 * k + 1] = plan.im[k] * scale;
    }
  };
  return { n, forward: (data) => run(data, false), inverse: (data) => run(data, true) };
}

type RealImage = Float32Array | Float64Array;

/**
 * Two-dimensional transform of real images `[height, width]` to half spectra
 * `[height, floor(width/2) + 1]` of interleaved complex values, zero frequency first, exponent −2πi and no
 * factor; the inverse divides by width·height. Values are stored as the arrays given, computed in double.
 */
export interface RealFft2 {
  readonly width: number;
  readonly height: number;
  /** floor(width/2) + 1 */
  readonly halfWidth: number;
  forward(image: RealImage): Float32Array<ArrayBuffer>;
  forward<A extends RealImage>(image: RealImage, out: A): A;
  /** The spectrum is used as scratch and holds nothing of use afterwards. */
  inverse(spectrum: RealImage): Float32Array<ArrayBuffer>;
  inverse<A extends RealImage>(spectrum: RealImage, out: A): A;
  /**
   * Half spectrum of the image resampled to cropWidth × cropHeight (both at most the image's): the low
   * frequencies alone, which costs less than all. Frequencies on the new Nyquist lines are left as they are.
   */
  forwardCropped(
    image: RealImage,
    cropWidth: number,
    cropHeight: number,
  ): Float32Array<ArrayBuffer>;
}

/** Values in flight in one block: its four double buffers stay within a core's cache. */
const BLOCK_VALUES = 16384;

const lanesFor = (n: number): number => Math.max(2, Math.min(16, Math.floor(BLOCK_VALUES / n)));

const plans = new Map<string, RealFft2>();
const PLANS_KEPT = 8;

/** The plan of a size, made once and kept while few others are used. */
export function realFft2(width: number, height: number): RealFft2 {
  const key = `${width}x${height}`;
  const known = plans.get(key);
  if (known !== undefined) return known;
  if (plans.size >= PLANS_KEPT) plans.clear();
  const plan = createRealFft2(width, height);
  plans.set(key, plan);
  return plan;
}

/** Makes a plan. Buffers belong to it: one transform at a time. */
export function createRealFft2(width: number, height: number): RealFft2 {
  const halfWidth = Math.floor(width / 2) + 1;
  const rows = createBatchFft(width, lanesFor(width));
  const columns = createBatchFft(height, lanesFor(height));

  /** Rows in pairs, one as the real and one as the imaginary part, the first `keep` columns of each. */
  const forwardRows = (image: RealImage, out: RealImage, keep: number): void => {
    const { lanes } = rows;
    for (let y0 = 0; y0 < height; y0 += 2 * lanes) {
      const pairs = Math.min(lanes, Math.ceil((height - y0) / 2));
      for (let b = 0; b < lanes; b++) {
        const y = y0 + 2 * b;
        const first = b < pairs ? y * width : -1;
        const second = b < pairs && y + 1 < height ? (y + 1) * width : -1;
        for (let x = 0, i = b; x < width; x++, i += lanes) {
          rows.re[i] = first < 0 ? 0 : image[first + x];
          rows.im[i] = second < 0 ? 0 : image[second + x];
        }
      }
      rows.forward();
      const { re, im } = rows;
      for (let b = 0; b < pairs; b++) {
        const y = y0 + 2 * b;
        const o1 = 2 * y * keep;
        const o2 = o1 + 2 * keep;
        const two = y + 1 < height;
        for (let k = 0; k < keep; k++) {
          const i = k * lanes + b;
          const j = (k === 0 ? 0 : width - k) * lanes + b;
          out[o1 + 2 * k] = 0.5 * (re[i] + re[j]);
          out[o1 + 2 * k + 1] = 0.5 * (im[i] - im[j]);
          if (!two) continue;
          out[o2 + 2 * k] = 0.5 * (im[i] + im[j]);
          out[o2 + 2 * k + 1] = 0.5 * (re[j] - re[i]);
        }
      }
    }
  };

  const transformColumns = (data: RealImage, across: number, inverse: boolean, factor: number) => {
    const { lanes } = columns;
    for (let x0 = 0; x0 < across; x0 += lanes) {
      const used = Math.min(lanes, across - x0);
      for (let y = 0; y < height; y++) {
        const from = 2 * (y * across + x0);
        const to = y * lanes;
        for (let b = 0; b < used; b++) {
          columns.re[to + b] = data[from + 2 * b];
          columns.im[to + b] = data[from + 2 * b + 1];
        }
      }
      if (inverse) columns.inverse();
      else columns.forward();
      const { re, im } = columns;
      for (let y = 0; y < height; y++) {
        const to = 2 * (y * across + x0);
        const from = y * lanes;
        for (let b = 0; b < used; b++) {
          data[to + 2 * b] = re[from + b] * factor;
          data[to + 2 * b + 1] = im[from + b] * factor;
        }
      }
    }
  };

  /** Hermitian rows in pairs: z = a + i·b gives both real rows in one transform. */
  const inverseRows = (spectrum: RealImage, out: RealImage): void => {
    const { lanes } = rows;
    for (let y0 = 0; y0 < height; y0 += 2 * lanes) {
      const pairs = Math.min(lanes, Math.ceil((height - y0) / 2));
      for (let b = 0; b < pairs; b++) {
        const y = y0 + 2 * b;
        const o1 = 2 * y * halfWidth;
        const o2 = o1 + 2 * halfWidth;
        const two = y + 1 < height;
        for (let k = 0; k < halfWidth; k++) {
          const ar = spectrum[o1 + 2 * k];
          // The imaginary parts of the zero and Nyquist columns belong to no real row.
          const edge = k === 0 || 2 * k === width;
          const ai = edge ? 0 : spectrum[o1 + 2 * k + 1];
          const br = two ? spectrum[o2 + 2 * k] : 0;
          const bi = two && !edge ? spectrum[o2 + 2 * k + 1] : 0;
          const i = k * lanes + b;
          const j = (k === 0 ? 0 : width - k) * lanes + b;
          rows.re[i] = ar - bi;
          rows.im[i] = ai + br;
          if (edge) continue;
          rows.re[j] = ar + bi;
          rows.im[j] = br - ai;
        }
      }
      rows.inverse();
      const { re, im } = rows;
      for (let b = 0; b < pairs; b++) {
        const y = y0 + 2 * b;
        for (let x = 0, i = b, o = y * width; x < width; x++, i += lanes) out[o + x] = re[i];
        if (y + 1 < height)
          for (let x = 0, i = b, o = (y + 1) * width; x < width; x++, i += lanes)
            out[o + x] = im[i];
      }
    }
  };

  function forward(image: RealImage): Float32Array<ArrayBuffer>;
  function forward<A extends RealImage>(image: RealImage, out: A): A;
  function forward(image: RealImage, out?: RealImage): RealImage {
    const spectrum = out ?? new Float32Array(2 * halfWidth * height);
    forwardRows(image, spectrum, halfWidth);
    transformColumns(spectrum, halfWidth, false, 1);
    return spectrum;
  }

  function inverse(spectrum: RealImage): Float32Array<ArrayBuffer>;
  function inverse<A extends RealImage>(spectrum: RealImage, out: A): A;
  function inverse(spectrum: RealImage, out?: RealImage): RealImage {
    const image = out ?? new Float32Array(width * height);
    transformColumns(spectrum, halfWidth, true, 1 / (width * height));
    inverseRows(spectrum, image);
    return image;
  }

  const forwardCropped = (
    image: RealImage,
    cropWidth: number,
    cropHeight: number,
  ): Float32Array<ArrayBuffer> => {
    const keep = Math.floor(cropWidth / 2) + 1;
    const full = new Float32Array(2 * keep * height);
    forwardRows(image, full, keep);
    transformColumns(full, keep, false, 1);
    const out = new Float32Array(2 * keep * cropHeight);
    for (let k = 0; k < cropHeight; k++) {
      const from = k <= (cropHeight - 1) / 2 ? k : height - (cropHeight - k);
      out.set(full.subarray(2 * keep * from, 2 * keep * (from + 1)), 2 * keep * k);
    }
    return out;
  };

  return { width, height, halfWidth, forward, inverse, forwardCropped };
}

/** Frequency of index k of n, cycles per pixel: 0, 1/n … then negative from ⌈n/2⌉ on. */
export function frequencyOf(k: number, n: number): number {
  return (k <= (n - 1) / 2 ? k : k - n) / n;
}
