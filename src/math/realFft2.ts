import { CryoloupeError } from "#src/domain/errors.ts";
import { createFft, halfWidth } from "./complexFft.ts";
import type { Fft, RealArray } from "./complexFft.ts";
import { laneFft } from "./laneFft.ts";
import { resampleRows } from "./spectrumResample.ts";

/**
 * Real 2-D FFT of one size. An image is `[height, width]`; its half spectrum is
 * `[height, floor(width/2) + 1]` complex, interleaved re/im: bin (ky, kx) holds
 * Σ image[y, x] e^{−2πi(kx·x/width + ky·y/height)}. Forward unnormalised, inverse divided by
 * width·height. Results have the storage of their input unless `out` is given; `out` may not be the
 * input. `createRealFft2(n, 1)` is the real 1-D transform.
 */
export interface RealFft2 {
  readonly width: number;
  readonly height: number;
  /** floor(width/2) + 1 */
  readonly halfWidth: number;
  forward(image: Float32Array, out?: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer>;
  forward(image: Float64Array, out?: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer>;
  /** The spectrum is used as working space and its contents are lost. */
  inverse(spectrum: Float32Array, out?: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer>;
  inverse(spectrum: Float64Array, out?: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer>;
  /**
   * The spectrum cut to the band of a smaller image, `[cropHeight, floor(cropWidth/2) + 1]`: the same
   * numbers as `resampleSpectrum(forward(image), …)`, but columns beyond the band are never
   * transformed. Its inverse at the small size is the Fourier-binned image, grey values kept.
   */
  forwardCropped(
    image: Float32Array,
    cropWidth: number,
    cropHeight: number,
  ): Float32Array<ArrayBuffer>;
  forwardCropped(
    image: Float64Array,
    cropWidth: number,
    cropHeight: number,
  ): Float64Array<ArrayBuffer>;
}

function allocate(like: RealArray, length: number): RealArray {
  return like instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
}

function checkLength(what: string, found: number, expected: number): void {
  if (found !== expected)
    throw new CryoloupeError(
      "size-mismatch",
      `Fourier transform: the ${what} has ${found} numbers, ${expected} expected.`,
    );
}

/** Plans the real 2-D FFT of a size (any width and height ≥ 1). */
export function createRealFft2(width: number, height: number): RealFft2 {
  const columns = halfWidth(width);
  const alongColumns = createFft(height);

  const forward = (image: RealArray, given?: RealArray): RealArray => {
    checkLength("image", image.length, width * height);
    const out = given ?? allocate(image, 2 * columns * height);
    checkLength("spectrum", out.length, 2 * columns * height);
    forwardRows(image, width, height, out, columns);
    transformColumns(alongColumns, out, columns, false);
    return out;
  };

  const inverse = (spectrum: RealArray, given?: RealArray): RealArray => {
    checkLength("spectrum", spectrum.length, 2 * columns * height);
    const out = given ?? allocate(spectrum, width * height);
    checkLength("image", out.length, width * height);
    transformColumns(alongColumns, spectrum, columns, true);
    inverseRows(spectrum, width, height, out);
    return out;
  };

  const forwardCropped = (image: RealArray, cropWidth: number, cropHeight: number): RealArray => {
    checkLength("image", image.length, width * height);
    if (cropWidth > width || cropHeight > height)
      throw new CryoloupeError(
        "internal",
        `A spectrum of ${width} × ${height} cannot be cut to ${cropWidth} × ${cropHeight}.`,
      );
    const kept = halfWidth(cropWidth);
    const band = allocate(image, 2 * kept * height);
    forwardRows(image, width, height, band, kept);
    transformColumns(alongColumns, band, kept, false);
    const out = allocate(image, 2 * kept * cropHeight);
    resampleRows(band, kept, { width, height }, out, { width: cropWidth, height: cropHeight });
    return out;
  };

  // The overloads tie storage of input and output together; the bodies serve both.
  return { width, height, halfWidth: columns, forward, inverse, forwardCropped } as RealFft2;
}

/** A group of 8 columns fills the cache lines that a row of the group touches (single precision). */
function transformColumns(fft: Fft, spectrum: RealArray, columns: number, inverse: boolean): void {
  const layout = { stride: columns, batch: columns, batchStride: 1 };
  if (inverse) fft.inverse(spectrum, layout);
  else fft.forward(spectrum, layout);
}

/**
 * Row transforms of a real image, the first `kept` columns of each. Rows go in pairs as one complex
 * row a + ib: with Z its spectrum, A[k] = (Z[k] + Z*[−k])/2 and B[k] = (Z[k] − Z*[−k])/2i.
 */
function forwardRows(
  image: RealArray,
  width: number,
  height: number,
  out: RealArray,
  kept: number,
): void {
  const plan = laneFft(width);
  const { re, im, outRe, outIm } = plan;
  for (let first = 0; first < height; first += 2 * plan.maxLanes) {
    const rows = Math.min(2 * plan.maxLanes, height - first);
    const lanes = (rows + 1) >> 1;
    for (let l = 0; l < lanes; l++) {
      const a = (first + 2 * l) * width;
      const b = a + width;
      if (2 * l + 1 < rows)
        for (let x = 0, i = l; x < width; x++, i += lanes) {
          re[i] = image[a + x];
          im[i] = image[b + x];
        }
      else
        for (let x = 0, i = l; x < width; x++, i += lanes) {
          re[i] = image[a + x];
          im[i] = 0;
        }
    }
    plan.execute(lanes, false);
    for (let l = 0; l < lanes; l++) {
      const a = 2 * (first + 2 * l) * kept;
      const b = 2 * l + 1 < rows ? a + 2 * kept : -1;
      for (let k = 0; k < kept; k++) {
        const i = k * lanes + l;
        const j = (k === 0 ? 0 : width - k) * lanes + l;
        const zr = outRe[i];
        const zi = outIm[i];
        const mr = outRe[j];
        const mi = outIm[j];
        const at = a + 2 * k;
        out[at] = 0.5 * (zr + mr);
        out[at + 1] = 0.5 * (zi - mi);
        if (b >= 0) {
          out[b + 2 * k] = 0.5 * (zi + mi);
          out[b + 2 * k + 1] = 0.5 * (mr - zr);
        }
      }
    }
  }
}

/** Inverse row transforms of half spectra, two rows a time; imaginary parts that a real row cannot have are dropped. */
function inverseRows(spectrum: RealArray, width: number, height: number, out: RealArray): void {
  const columns = halfWidth(width);
  const plan = laneFft(width);
  const { re, im, outRe, outIm } = plan;
  const scale = 1 / width;
  for (let first = 0; first < height; first += 2 * plan.maxLanes) {
    const rows = Math.min(2 * plan.maxLanes, height - first);
    const lanes = (rows + 1) >> 1;
    for (let l = 0; l < lanes; l++) {
      const a = 2 * (first + 2 * l) * columns;
      const paired = 2 * l + 1 < rows;
      const b = paired ? a + 2 * columns : a;
      for (let k = 0; k < columns; k++) {
        const own = k === 0 || 2 * k === width;
        const ar = spectrum[a + 2 * k];
        const ai = own ? 0 : spectrum[a + 2 * k + 1];
        const br = paired ? spectrum[b + 2 * k] : 0;
        const bi = paired && !own ? spectrum[b + 2 * k + 1] : 0;
        const i = k * lanes + l;
        re[i] = ar - bi;
        im[i] = ai + br;
        if (!own) {
          const j = (width - k) * lanes + l;
          re[j] = ar + bi;
          im[j] = br - ai;
        }
      }
    }
    plan.execute(lanes, true);
    for (let l = 0; l < lanes; l++) {
      const a = (first + 2 * l) * width;
      for (let x = 0, i = l; x < width; x++, i += lanes) out[a + x] = outRe[i] * scale;
      if (2 * l + 1 < rows)
        for (let x = 0, i = l; x < width; x++, i += lanes) out[a + width + x] = outIm[i] * scale;
    }
  }
}

const memo = new Map<string, RealFft2>();
const KEPT_SIZES = 12;

/** The plan of a size from a small cache. */
export function realFft2(width: number, height: number): RealFft2 {
  const key = `${width}x${height}`;
  const plan = memo.get(key) ?? createRealFft2(width, height);
  memo.delete(key);
  memo.set(key, plan);
  if (memo.size > KEPT_SIZES) {
    const [oldest] = memo.keys();
    memo.delete(oldest);
  }
  return plan;
}
