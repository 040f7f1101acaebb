import { quantiles } from "../orderStatistics.ts";

/** Columns on each side that are compared across a boundary; also the least distance of two boundaries. */
const REACH = 40;
/** Rows that are averaged before the contrast is squared. */
const STRIP = 32;
/** Contrast over its median that makes a boundary. */
const THRESHOLD = 6;
/** How far boundaries may lie off a regular grid to be taken for one, px. */
const GRID_TOLERANCE = 2.5;

/**
 * Boundaries between chips across x, from an image of residual log gain whose row and column means have
 * been taken out (gain recipe §2.4). Mean squared contrast of the 40 columns left and right of x over
 * strips of 32 rows; where all boundaries lie on a regular grid, the whole grid.
 * @returns first columns of the blocks but the first, ascending
 */
export function chipBoundaries(residual: Float32Array, width: number, height: number): number[] {
  const strips = Math.floor(height / STRIP);
  const places = width - 2 * REACH + 1;
  if (strips < 1 || places < 3) return [];
  const contrast = new Float64Array(places);
  const sums = new Float64Array(width + 1);
  const line = new Float64Array(width);
  for (let s = 0; s < strips; s++) {
    line.fill(0);
    for (let y = s * STRIP; y < (s + 1) * STRIP; y++)
      for (let x = 0, i = y * width; x < width; x++, i++) line[x] += residual[i];
    for (let x = 0; x < width; x++) sums[x + 1] = sums[x] + line[x] / STRIP;
    for (let k = 0; k < places; k++) {
      const x = REACH + k;
      const d = (sums[x + REACH] - 2 * sums[x] + sums[x - REACH]) / REACH;
      contrast[k] += (d * d) / strips;
    }
  }
  const middle = quantiles(Float32Array.from(contrast), [0.5])[0];
  if (!(middle > 0)) return [];
  const edges: number[] = [];
  for (;;) {
    let best = 0;
    for (let k = 1; k < places; k++) if (contrast[k] > contrast[best]) best = k;
    if (!(contrast[best] > THRESHOLD * middle)) break;
    edges.push(REACH + best);
    contrast.fill(0, Math.max(0, best - REACH), Math.min(places, best + REACH));
  }
  edges.sort((a, b) => a - b);
  return edges.length > 1 ? completeGrid(edges, width) : edges;
}

/** All lines of the regular grid that the edges lie on, or the edges themselves. */
function completeGrid(edges: number[], width: number): number[] {
  let pitch = edges[0];
  for (let i = 1; i < edges.length; i++) pitch = Math.min(pitch, edges[i] - edges[i - 1]);
  const multiples = edges.map((e) => Math.max(1, Math.round(e / pitch)));
  const numerator = edges.reduce((s, e, i) => s + e * multiples[i], 0);
  pitch = numerator / multiples.reduce((s, m) => s + m * m, 0);
  const off = Math.max(...edges.map((e, i) => Math.abs(e - multiples[i] * pitch)));
  if (off > GRID_TOLERANCE) return edges;
  const count = Math.floor((width - REACH) / pitch);
  return Array.from({ length: count }, (_, k) => Math.round((k + 1) * pitch));
}
