import { METRICS, NO_METRICS } from "#src/domain/records/metrics.ts";
import type { MetricId, MetricLimits } from "#src/domain/records/metrics.ts";
import type { OverviewRow, SessionThresholds } from "#src/domain/records/movieRecord.ts";
import { gainMetrics, motionMetrics } from "#src/math/movieMetrics.ts";
import { runningMedian, trendWindow } from "#src/math/overview/movingMedian.ts";
import { changeNotices, seriesOf } from "#src/math/overview/notices.ts";
import type { ChangeNotice } from "#src/math/overview/notices.ts";
import { findOutliers, outlierRuns, outlierRunText } from "#src/math/overview/outliers.ts";
import { findRows, isAccepted, sortRows } from "#src/math/overview/rowOrder.ts";
import { beyondLimits, isFilteredOut, thresholdReason } from "#src/math/overview/thresholds.ts";
import type { AppState } from "./appState.ts";
import { moviesOf } from "./sessionState.ts";
import { overviewRows } from "./overviewRows.ts";
import { createSteadyRows } from "./steadyRows.ts";

/** What the views show of the arithmetic of a session. */
export { isAccepted, shownState, SHOWN_STATES, stateCounts } from "#src/math/overview/rowOrder.ts";
export type { RowColumn, ShownState } from "#src/math/overview/rowOrder.ts";
export { countBeyond, isBeyond, limitText, parseLimit } from "#src/math/overview/thresholds.ts";
export { metricColumn } from "./steadyRows.ts";
export { metricHistogram } from "#src/math/overview/metricHistogram.ts";
export type { MetricHistogram } from "#src/math/overview/metricHistogram.ts";
export { niceTicks, timeTicks, trendRange } from "#src/math/overview/axisTicks.ts";
export { thinDots } from "#src/math/overview/thinDots.ts";
export type { ChangeNotice } from "#src/math/overview/notices.ts";

/** Keeps the last answer for as long as what it was made of stays the same. */
function remembered<In extends readonly unknown[], Out>(
  make: (...inputs: In) => Out,
): (...inputs: In) => Out {
  let last: { readonly inputs: In; readonly out: Out } | null = null;
  return (...inputs) => {
    if (last?.inputs.every((value, i) => value === inputs[i]) === true) return last.out;
    const out = make(...inputs);
    last = { inputs, out };
    return out;
  };
}

/** Rows as other thresholds would have them, while a handle is dragged: states and reasons only. */
export function withThresholds(
  rows: readonly OverviewRow[],
  thresholds: SessionThresholds,
): readonly OverviewRow[] {
  return rows.map((row) => {
    const { state, hand, metrics } = row;
    const beyond = beyondLimits(metrics, thresholds.limits);
    const free = hand === null && (state === "processed" || state === "filtered");
    const out = free && isFilteredOut(metrics, thresholds);
    const next = free ? (out ? "filtered" : "processed") : state;
    const reason = free ? (out ? thresholdReason(metrics, thresholds.limits) : "") : row.reason;
    const same =
      next === state &&
      reason === row.reason &&
      beyond.length === row.beyond.length &&
      beyond.every((id, i) => id === row.beyond[i]);
    return same ? row : { ...row, beyond, state: next, reason };
  });
}

const drafted = remembered((rows: readonly OverviewRow[], draft: SessionThresholds | null) =>
  draft === null ? rows : withThresholds(rows, draft),
);

/** The thresholds that hold at this moment: those being dragged, else the project's. */
export function thresholdsNow({ overview, project }: AppState): SessionThresholds {
  return overview.draft ?? project.thresholds;
}

/**
 * Rows of a session that keeps no records, as the demo's: from the reports of this visit. Every movie with a
 * result counts as processed; what is running and what failed stands with it.
 */
const rowsOfReports = remembered(
  (
    session: AppState["session"],
    gains: AppState["gain"]["reports"],
    motions: AppState["motion"]["reports"],
    failures: AppState["motion"]["failures"],
    thresholds: SessionThresholds,
    running: string | null,
    step: OverviewRow["running"],
  ): readonly OverviewRow[] =>
    moviesOf(session).map((file, i) => {
      const gain = gains[file.id] as (typeof gains)[string] | undefined;
      const motion = motions[file.id] as (typeof motions)[string] | undefined;
      const failure = failures[file.id] as (typeof failures)[string] | undefined;
      const metrics = {
        ...NO_METRICS,
        ...(gain === undefined ? {} : gainMetrics(gain)),
        ...(motion === undefined ? {} : motionMetrics(motion)),
      };
      const made = gain !== undefined || motion !== undefined;
      const filtered = made && isFilteredOut(metrics, thresholds);
      const { id, name, path, lastModified } = file;
      return {
        ...{ id, name, path, metrics },
        order: i + 1,
        acquiredAt: lastModified,
        state: filtered ? "filtered" : made ? "processed" : "unprocessed",
        running: running === id ? step : null,
        failure:
          file.failure !== null
            ? { step: "reading", text: file.failure.message }
            : failure === undefined
              ? null
              : { step: "motion", text: failure.message },
        hand: null,
        reason: filtered ? thresholdReason(metrics, thresholds.limits) : "",
        beyond: beyondLimits(metrics, thresholds.limits),
        flags: motion?.flags ?? [],
        track: motion === undefined ? null : { x: motion.globalX, y: motion.globalY },
        sampled: false,
      };
    }),
);

function currentRows(state: AppState): readonly OverviewRow[] {
  const { session, gain, motion, project, runs } = state;
  if (project.order.length > 0) return overviewRows(state);
  return rowsOfReports(
    session,
    gain.reports,
    motion.reports,
    motion.failures,
    project.thresholds,
    runs.active?.fileId ?? null,
    runs.active?.step ?? null,
  );
}

/** All rows, in order of arrival, as the thresholds of this moment have them. */
export function allRows(state: AppState): readonly OverviewRow[] {
  return drafted(currentRows(state), state.overview.draft);
}

const steady = createSteadyRows();

/** All rows as far as their numbers, places and names go: the same array whatever becomes of their states. */
export function numberedRows(state: AppState): readonly OverviewRow[] {
  return steady(allRows(state));
}

const found = remembered(findRows);
const sorted = remembered(sortRows);

/** The rows of the table, found and sorted. */
export function shownRows(state: AppState): readonly OverviewRow[] {
  const { text, states, sort } = state.overview;
  return sorted(found(allRows(state), text, states), sort.column, sort.descending);
}

const accepted = remembered((rows: readonly OverviewRow[]) => rows.filter(isAccepted));

export function acceptedRows(state: AppState): readonly OverviewRow[] {
  return accepted(allRows(state));
}

/** Whether a choice by hand stands on any of the movies that are picked. */
const chosenAmong = remembered(
  (picked: readonly string[], records: AppState["project"]["records"]) =>
    picked.some((id) => (records[id]?.hand ?? null) !== null),
);

export function pickedByHand({ overview, project }: AppState): boolean {
  return chosenAmong(overview.picked, project.records);
}

/** Metrics that at least one movie has, in the order of the columns. */
export function presentMetrics(rows: readonly OverviewRow[]): readonly MetricId[] {
  return METRICS.filter(({ id }) => rows.some(({ metrics }) => metrics[id] !== null)).map(
    ({ id }) => id,
  );
}

/** Trends that are shown before anybody chooses, and how many. */
const FIRST_TRENDS: readonly MetricId[] = [
  "gainSd",
  "driftA",
  "meanCounts",
  "defocusA",
  "earlyA",
  "lateA",
  "gainSpread",
];
export const MOST_TRENDS = 4;

export function defaultTrends(present: readonly MetricId[]): readonly MetricId[] {
  return FIRST_TRENDS.filter((id) => present.includes(id)).slice(0, MOST_TRENDS);
}

/** Course of one metric over the acquisition. */
export interface Trend {
  readonly metric: MetricId;
  readonly ids: readonly string[];
  readonly names: readonly string[];
  /** Places in the order of acquisition, from 1. */
  readonly orders: readonly number[];
  readonly values: readonly number[];
  /** Running median at each value. */
  readonly median: ArrayLike<number>;
  /** Movies that stand out of their session, by id, each with its sentence. */
  readonly outliers: ReadonlySet<string>;
  readonly findings: readonly string[];
  readonly changes: readonly ChangeNotice[];
}

/** Time of day of an acquisition: "21:26"; "" where it is not known. */
export function timeOfDay(at: number | null): string {
  if (at === null) return "";
  const date = new Date(at);
  return `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
}

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** Label of a time tick: the time of day, at midnight the day. */
export function timeTick(at: number): string {
  const text = timeOfDay(at);
  return text === "00:00" ? DAY.format(at) : text;
}

function trendOf(metric: MetricId, rows: readonly OverviewRow[], residual: boolean): Trend {
  const series = seriesOf(metric, rows);
  const values = series.map(({ value }) => value);
  const times = new Map(rows.map((row) => [row.id, row.acquiredAt]));
  const outliers = findOutliers(metric, series);
  return {
    metric,
    ids: series.map(({ id }) => id),
    names: series.map(({ name }) => name),
    orders: series.map(({ order }) => order),
    values,
    median: runningMedian(values, trendWindow(values.length)).median,
    outliers: new Set(outliers.map(({ id }) => id)),
    findings: outlierRuns(metric, outliers).map(outlierRunText),
    changes: changeNotices(
      metric,
      series,
      rows.length,
      (id) => timeOfDay(times.get(id) ?? null),
      residual,
    ),
  };
}

/** Trends of rows, by metric. */
interface Analysis {
  rows: readonly OverviewRow[];
  readonly trends: Map<string, Trend>;
}

/** Of the rows that are shown, and of newer ones whose trends are being made. */
let analyses: readonly Analysis[] = [];

/** Movies whose numbers stay the same are not looked at again, whatever becomes of their states. */
function analysisOf(rows: readonly OverviewRow[]): Analysis {
  const same = (other: Analysis): boolean =>
    rows === other.rows ||
    (rows.length === other.rows.length &&
      rows.every((row, i) => row.metrics === other.rows[i].metrics && row.id === other.rows[i].id));
  const found = analyses.find(({ rows: others }) => others === rows) ?? analyses.find(same);
  const analysis = found ?? { rows, trends: new Map<string, Trend>() };
  analysis.rows = rows;
  if (analyses[0] !== analysis)
    analyses = [analysis, ...analyses.filter((other) => other !== analysis)].slice(0, 2);
  return analysis;
}

/**
 * Course, outliers and lasting changes of a metric. Kept for as long as no movie's numbers change: a moved
 * threshold costs nothing here.
 */
export function trend(metric: MetricId, rows: readonly OverviewRow[], residual = true): Trend {
  const { trends } = analysisOf(rows);
  const key = `${metric}/${String(residual)}`;
  const known = trends.get(key) ?? trendOf(metric, rows, residual);
  trends.set(key, known);
  return known;
}

/**
 * Where movies stand along a trend: by time of acquisition when nearly all have one and the clock never
 * went back by much, else by their place in the order.
 */
export interface TrendAxis {
  readonly kind: "time" | "order";
  readonly from: number;
  readonly to: number;
  readonly at: (row: OverviewRow) => number;
}

export function trendAxis(rows: readonly OverviewRow[]): TrendAxis {
  const times = rows.flatMap(({ acquiredAt }) => (acquiredAt === null ? [] : [acquiredAt]));
  const [from, to] = times.reduce(
    ([low, high], t) => [Math.min(low, t), Math.max(high, t)],
    [Infinity, -Infinity],
  );
  let backwards = 0;
  for (let i = 1; i < times.length; i++) if (times[i] < times[i - 1]) backwards++;
  const usable =
    times.length >= 0.95 * rows.length &&
    times.length > 1 &&
    to - from > 1000 * rows.length &&
    backwards < 0.05 * times.length;
  if (usable) return { kind: "time", from, to, at: (row) => row.acquiredAt ?? from };
  return { kind: "order", from: 1, to: Math.max(2, rows.length), at: (row) => row.order };
}

/** Metrics whose limits are shown: those with values, and those that are limited already. */
export function limitedMetrics(
  present: readonly MetricId[],
  limits: MetricLimits,
): readonly MetricId[] {
  return METRICS.filter(({ id }) => present.includes(id) || limits[id] !== undefined).map(
    ({ id }) => id,
  );
}
