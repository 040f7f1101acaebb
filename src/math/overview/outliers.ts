import type { MetricId } from "#src/domain/records/metrics.ts";
import { metricOf, metricText, metricWithUnit } from "#src/domain/records/metrics.ts";
import { medianOf, robustSd, runningMedian } from "./movingMedian.ts";

/** Robust standard deviations beyond which a movie stands out of its session. */
const FAR = 5;
/** Fewer values than this make no session to stand out of. */
const FEWEST = 12;

/** A fifth of the series, 25 to 301 values: a spell of bad movies must not become the median. */
const windowOf = (n: number): number => Math.max(25, Math.min(301, Math.floor(n / 5))) | 1;

/** Numbers that are positive and spread by factors: motion and resolution. Judged by their logarithms. */
const BY_FACTORS: ReadonlySet<MetricId> = new Set<MetricId>([
  "driftA",
  "earlyA",
  "lateA",
  "localRmsA",
  "resolutionA",
]);

/** A value of a series, at its place in the acquisition. */
export interface SeriesPoint {
  readonly id: string;
  readonly name: string;
  /** Place in the order of acquisition, from 1. */
  readonly order: number;
  readonly value: number;
}

export interface Outlier extends SeriesPoint {
  /** Running median at this movie, and the robust standard deviation of the series about it. */
  readonly session: number;
  readonly sessionSd: number;
}

/**
 * Movies that stand out: farther than 5 robust standard deviations (1.4826 MAD) from the running median.
 * The standard deviation is the larger of the window's and of the whole series' about its running median,
 * and at least a thousandth of the median, so that equal values do not make each other far. Motion and
 * resolution are judged by their logarithms, because they spread by factors. None of fewer than 12 values.
 * @param points  in order of acquisition, values finite
 */
export function findOutliers(metric: MetricId, points: readonly SeriesPoint[]): Outlier[] {
  if (points.length < FEWEST) return [];
  const factors = BY_FACTORS.has(metric);
  const values = points.map(({ value }) => (factors ? Math.log(Math.max(value, 1e-6)) : value));
  const { median, sd } = runningMedian(values, windowOf(values.length));
  const whole = robustSd(
    values.map((v, i) => v - median[i]),
    0,
  );
  const plain = factors ? points.map(({ value }) => value) : values;
  const course = factors ? median.map(Math.exp) : median;
  const shownSd = robustSd(
    plain.map((v, i) => v - course[i]),
    0,
  );
  const least = factors ? 1e-3 : 1e-3 * Math.abs(medianOf(values));
  return points.flatMap((point, i) =>
    Math.abs(values[i] - median[i]) > FAR * Math.max(sd[i], whole, least)
      ? [{ ...point, session: course[i], sessionSd: shownSd }]
      : [],
  );
}

/** "movie_0731: sd of G 0.061, session 0.032 ± 0.002": the session's number is its running median then. */
export function outlierText(metric: MetricId, outlier: Outlier): string {
  const { name, value, session, sessionSd } = outlier;
  return `${name}: ${metricOf(metric).short} ${metricWithUnit(metric, value)}, session ${metricText(metric, session)} ± ${metricText(metric, sessionSd)}`;
}

/** Outliers that follow each other as one: at most two others between them. */
export interface OutlierRun {
  readonly metric: MetricId;
  readonly outliers: readonly Outlier[];
}

export function outlierRuns(metric: MetricId, outliers: readonly Outlier[]): OutlierRun[] {
  const runs: Outlier[][] = [];
  for (const outlier of outliers) {
    const run = runs[runs.length - 1] as Outlier[] | undefined;
    const last = run?.[run.length - 1];
    const sameSide =
      last !== undefined && last.value > last.session === outlier.value > outlier.session;
    if (run !== undefined && last !== undefined && sameSide && outlier.order - last.order <= 3)
      run.push(outlier);
    else runs.push([outlier]);
  }
  return runs.map((run) => ({ metric, outliers: run }));
}

/** A run in words: one movie by its name, several by their range. */
export function outlierRunText({ metric, outliers }: OutlierRun): string {
  const [first] = outliers;
  if (outliers.length < 3) return outliers.map((o) => outlierText(metric, o)).join("; ");
  const last = outliers[outliers.length - 1];
  const value = medianOf(outliers.map((o) => o.value));
  return `${first.name} to ${last.name}, ${outliers.length} movies: ${metricOf(metric).short} ${metricWithUnit(metric, value)}, session ${metricText(metric, first.session)} ± ${metricText(metric, first.sessionSd)}`;
}
