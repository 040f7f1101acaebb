import { quantiles } from "../orderStatistics.ts";

/** Columns compared across a boundary while the specimen is still in the picture: wide, against its grain. */
export const WIDE_REACH = 40;
/** … and once it has been predicted, but for its slow waves: narrow, so that these cancel. */
export const NARROW_REACH = 16;
/** Least distance of two boundaries, and of one from the border, px. */
const APART = 40;
/** Rows that are averaged before the contrast is squared. */
const STRIP = 32;
/** Share of the strips, those with most contrast, that is left out: a boundary shows in most of them. */
const TRIMMED = 0.25;
/**
 * Contrast over that of places without a boundary. Specimen alone reaches 10 while it is in the picture and
 * 7 once it has been predicted; steps of 4 % reach 50.
 */
const THRESHOLD = { wide: 12, narrow: 9 } as const;
/** How far boundaries may lie off a regular grid to be taken for one, px. */
const GRID_TOLERANCE = 4;
/** Interquartile range of a normal distribution. */
const IQR_TO_SD = 1.349;
/** Standard errors by which the further boundaries of a finer grid stand out together. */
const FINER_ERRORS = 5;

/**
 * Boundaries between chips across x, from an image of residual log gain whose row and column means have
 * been taken out (gain recipe §2.4). Squared contrast of the `reach` columns left and right of x in strips
 * of 32 rows, mean over the lower three quarters of the strips (blobs of specimen fill a few, boundaries
 * most), over its lower quartile; where all boundaries lie on a regular grid, the whole grid, and a finer one
 * where the data show it.
 * @returns first columns of the blocks but the first, ascending
 */
export function chipBoundaries(
  residual: Float32Array,
  width: number,
  height: number,
  reach: number,
): number[] {
  const strips = Math.floor(height / STRIP);
  const places = width - 2 * APART + 1;
  if (strips < 1 || places < 3) return [];
  const squares = new Float32Array(places * strips);
  const sums = new Float64Array(width + 1);
  const line = new Float64Array(width);
  for (let s = 0; s < strips; s++) {
    line.fill(0);
    for (let y = s * STRIP; y < (s + 1) * STRIP; y++)
      for (let x = 0, i = y * width; x < width; x++, i++) line[x] += residual[i];
    for (let x = 0; x < width; x++) sums[x + 1] = sums[x] + line[x] / STRIP;
    for (let k = 0; k < places; k++) {
      const x = APART + k;
      const d = (sums[x + reach] - 2 * sums[x] + sums[x - reach]) / reach;
      squares[k * strips + s] = d * d;
    }
  }
  const kept = Math.max(1, Math.round(strips * (1 - TRIMMED)));
  const contrast = new Float64Array(places);
  for (let k = 0; k < places; k++) {
    const here = squares.subarray(k * strips, (k + 1) * strips).sort();
    for (let s = 0; s < kept; s++) contrast[k] += here[s] / kept;
  }
  const plain = quantiles(Float32Array.from(contrast), [0.25])[0];
  if (!(plain > 0)) return [];
  const threshold = reach >= WIDE_REACH ? THRESHOLD.wide : THRESHOLD.narrow;
  const all = contrast.slice();
  const edges: number[] = [];
  for (;;) {
    let best = 0;
    for (let k = 1; k < places; k++) if (contrast[k] > contrast[best]) best = k;
    if (!(contrast[best] > threshold * plain)) break;
    edges.push(APART + best);
    contrast.fill(0, Math.max(0, best - APART), Math.min(places, best + APART));
  }
  edges.sort((a, b) => a - b);
  if (edges.length < 2) return edges;
  const pitch = pitchOf(edges);
  return pitch === null ? edges : gridOf(finerPitch(all, pitch, width), width);
}

/** Pitch of the regular grid that the edges lie on; null = they lie on none. */
function pitchOf(edges: readonly number[]): number | null {
  let pitch = edges[0];
  for (let i = 1; i < edges.length; i++) pitch = Math.min(pitch, edges[i] - edges[i - 1]);
  const multiples = edges.map((e) => Math.max(1, Math.round(e / pitch)));
  const numerator = edges.reduce((s, e, i) => s + e * multiples[i], 0);
  pitch = numerator / multiples.reduce((s, m) => s + m * m, 0);
  const off = Math.max(...edges.map((e, i) => Math.abs(e - multiples[i] * pitch)));
  return off > GRID_TOLERANCE ? null : pitch;
}

/** All boundaries of a regular grid. */
function gridOf(pitch: number, width: number): number[] {
  const count = Math.floor((width - APART) / pitch);
  return Array.from({ length: count }, (_, k) => Math.round((k + 1) * pitch));
}

/**
 * The grid that halves or thirds a found one, where its further boundaries together stand out by what none
 * of them does by itself: their mean contrast beyond the median by 5 standard errors.
 */
function finerPitch(contrast: Float64Array, pitch: number, width: number): number {
  const [low, middle, high] = quantiles(Float32Array.from(contrast), [0.25, 0.5, 0.75]);
  const deviation = (high - low) / IQR_TO_SD;
  for (const parts of [2, 3]) {
    if (pitch / parts < 2 * APART) break;
    const further = gridOf(pitch / parts, width).filter((_, k) => (k + 1) % parts !== 0);
    const mean = further.reduce((s, x) => s + contrast[x - APART], 0) / further.length;
    if (mean > middle + (FINER_ERRORS * deviation) / Math.sqrt(further.length))
      return finerPitch(contrast, pitch / parts, width);
  }
  return pitch;
}
