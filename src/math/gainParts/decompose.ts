import { median } from "../orderStatistics.ts";
import type { GainResidual } from "./gainResidual.ts";
import { halfDifferenceVariance } from "../motionGain/residual.ts";
import { pixelPart } from "./pixelPart.ts";
import { blockIndex, totalLogGain } from "./parts.ts";
import type { ChipGrid, GainParts } from "./parts.ts";
import { chipBoundaries, NARROW_REACH, WIDE_REACH } from "./chipBoundaries.ts";
import { profileSpectrum, shrinkProfile } from "./lineProfile.ts";

const MAD_TO_SD = 1.4826;
/** Prior variance of the log gain of a pixel that stands far out. */
const OUTLIER_PRIOR = 0.25;

export interface Decomposition {
  readonly parts: GainParts;
  /** Shot variance of e, from odd against even frames. */
  readonly noiseVariance: number;
  /** Prior standard deviation of the pixel part, columns and rows: the gain's own spread. */
  readonly pixelPrior: number;
  readonly columnPrior: number;
  readonly rowPrior: number;
  /**
   * Expected rms error of log G over pixels, from the posterior variances of the parts. A plane that the
   * ice puts there is not in it: one movie cannot tell it from the detector's.
   */
  readonly expectedError: number;
  /** The same without the pixel part, whose error alone falls with further movies. */
  readonly lineError: number;
  /** Share of each part's own variance that the counts have made known, 0 … 1. */
  readonly shares: { readonly columns: number; readonly rows: number; readonly pixels: number };
  /** Pixels beyond six standard deviations. */
  readonly outliers: number;
  readonly meanVisibility: number;
}

/** Σ a·w / Σ w down the columns (`[width]`) and along the rows (`[height]`). */
function lineMeans(
  a: Float32Array,
  w: Uint8Array,
  width: number,
  height: number,
): { columns: Float64Array; rows: Float64Array } {
  const columns = new Float64Array(width);
  const counts = new Float64Array(width);
  const rows = new Float64Array(height);
  for (let y = 0, i = 0; y < height; y++) {
    let sum = 0;
    let count = 0;
    for (let x = 0; x < width; x++, i++)
      if (w[i] !== 0) {
        columns[x] += a[i];
        counts[x]++;
        sum += a[i];
        count++;
      }
    rows[y] = sum / Math.max(count, 1);
  }
  for (let x = 0; x < width; x++) columns[x] /= Math.max(counts[x], 1);
  return { columns, rows };
}

/** Slope of a profile over its whole length: Σ u·p / Σ u², u = i/n − ½. */
function slopeOf(profile: Float64Array): number {
  let up = 0;
  let uu = 0;
  for (let i = 0; i < profile.length; i++) {
    const u = i / profile.length - 0.5;
    up += u * profile[i];
    uu += u * u;
  }
  return up / uu;
}

/** Means of the blocks of `a` over pixels that count; blocks without any are 0. */
export function blockMeans(
  a: Float32Array,
  w: Uint8Array,
  width: number,
  height: number,
  columnEdges: readonly number[],
  rowEdges: readonly number[],
): ChipGrid {
  const bx = blockIndex(columnEdges, width);
  const by = blockIndex(rowEdges, height);
  const across = columnEdges.length + 1;
  const sums = new Float64Array(across * (rowEdges.length + 1));
  const counts = new Float64Array(sums.length);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++)
      if (w[i] !== 0) {
        const b = by[y] * across + bx[x];
        sums[b] += a[i];
        counts[b]++;
      }
  return { columnEdges, rowEdges, values: sums.map((s, b) => s / Math.max(counts[b], 1)) };
}

/**
 * New parts of the log gain from the residual of frames corrected with the parts in use (gain recipe
 * §2.4): outliers set aside, plane, chips, shrunken columns and rows, and the pixels by a Wiener filter.
 * @param electrons electrons per pixel in all
 * @param withPixels false in the first round, before the specimen is known
 * @param withOutliers false where pixels that stand far out may as well be specimen that stands still
 */
export function decompose(
  residual: GainResidual,
  good: Uint8Array<ArrayBuffer>,
  inUse: GainParts,
  electrons: number,
  withPixels: boolean,
  withOutliers = true,
): Decomposition {
  const { width, height, pixels: oldPixels } = inUse;
  const n = width * height;
  const e = residual.all;
  const total = totalLogGain(inUse);

  const { counts: w, outlier, outliers } = findOutliers(e, oldPixels, good, electrons);
  const noiseVariance = residual.noiseShare * halfDifferenceVariance(residual, w);

  // The gain as seen now without its pixel part: residual + structured parts.
  const full = new Float32Array(n);
  for (let i = 0; i < n; i++) full[i] = (w[i] !== 0 ? e[i] : 0) + total[i] - oldPixels[i];

  const structured = (use: Parameters<typeof totalLogGain>[1], parts: GainParts) =>
    totalLogGain(parts, { ...use, pixels: false });
  const minus = (a: Float32Array, b: Float32Array) => a.map((v, i) => v - b[i]);

  const forPlane = lineMeans(minus(full, structured({ plane: false }, inUse)), w, width, height);
  const plane = { x: slopeOf(forPlane.columns), y: slopeOf(forPlane.rows) };
  let parts: GainParts = { ...inUse, plane };

  const onlyPlane = structured({ chips: false, columns: false, rows: false }, parts);
  const edges = findChips(
    minus(full, onlyPlane),
    w,
    width,
    height,
    withPixels ? NARROW_REACH : WIDE_REACH,
  );
  const manyChips = edges.columns.length + edges.rows.length > 0;
  parts = {
    ...parts,
    chips: { columnEdges: [], rowEdges: [], values: new Float64Array(1) },
  };

  let columnPrior = 0;
  let rowPrior = 0;
  let lineVariance = 0;
  const shares = { columns: 0, rows: 0, pixels: 0 };
  const pe = lineMeans(e, w, width, height);
  const lineNoise = axisOf(residual, width, height, noiseVariance);
  // Chip means with columns and rows left free meanwhile (backfitting).
  for (let pass = 0; pass < (manyChips ? 4 : 1); pass++) {
    if (manyChips) {
      const rest = minus(full, structured({ chips: false }, parts));
      parts = {
        ...parts,
        chips: blockMeans(rest, w, width, height, edges.columns, edges.rows),
      };
    }
    const forColumns = minus(full, structured({ columns: false }, parts));
    const columns = shrinkLines(
      pe.columns,
      lineMeans(forColumns, w, width, height).columns,
      lineNoise.columns,
    );
    parts = { ...parts, columns: columns.profile };
    columnPrior = columns.priorDeviation;
    const forRows = minus(full, structured({ rows: false }, parts));
    const rows = shrinkLines(pe.rows, lineMeans(forRows, w, width, height).rows, lineNoise.rows);
    parts = { ...parts, rows: rows.profile };
    rowPrior = rows.priorDeviation;
    shares.columns = columns.share;
    shares.rows = rows.share;
    lineVariance = columns.posteriorVariance + rows.posteriorVariance;
  }

  const smooth = structured({}, parts);
  const rest = pixelPart(
    residual,
    w,
    outlier,
    minus(total, smooth),
    noiseVariance,
    parts,
    withPixels,
  );
  const wide = OUTLIER_PRIOR / (OUTLIER_PRIOR + noiseVariance);
  for (let i = 0; i < n; i++)
    if (withOutliers && outlier[i] !== 0)
      rest.pixels[i] = wide * (Math.log(Math.max(1 + e[i], 0.05)) + total[i] - smooth[i]);

  if (manyChips) lineVariance += (noiseVariance * parts.chips.values.length) / n;
  let visible = 0;
  for (const c of residual.visibility) visible += c;
  return {
    parts: { ...parts, pixels: rest.pixels },
    noiseVariance,
    pixelPrior: rest.prior,
    shares: {
      ...shares,
      pixels: rest.prior > 0 ? Math.max(0, 1 - rest.unknown / rest.prior ** 2) : 0,
    },
    expectedError: Math.sqrt(lineVariance + rest.unknown),
    lineError: Math.sqrt(lineVariance),
    columnPrior,
    rowPrior,
    outliers,
    meanVisibility: visible / residual.visibility.length,
  };
}

/** Pixels beyond 6 s.d. of the Anscombe-transformed count; `counts` = good and no outlier. */
function findOutliers(
  e: Float32Array,
  pixels: Float32Array,
  good: Uint8Array,
  electrons: number,
): { counts: Uint8Array; outlier: Uint8Array; outliers: number } {
  const n = e.length;
  const absolute = new Float32Array(n);
  for (let i = 0; i < n; i++) absolute[i] = Math.abs(e[i] + pixels[i]);
  const deviation = MAD_TO_SD * median(absolute, good);
  const limit = 6 * Math.max(1, deviation * Math.sqrt(electrons));
  const middle = Math.sqrt(electrons + 0.375);
  const counts = new Uint8Array(n);
  const outlier = new Uint8Array(n);
  let outliers = 0;
  for (let i = 0; i < n; i++) {
    if (good[i] === 0) continue;
    const count = Math.max(electrons * (1 + e[i] + pixels[i]), 0);
    if (Math.abs(2 * (Math.sqrt(count + 0.375) - middle)) > limit) {
      outlier[i] = 1;
      outliers++;
    } else counts[i] = 1;
  }
  return { counts, outlier, outliers };
}

/** Chip boundaries both ways, from the image without its column and row means, clipped at 4 s.d. */
export function findChips(
  q: Float32Array,
  w: Uint8Array,
  width: number,
  height: number,
  reach: number,
): { columns: number[]; rows: number[] } {
  const means = lineMeans(q, w, width, height);
  let sum = 0;
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      q[i] -= means.columns[x] + means.rows[y];
      sum += q[i];
    }
  const mean = sum / q.length;
  for (let i = 0; i < q.length; i++) q[i] = w[i] !== 0 ? q[i] - mean : 0;
  const limit = 4 * MAD_TO_SD * median(q.map(Math.abs));
  const turned = new Float32Array(q.length);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      q[i] = Math.max(-limit, Math.min(limit, q[i]));
      turned[x * height + y] = q[i];
    }
  return {
    columns: chipBoundaries(q, width, height, reach),
    rows: chipBoundaries(turned, height, width, reach),
  };
}

interface LineNoise {
  readonly visibility: Float64Array;
  readonly noise: Float64Array;
}

/** c and the noise of line means on the two axes of the spectrum. */
function axisOf(
  residual: GainResidual,
  width: number,
  height: number,
  noiseVariance: number,
): { columns: LineNoise; rows: LineNoise } {
  const half = Math.floor(width / 2) + 1;
  const line = (length: number, step: number, pixelsInLine: number): LineNoise => {
    const visibility = new Float64Array(Math.floor(length / 2) + 1);
    const noise = new Float64Array(visibility.length);
    for (let k = 0; k < visibility.length; k++) {
      visibility[k] = residual.visibility[k * step];
      noise[k] = (visibility[k] * noiseVariance + residual.left[k * step]) / pixelsInLine;
    }
    return { visibility, noise };
  };
  return { columns: line(width, 1, height), rows: line(height, half, width) };
}

/** Shrunken profile: F(k) = FFT(mean of e) + c·FFT(profile in use). */
function shrinkLines(
  residualMeans: Float64Array,
  fullMeans: Float64Array,
  { visibility, noise }: LineNoise,
): ReturnType<typeof shrinkProfile> {
  const inUse = fullMeans.map((v, i) => v - residualMeans[i]);
  const f = profileSpectrum(residualMeans);
  const g = profileSpectrum(inUse);
  const n = residualMeans.length;
  for (let k = 0; k < n; k++) {
    const c = visibility[Math.min(k, n - k)];
    f[2 * k] += c * g[2 * k];
    f[2 * k + 1] += c * g[2 * k + 1];
  }
  return shrinkProfile(f, visibility, noise);
}
