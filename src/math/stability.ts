import { median } from "./orderStatistics.ts";

/** Median absolute deviation of a normal distribution to its standard deviation. */
const MAD_TO_SD = 1.4826;
/** Robust standard deviations beyond which a movie is far from the others. */
const FAR = 5;
/** Significance of a trend: two-sided probability 0.0027 of the normal distribution. */
const TREND_Z = 3;

const medianOf = (values: readonly number[]): number => median(Float32Array.from(values));

/**
 * Robust smooth of a series: line by weighted least squares in a window of the nearest `span` points
 * (tricube weights), reweighted three times by bisquares of its residuals (Cleveland 1979, lowess).
 * Fewer than 4 points come back as their median. No NaN.
 * @param x  ascending
 * @param share  of the points in a window
 */
export function robustSmooth(x: readonly number[], y: readonly number[], share = 0.5): number[] {
  const n = y.length;
  if (n < 4) return y.map(() => medianOf(y));
  const span = Math.min(n, Math.max(4, Math.ceil(share * n)));
  let robust = new Array<number>(n).fill(1);
  let fit: number[] = [];
  for (let pass = 0; pass < 4; pass++) {
    const weights = robust;
    fit = x.map((at) => localLine(x, y, weights, at, span));
    const residuals = y.map((v, i) => Math.abs(v - fit[i]));
    const scale = 6 * medianOf(residuals);
    if (!(scale > 0)) break;
    robust = residuals.map((r) => (r < scale ? (1 - (r / scale) ** 2) ** 2 : 0));
  }
  return fit;
}

function localLine(
  x: readonly number[],
  y: readonly number[],
  robust: readonly number[],
  at: number,
  span: number,
): number {
  const distances = x.map((v) => Math.abs(v - at));
  const reach = [...distances].sort((a, b) => a - b)[span - 1] * (1 + 1e-9);
  let [s, sx, sy, sxx, sxy] = [0, 0, 0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    if (distances[i] > reach) continue;
    const w = robust[i] * (reach > 0 ? (1 - (distances[i] / reach) ** 3) ** 3 : 1);
    const d = x[i] - at;
    s += w;
    sx += w * d;
    sy += w * y[i];
    sxx += w * d * d;
    sxy += w * d * y[i];
  }
  if (s === 0) return medianOf(y);
  const determinant = s * sxx - sx * sx;
  return determinant > 1e-12 * s * sxx ? (sxx * sy - sx * sxy) / determinant : sy / s;
}

/**
 * Values that are far from the others: more than 5 robust standard deviations (1.4826 MAD) off the
 * median; a tenth of a percent of the median at least, so that equal values do not make each other far.
 * @returns positions; none of fewer than 5 values
 */
export function farFromOthers(values: readonly number[]): number[] {
  if (values.length < 5) return [];
  const middle = medianOf(values);
  const sd = MAD_TO_SD * medianOf(values.map((v) => Math.abs(v - middle)));
  const limit = Math.max(FAR * sd, 1e-3 * Math.abs(middle));
  return values.flatMap((v, i) => (Math.abs(v - middle) > limit ? [i] : []));
}

/** How a series moves. */
export interface Trend {
  /** Mann-Kendall statistic in standard deviations: positive = rising. */
  readonly z: number;
  /** Median slope between pairs, per step (Theil and Sen). */
  readonly slope: number;
  /** |z| above 3: it is no chance. */
  readonly drifts: boolean;
}

/** Mann-Kendall test of a series for a monotonic trend, with Theil–Sen's slope; null below 5 values. */
export function trendOf(values: readonly number[]): Trend | null {
  const n = values.length;
  if (n < 5) return null;
  let s = 0;
  const slopes: number[] = [];
  // Long series are thinned: the test is decided long before.
  const step = Math.max(1, Math.ceil(n / 400));
  const thin = values.filter((_, i) => i % step === 0);
  for (let i = 0; i < thin.length; i++)
    for (let j = i + 1; j < thin.length; j++) {
      s += Math.sign(thin[j] - thin[i]);
      slopes.push((thin[j] - thin[i]) / (step * (j - i)));
    }
  const m = thin.length;
  const sd = Math.sqrt((m * (m - 1) * (2 * m + 5)) / 18);
  const z = (s - Math.sign(s)) / sd;
  return { z, slope: medianOf(slopes), drifts: Math.abs(z) > TREND_Z };
}

/** Figures of a residual gain whose change over the acquisition is watched. */
export interface StabilityFigures {
  readonly name: string;
  readonly std: number;
  readonly spread: number;
  readonly peak: number;
  /** (p97.5 + p2.5 − 2 p50)/(p97.5 − p2.5): 0 = symmetric, −1 … 1. */
  readonly skew: number;
}

/** Quantile skewness beyond which a histogram is called skewed; 0 for any symmetric one. */
export const SKEW_LIMIT = 0.2;

/** Quantile skewness of Bowley's kind at 2.5 and 97.5 %. */
export function quantileSkew(s: {
  readonly p2_5: number;
  readonly p50: number;
  readonly p97_5: number;
}): number {
  const width = s.p97_5 - s.p2_5;
  return width > 0 ? (s.p97_5 + s.p2_5 - 2 * s.p50) / width : 0;
}

/** Sentences about movies in order of acquisition: trends, movies far from the others, skew. */
export function stabilityFindings(movies: readonly StabilityFigures[]): string[] {
  const findings: string[] = [];
  const watched = [
    ["std", "standard deviation"],
    ["spread", "ratio of 97.5 to 2.5 percentile"],
    ["peak", "ratio of maximum to 97.5 percentile"],
  ] as const;
  const named = new Map<number, string[]>();
  for (const [key, title] of watched) {
    const values = movies.map((m) => m[key]);
    const trend = trendOf(values);
    if (trend?.drifts === true)
      findings.push(
        `The ${title} ${trend.slope < 0 ? "falls" : "rises"} over the acquisition, by ${Math.abs(trend.slope * (values.length - 1)).toPrecision(2)} in ${values.length} movies: the gain drifts.`,
      );
    for (const i of farFromOthers(values)) named.set(i, [...(named.get(i) ?? []), title]);
  }
  for (const [i, titles] of [...named].sort(([a], [b]) => a - b).slice(0, 5))
    findings.push(`${movies[i].name} is far from the others in its ${titles.join(" and ")}.`);
  if (named.size > 5) findings.push(`${named.size - 5} more movies are far from the others.`);
  const skewed = movies.filter((m) => Math.abs(m.skew) > SKEW_LIMIT);
  if (skewed.length > 0)
    findings.push(
      `The histogram of ${skewed.length === 1 ? skewed[0].name : `${skewed.length} movies`} is skewed: the reference no longer fits, or the specimen shows.`,
    );
  return findings;
}
