import type { PixelArray } from "#src/domain/movie.ts";
import { cubicWeights, mirrorIndex } from "./bspline.ts";

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

/** Gain-corrected pixels to warp from: `frame · gain`, some or all rows of a frame. */
export interface WarpSource {
  readonly frame: PixelArray;
  readonly gain: Float32Array;
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
  readonly rows: Float32Array;
  readonly line: Float32Array;
}

/** Scratch space for tiles of that side. */
export function createWarpScratch(tile: number): WarpScratch {
  return {
    padded: new Float32Array((tile + 3) * (tile + 3)),
    rows: new Float32Array((tile + 3) * tile),
    line: new Float32Array(tile),
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
 * are computed once per tile. Twin of shaders/warpFrame.wgsl. The source, `[rows, width]`, is not changed;
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
  const lastRow = firstRow + gain.length / width;
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
      if (inside) {
        const start = (top - firstRow) * width + left;
        filterRowsOfFrame(frame, gain, start, width, w, h, wx, scratch.rows);
      } else {
        gatherMirrored(source, width, height, left, top, w, h, scratch.padded);
        filterRowsOfTile(scratch.padded, w, h, wx, scratch.rows);
      }
      const out = (y0 - band.start) * width + x0;
      addColumns(scratch.rows, w, h, wy, out, width, used, scratch.line);
    }
  }
}

/** The four weights of an axis. */
type Weights = Float64Array;

/** Four taps along x of gain-corrected pixels, for the h + 3 rows that a tile of w × h px needs. */
function filterRowsOfFrame(
  frame: PixelArray,
  gain: Float32Array,
  start: number,
  stride: number,
  w: number,
  h: number,
  [p, q, r, s]: Weights,
  out: Float32Array,
): void {
  for (let j = 0; j < h + 3; j++) {
    let i = start + j * stride;
    let a = frame[i] * gain[i];
    let b = frame[i + 1] * gain[i + 1];
    let c = frame[i + 2] * gain[i + 2];
    i += 3;
    const o = j * w;
    for (let x = 0; x < w; x++) {
      const d = frame[i + x] * gain[i + x];
      out[o + x] = p * a + q * b + r * c + s * d;
      a = b;
      b = c;
      c = d;
    }
  }
}

function filterRowsOfTile(
  padded: Float32Array,
  w: number,
  h: number,
  [p, q, r, s]: Weights,
  out: Float32Array,
): void {
  for (let j = 0; j < h + 3; j++) {
    const i = j * (w + 3);
    for (let x = 0; x < w; x++)
      out[j * w + x] =
        p * padded[i + x] + q * padded[i + x + 1] + r * padded[i + x + 2] + s * padded[i + x + 3];
  }
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
      out[j * (w + 3) + x] = frame[i] * gain[i];
    }
  }
}

/** Four taps along y, then the weighted addition to every sum. */
function addColumns(
  rows: Float32Array,
  w: number,
  h: number,
  [p, q, r, s]: Weights,
  start: number,
  stride: number,
  sums: readonly WeightedSum[],
  line: Float32Array,
): void {
  const [first] = sums;
  const single = sums.length === 1 && first.weight === 1;
  for (let y = 0; y < h; y++) {
    const i0 = y * w;
    const i1 = i0 + w;
    const i2 = i1 + w;
    const i3 = i2 + w;
    const out = start + y * stride;
    if (single) {
      const target = first.target;
      for (let x = 0; x < w; x++)
        target[out + x] +=
          p * rows[i0 + x] + q * rows[i1 + x] + r * rows[i2 + x] + s * rows[i3 + x];
      continue;
    }
    for (let x = 0; x < w; x++)
      line[x] = p * rows[i0 + x] + q * rows[i1 + x] + r * rows[i2 + x] + s * rows[i3 + x];
    for (const { target, weight } of sums)
      for (let x = 0; x < w; x++) target[out + x] += weight * line[x];
  }
}
