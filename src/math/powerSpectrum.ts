import type { Float32Pixels } from "#src/domain/movie.ts";
import type { RadialCurve, SpectrumKind } from "#src/domain/powerSpectrum.ts";
import { realFft2 } from "./fft.ts";
import { sumPiecesFast } from "./wasm/pieceKernel.ts";

/** Side of FlexAlign's pieces and part of it by which they step (Xmipp's psd_estimator). */
export const PROTOCOL_PIECE = 384;
const PROTOCOL_STEP = 0.6;
/** Part of a half side over which FlexAlign's pieces fade out. */
const TAPER = 0.025;
export const READING_PIECE = 512;

/** First places of pieces along a side: steps from 0, the last one clamped to the edge. */
export function piecePlaces(dimension: number, size: number, step: number): number[] {
  const places: number[] = [];
  for (let k = 0; k * step < dimension - size + step; k++)
    places.push(Math.min(k * step, dimension - size));
  return places;
}

/** Largest even side, at most `wanted`, of a piece that fits an image. */
export function pieceSize(wanted: number, width: number, height: number): number {
  const most = Math.min(wanted, width, height);
  return Math.max(2, most - (most % 2));
}

/** FlexAlign's taper: 1 up to 97.5 % of the half side, then half a cosine; by i from −size/2. */
function protocolTaper(size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, n) => {
    const f = Math.abs(n - size / 2) / (size / 2);
    return f <= 1 - TAPER ? 1 : 0.5 * (1 + Math.cos(Math.PI * ((f - 1) / TAPER + 1)));
  });
}

/** sin² over the side, normed to mean square 1, so that white noise of sd s has the power s² · size². */
function hannWindow(size: number): Float64Array {
  const w = Float64Array.from(
    { length: size },
    (_, n) => Math.sin((Math.PI * (n + 0.5)) / size) ** 2,
  );
  const norm = Math.sqrt(w.reduce((s, v) => s + v * v, 0) / size);
  return w.map((v) => v / norm);
}

export interface SpectrumSum {
  /** `[size, size]`, zero frequency at (size/2, size/2). */
  readonly values: Float32Array<ArrayBuffer>;
  readonly size: number;
  readonly pieces: number;
}

/** How an image is cut into pieces for one kind of spectrum. */
export interface PieceGrid {
  readonly kind: SpectrumKind;
  readonly width: number;
  readonly height: number;
  /** Side of the pieces. */
  readonly size: number;
  /** First columns and rows of the pieces. */
  readonly columns: readonly number[];
  readonly rows: readonly number[];
}

/**
 * Pieces of the two spectra. `protocol` (spec: Xmipp psd_estimator): 384 px at steps of 230 px; `reading`:
 * 512 px at half overlap. Smaller images: the largest even piece that fits.
 */
export function pieceGrid(kind: SpectrumKind, width: number, height: number): PieceGrid {
  const size = pieceSize(kind === "protocol" ? PROTOCOL_PIECE : READING_PIECE, width, height);
  const step = kind === "protocol" ? Math.max(1, Math.floor(PROTOCOL_STEP * size)) : size / 2;
  return {
    kind,
    width,
    height,
    size,
    columns: piecePlaces(width, size, step),
    rows: piecePlaces(height, size, step),
  };
}

/** Spectra of some pieces, added up. */
export interface PieceSum {
  /** Half plane `[size, size/2 + 1]`. */
  readonly total: Float64Array<ArrayBuffer>;
  readonly pieces: number;
}

/** FlexAlign's spectrum of a whole image `[height, width]`: {@link sumPieces}. */
export function protocolSpectrum(image: Float32Array, width: number, height: number): SpectrumSum {
  const grid = pieceGrid("protocol", width, height);
  return spectrumOf(grid, [sumPieces(grid, image, 0, grid.rows)]);
}

/** The spectrum for reading of a whole image `[height, width]`: {@link sumPieces}. */
export function readingSpectrum(image: Float32Array, width: number, height: number): SpectrumSum {
  const grid = pieceGrid("reading", width, height);
  return spectrumOf(grid, [sumPieces(grid, image, 0, grid.rows)]);
}

/**
 * Adds up the spectra of all pieces that begin in the given rows of the image. `protocol`: pieces of mean 0
 * and sd 1, tapered, Σ|F|; `reading`: mean 0, Hann window, Σ|F|², of which {@link spectrumOf} makes a mean
 * so that white noise has its variance everywhere. Empty pieces add nothing. Where it can run, the kernel of
 * wasm/pieceKernel.ts does it in single precision.
 * @param image  the image from row `firstRow` on, as far as these pieces reach
 */
export function sumPieces(
  { kind, width, size, columns }: PieceGrid,
  image: Float32Array,
  firstRow: number,
  rows: readonly number[],
): PieceSum {
  const amplitude = kind === "protocol";
  const window = amplitude ? protocolTaper(size) : hannWindow(size);
  const corners = rows.flatMap((y) => columns.map((x) => (y - firstRow) * width + x));
  const fast = sumPiecesFast({ image, width, size, corners, window, amplitude });
  if (fast !== null) return fast;
  const fft = realFft2(size, size);
  const half = fft.halfWidth;
  const total = new Float64Array(half * size);
  const piece = new Float32Array(size * size);
  let spectrum = new Float32Array(2 * half * size);
  let pieces = 0;
  for (const y0 of rows)
    for (const x0 of columns) {
      let sum = 0;
      let square = 0;
      for (let y = 0; y < size; y++) {
        const row = (y0 - firstRow + y) * width + x0;
        for (let x = 0; x < size; x++) {
          const v = image[row + x];
          sum += v;
          square += v * v;
        }
      }
      const mean = sum / (size * size);
      const sd = Math.sqrt(Math.max(0, square / (size * size) - mean * mean));
      if (!(sd > 0)) continue;
      pieces++;
      const scale = amplitude ? 1 / sd : 1;
      for (let y = 0; y < size; y++) {
        const row = (y0 - firstRow + y) * width + x0;
        const wy = window[y] * scale;
        for (let x = 0; x < size; x++)
          piece[y * size + x] = (image[row + x] - mean) * wy * window[x];
      }
      spectrum = fft.forward(piece, spectrum);
      if (amplitude)
        for (let i = 0; i < total.length; i++)
          total[i] += Math.sqrt(spectrum[2 * i] ** 2 + spectrum[2 * i + 1] ** 2);
      else
        for (let i = 0; i < total.length; i++)
          total[i] += spectrum[2 * i] ** 2 + spectrum[2 * i + 1] ** 2;
    }
  return { total, pieces };
}

/** The spectrum made of sums over pieces. */
export function spectrumOf({ kind, size }: PieceGrid, parts: readonly PieceSum[]): SpectrumSum {
  const pieces = parts.reduce((n, part) => n + part.pieces, 0);
  const total = new Float64Array((size / 2 + 1) * size);
  for (const part of parts) for (let i = 0; i < total.length; i++) total[i] += part.total[i];
  const factor = kind === "protocol" ? 1 : 1 / (Math.max(1, pieces) * size * size);
  return { values: centreHalfSpectrum(total, size, factor), size, pieces };
}

/** The whole of a symmetric spectrum from its half plane, zero frequency at (size/2, size/2). */
function centreHalfSpectrum(
  half: Float64Array,
  size: number,
  factor: number,
): Float32Array<ArrayBuffer> {
  const columns = size / 2 + 1;
  const out = new Float32Array(size * size);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const kx = x - size / 2;
      const ky = y - size / 2;
      const row = (((kx < 0 ? -ky : ky) % size) + size) % size;
      out[y * size + x] = factor * half[row * columns + Math.abs(kx)];
    }
  return out;
}

/**
 * Mean over rings one frequency step wide, from the first to Nyquist; zero frequency and the axes
 * (|kx| or |ky| = 0, where detector lines show) are left out.
 */
export function spectrumCurve(values: Float32Array, size: number): RadialCurve {
  const rings = size / 2;
  const sum = new Float64Array(rings + 1);
  const count = new Float64Array(rings + 1);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const kx = x - size / 2;
      const ky = y - size / 2;
      if (kx === 0 || ky === 0) continue;
      const r = Math.round(Math.hypot(kx, ky));
      if (r > rings) continue;
      sum[r] += values[y * size + x];
      count[r]++;
    }
  const frequency: number[] = [];
  const value: number[] = [];
  for (let r = 1; r <= rings; r++)
    if (count[r] > 0) {
      frequency.push(r / size);
      value.push(sum[r] / count[r]);
    }
  return { frequency, value };
}

/**
 * FlexAlign's composite: left half (columns below size/2) of the uncorrected spectrum, right half of the
 * corrected one, both with zero frequency in the middle.
 */
export function compositeSpectrum(
  before: Float32Array,
  after: Float32Array,
  size: number,
): Float32Array<ArrayBuffer> {
  return Float32Array.from(before, (v, i) => (i % size < size / 2 ? v : after[i]));
}

/** Ten times the common logarithm of power (or of any sum of magnitudes); 1e-30 stands for what is smaller. */
export function toDecibels(values: Float32Pixels): Float32Pixels {
  return values.map((v) => 10 * Math.log10(Math.max(v, 1e-30)));
}
