import { halfWidth, indexOfFrequency, signedIndex } from "./complexFft.ts";
import type { RealArray } from "./complexFft.ts";

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Fourier resampling: the half spectrum of an image of size `from` cut or zero-padded to that of size
 * `to`, scaled by the ratio of areas, so that the inverse at the new size keeps grey values.
 *
 * Nyquist bins of even sizes stand for both signs: when an axis shrinks to an even length, its Nyquist
 * bin gets the sum of the bins of both signs (what sampling the band-limited image would give); when
 * an axis of even length grows, the Nyquist bin is halved between both. Enlarging and shrinking back
 * gives the same image. Axes are independent (one may shrink while the other grows).
 *
 * @param spectrum `[from.height, floor(from.width/2) + 1]` complex, interleaved
 * @returns `[to.height, floor(to.width/2) + 1]` complex, same storage
 */
export function resampleSpectrum(
  spectrum: Float32Array,
  from: ImageSize,
  to: ImageSize,
): Float32Array<ArrayBuffer>;
export function resampleSpectrum(
  spectrum: Float64Array,
  from: ImageSize,
  to: ImageSize,
): Float64Array<ArrayBuffer>;
export function resampleSpectrum(spectrum: RealArray, from: ImageSize, to: ImageSize): RealArray {
  const length = 2 * halfWidth(to.width) * to.height;
  const out =
    spectrum instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
  resampleRows(spectrum, halfWidth(from.width), from, out, to);
  return out;
}

/** Rows of an axis of length `from` that make bin `k` (signed) of length `to`, with their weight. */
function sourceRows(k: number, from: number, to: number): readonly [number[], number] {
  if (2 * Math.abs(k) === to && to < from)
    return [[indexOfFrequency(to / 2, from), indexOfFrequency(-to / 2, from)], 1];
  if (2 * Math.abs(k) > from) return [[], 0];
  if (2 * Math.abs(k) === from && to > from) return [[from / 2], 0.5];
  return [[indexOfFrequency(k, from) % from], 1];
}

/** `resampleSpectrum` from rows of which the first `columns` bins are given (all that `to` needs). */
export function resampleRows(
  spectrum: RealArray,
  columns: number,
  from: ImageSize,
  out: RealArray,
  to: ImageSize,
): void {
  const toColumns = halfWidth(to.width);
  const shared = Math.min(toColumns, halfWidth(from.width));
  const scale = (to.width * to.height) / (from.width * from.height);
  const foldColumn = to.width < from.width && to.width % 2 === 0 ? to.width / 2 : -1;
  const halfColumn = to.width > from.width && from.width % 2 === 0 ? from.width / 2 : -1;
  const plain = foldColumn >= 0 || halfColumn >= 0 ? shared - 1 : shared;
  for (let row = 0; row < to.height; row++) {
    const [rows, weight] = sourceRows(signedIndex(row, to.height), from.height, to.height);
    const target = 2 * row * toColumns;
    for (const y of rows) {
      const source = 2 * y * columns;
      const w = weight * scale;
      for (let i = 0; i < 2 * plain; i++) out[target + i] += w * spectrum[source + i];
      if (halfColumn >= 0) {
        out[target + 2 * halfColumn] += 0.5 * w * spectrum[source + 2 * halfColumn];
        out[target + 2 * halfColumn + 1] += 0.5 * w * spectrum[source + 2 * halfColumn + 1];
      }
      if (foldColumn >= 0) {
        // The bin of −kx in this row is the conjugate of the bin of +kx in the mirrored row.
        const mirror = 2 * ((from.height - y) % from.height) * columns;
        const at = 2 * foldColumn;
        out[target + at] += w * (spectrum[source + at] + spectrum[mirror + at]);
        out[target + at + 1] += w * (spectrum[source + at + 1] - spectrum[mirror + at + 1]);
      }
    }
  }
}

/**
 * Moves an image by (dx, dy) px (x right, y down; fractions allowed, cyclic) in its half spectrum, in
 * place: bin (ky, kx) times e^{−2πi(kx·dx/width + ky·dy/height)}. At the Nyquist bin of an even axis
 * the mean over both signs is taken, cos(π·d), so that the image stays real.
 *
 * @param spectrum `[height, floor(width/2) + 1]` complex, interleaved
 */
export function shiftSpectrum(
  spectrum: RealArray,
  width: number,
  height: number,
  dx: number,
  dy: number,
): void {
  const columns = halfWidth(width);
  const cosX = new Float64Array(columns);
  const sinX = new Float64Array(columns);
  for (let k = 0; k < columns; k++) {
    const angle = (-2 * Math.PI * k * dx) / width;
    cosX[k] = Math.cos(angle);
    sinX[k] = 2 * k === width ? 0 : Math.sin(angle);
  }
  for (let row = 0, at = 0; row < height; row++) {
    const angle = (-2 * Math.PI * signedIndex(row, height) * dy) / height;
    const cy = Math.cos(angle);
    const sy = 2 * row === height ? 0 : Math.sin(angle);
    for (let k = 0; k < columns; k++, at += 2) {
      const c = cy * cosX[k] - sy * sinX[k];
      const s = cy * sinX[k] + sy * cosX[k];
      const re = spectrum[at];
      const im = spectrum[at + 1];
      spectrum[at] = re * c - im * s;
      spectrum[at + 1] = re * s + im * c;
    }
  }
}
