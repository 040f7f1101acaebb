import type { PixelArray } from "#src/domain/movie.ts";
import { cubicWeights, mirrorIndex } from "./bspline.ts";
import { warpFrameFast } from "./wasm/warpKernel.ts";

/**
 * Displacements of one frame, constant over square tiles of the corrected micrograph:
 * `out(X) = frame(X + d)`, d in px, x right, y down. Row of tiles first: `x[row * columns + column]`.
 */
export interface TileDisplacements {
  /** Side of a tile, px. */
  readonly tile: number;
  readonly columns: number;
  readonly rows: number;
  readonly x: Float32Array<ArrayBuffer>;
  readonly y: Float32Array<ArrayBuffer>;
}

/** A sum that grows frame by frame: `target += weight · warped frame`. */
export interface WeightedSum {
  readonly target: Float32Array<ArrayBuffer>;
  readonly weight: number;
}

/** Gain-corrected pixels to warp from: `frame · gain`, some or all rows of a frame; null = 1. */
export interface WarpSource {
  readonly frame: PixelArray;
  readonly gain: Float32Array | null;
  /** Row of the movie that stands first in both. */
  readonly firstRow: number;
}

/** Rows of the corrected micrograph to make; targets hold these rows only. `start` is a multiple of the tile. */
export interface WarpBand {
  readonly start: number;
  readonly end: number;
}

/** Room for one tile, kept between frames. */
export interface WarpScratch {
  readonly padded: Float32Array;
  /** The four rows of a tile, filtered along x, that its next row is made of. */
  readonly rows: readonly [Float64Array, Float64Array, Float64Array, Float64Array];
  readonly line: Float64Array;
}

/** Scratch space for tiles of that side. */
export function createWarpScratch(tile: number): WarpScratch {
  const row = (): Float64Array => new Float64Array(tile);
  return {
    padded: new Float32Array((tile + 3) * (tile + 3)),
    rows: [row(), row(), row(), row()],
    line: row(),
  };
}

/** Rows above and below a band that the source must hold for displacements of up to `reachPx` along y. */
export function rowsForBand(band: WarpBand, reachPx: number, height: number): WarpBand {
  const reach = Math.ceil(reachPx) + 3;
  return { start: Math.max(0, band.start - reach), end: Math.min(height, band.end + reach) };
}

/**
 * Adds a frame, moved by its displacements, to sums: `target[X] += weight · Σ_k (frame · gain)[k] B3(X + d − k)`
 * with the cubic B-spline B3 and mirrored borders. The prefilter is left to the sum (`prefilterImage`
 * with half-sample mirrors), so a finished sum must go through it. Integer offset and the 4 + 4 weights
 * are computed once per tile. Twin of shaders/warpFrame.wgsl and of the kernels of wasm/warpKernel.ts, which
 * run where they can. The source, `[rows, width]`, is not changed;
 * NaN spreads over 4 × 4 px.
 */
export function warpFrame(
  source: WarpSource,
  width: number,
  height: number,
  displacements: TileDisplacements,
  band: WarpBand,
  sums: readonly WeightedSum[],
  scratch: WarpScratch,
): void {
  const used = sums.filter((s) => s.weight !== 0);
  if (used.length === 0) return;
  const { tile, columns } = displacements;
  const { frame, gain, firstRow } = source;
  if (warpFrameFast({ ...source, width, height, displacements, band, sums: used })) return;
  const lastRow = firstRow + frame.length / width;
  const wx = new Float64Array(4);
  const wy = new Float64Array(4);
  for (let y0 = band.start; y0 < band.end; y0 += tile) {
    const row = y0 / tile;
    const h = Math.min(tile, band.end - y0);
    for (let column = 0; column < columns; column++) {
      const x0 = column * tile;
      const w = Math.min(tile, width - x0);
      const dx = displacements.x[row * columns + column];
      const dy = displacements.y[row * columns + column];
      const ix = Math.floor(dx);
      const iy = Math.floor(dy);
      cubicWeights(dx - ix, wx);
      cubicWeights(dy - iy, wy);
      const left = x0 + ix - 1;
      const top = y0 + iy - 1;
      const inside =
        left >= 0 && top >= firstRow && left + w + 3 <= width && top + h + 3 <= lastRow;
      const out = (y0 - band.start) * width + x0;
      if (!inside) gatherMirrored(source, width, height, left, top, w, h, scratch.padded);
      let from = inside ? (top - firstRow) * width + left : 0;
      let to = out;
      for (let j = 0; j < h + 3; j++) {
        // Row j of the h + 3 that the tile needs replaces the oldest of four.
        const filtered = scratch.rows[j & 3];
        if (!inside) filterRowOfTile(scratch.padded, from, w, wx, filtered);
        else if (gain === null) filterRow(frame, from, w, wx, filtered);
        else filterCorrectedRow(frame, gain, from, w, wx, filtered);
        from += inside ? width : w + 3;
        if (j < 3) continue;
        addRow(scratch, j + 1, w, wy, to, used);
        to += width;
      }
    }
  }
}

/** The four weights of an axis. */
type Weights = Float64Array;

/** Four taps along x of w pixels from `i` on; four at a time, so that each is read once. */
function filterRow(
  frame: PixelArray,
  i: number,
  w: number,
  [p, q, r, s]: Weights,
  out: Float64Array,
): void {
  let a = frame[i];
  let b = frame[i + 1];
  let c = frame[i + 2];
  i += 3;
  let x = 0;
  for (; x + 3 < w; x += 4, i += 4) {
    const d = frame[i];
    const e = frame[i + 1];
    const f = frame[i + 2];
    const g = frame[i + 3];
    out[x] = p * a + q * b + r * c + s * d;
    out[x + 1] = p * b + q * c + r * d + s * e;
    out[x + 2] = p * c + q * d + r * e + s * f;
    out[x + 3] = p * d + q * e + r * f + s * g;
    a = e;
    b = f;
    c = g;
  }
  for (; x < w; x++, i++) {
    const d = frame[i];
    out[x] = p * a + q * b + r * c + s * d;
    a = b;
    b = c;
    c = d;
  }
}

/** {@link filterRow} of gain-corrected pixels. */
function filterCorrectedRow(
  frame: PixelArray,
  gain: Float32Array,
  i: number,
  w: number,
  [p, q, r, s]: Weights,
  out: Float64Array,
): void {
  let a = frame[i] * gain[i];
  let b = frame[i + 1] * gain[i + 1];
  let c = frame[i + 2] * gain[i + 2];
  i += 3;
  let x = 0;
  for (; x + 3 < w; x += 4, i += 4) {
    const d = frame[i] * gain[i];
    const e = frame[i + 1] * gain[i + 1];
    const f = frame[i + 2] * gain[i + 2];
    const g = frame[i + 3] * gain[i + 3];
    out[x] = p * a + q * b + r * c + s * d;
    out[x + 1] = p * b + q * c + r * d + s * e;
    out[x + 2] = p * c + q * d + r * e + s * f;
    out[x + 3] = p * d + q * e + r * f + s * g;
    a = e;
    b = f;
    c = g;
  }
  for (; x < w; x++, i++) {
    const d = frame[i] * gain[i];
    out[x] = p * a + q * b + r * c + s * d;
    a = b;
    b = c;
    c = d;
  }
}

/** {@link filterRow} of a tile that was gathered: apart, so that each loop sees one type of array. */
function filterRowOfTile(
  padded: Float32Array,
  i: number,
  w: number,
  [p, q, r, s]: Weights,
  out: Float64Array,
): void {
  for (let x = 0; x < w; x++)
    out[x] =
      p * padded[i + x] + q * padded[i + x + 1] + r * padded[i + x + 2] + s * padded[i + x + 3];
}

function gatherMirrored(
  { frame, gain, firstRow }: WarpSource,
  width: number,
  height: number,
  left: number,
  top: number,
  w: number,
  h: number,
  out: Float32Array,
): void {
  for (let j = 0; j < h + 3; j++) {
    const from = (mirrorIndex(top + j, height, "half") - firstRow) * width;
    for (let x = 0; x < w + 3; x++) {
      const i = from + mirrorIndex(left + x, width, "half");
      out[j * (w + 3) + x] = gain === null ? frame[i] : frame[i] * gain[i];
    }
  }
}

/** Four taps along y of the rows at hand, the oldest `first & 3`, added with its weight to every sum. */
function addRow(
  { rows, line }: WarpScratch,
  first: number,
  w: number,
  [p, q, r, s]: Weights,
  out: number,
  sums: readonly WeightedSum[],
): void {
  const r0 = rows[first & 3];
  const r1 = rows[(first + 1) & 3];
  const r2 = rows[(first + 2) & 3];
  const r3 = rows[(first + 3) & 3];
  const [{ target, weight }] = sums;
  if (sums.length === 1 && weight === 1) {
    for (let x = 0; x < w; x++) target[out + x] += p * r0[x] + q * r1[x] + r * r2[x] + s * r3[x];
    return;
  }
  for (let x = 0; x < w; x++) line[x] = p * r0[x] + q * r1[x] + r * r2[x] + s * r3[x];
  for (const sum of sums) {
    const { target: total, weight: factor } = sum;
    for (let x = 0; x < w; x++) total[out + x] += factor * line[x];
  }
}
