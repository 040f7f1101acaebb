import { metricText, metricWithUnit, METRICS } from "#src/domain/records/metrics.ts";
import type { MetricId, MetricLimits, MetricValues } from "#src/domain/records/metrics.ts";
import type { OverviewRow } from "#src/domain/records/movieRecord.ts";
import { findLevelChanges } from "./changePoint.ts";
import type { LevelChange } from "./changePoint.ts";
import type { SeriesPoint } from "./outliers.ts";
import { isBeyond } from "./thresholds.ts";

/** The values of one metric in order of acquisition, movies without it left out. */
export function seriesOf(metric: MetricId, rows: readonly OverviewRow[]): SeriesPoint[] {
  return rows
    .flatMap(({ id, name, order, metrics }) => {
      const value = metrics[metric];
      return value === null || !Number.isFinite(value) ? [] : [{ id, name, order, value }];
    })
    .sort((a, b) => a.order - b.order);
}

/** A lasting change of one metric, with its words. */
export interface ChangeNotice {
  readonly metric: MetricId;
  readonly change: LevelChange;
  /** The first movie of the new level, and the one before it. */
  readonly first: SeriesPoint;
  readonly last: SeriesPoint;
  /** "The residual gain changed at 621 of 1 000, 21:26." */
  readonly title: string;
  /** "The sd rose from 0.032 to 0.037 and stayed there: …" */
  readonly detail: string;
}

/** What changes, its figure in words, and what a lasting rise or fall points to. */
const WORDS: Readonly<
  Record<
    MetricId,
    {
      readonly subject: string;
      readonly figure: string;
      readonly rise: string;
      readonly fall: string;
    }
  >
> = {
  gainSd: {
    subject: "residual gain",
    figure: "sd",
    rise: "the reference may be older than this part of the session",
    fall: "the reference fits this part of the session better",
  },
  gainSpread: {
    subject: "residual gain",
    figure: "ratio p97.5 / p2.5",
    rise: "the reference may be older than this part of the session",
    fall: "the reference fits this part of the session better",
  },
  gainPeak: {
    subject: "residual gain",
    figure: "ratio max / p97.5",
    rise: "single pixels have become too bright",
    fall: "single bright pixels are gone",
  },
  meanCounts: {
    subject: "beam",
    figure: "mean counts",
    rise: "thinner ice or a brighter beam",
    fall: "thicker ice, a grid bar or a weaker beam",
  },
  driftA: {
    subject: "drift",
    figure: "sum of steps",
    rise: "the stage settles less, or another grid square began",
    fall: "the stage has settled",
  },
  earlyA: {
    subject: "early motion",
    figure: "first 4 e⁻/Å²",
    rise: "the ice moves more under the beam here",
    fall: "the ice moves less under the beam here",
  },
  lateA: {
    subject: "late motion",
    figure: "motion after 4 e⁻/Å²",
    rise: "the stage drifts more",
    fall: "the stage drifts less",
  },
  localRmsA: {
    subject: "local motion",
    figure: "rms",
    rise: "the ice bends more here",
    fall: "the ice bends less here",
  },
  defocusA: {
    subject: "defocus",
    figure: "mean of both axes",
    rise: "the focus was set anew, or the grid is tilted",
    fall: "the focus was set anew, or the grid is tilted",
  },
  resolutionA: {
    subject: "CTF fit",
    figure: "resolution",
    rise: "thicker ice or more motion",
    fall: "thinner ice or less motion",
  },
};

/** 621 of 1 000: a thin space for thousands. */
const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");

/**
 * Lasting changes of a metric over the acquisition ({@link findLevelChanges}).
 * @param time  the time of day of a movie, or "" where it is not known
 * @param total  movies of the session
 */
export function changeNotices(
  metric: MetricId,
  series: readonly SeriesPoint[],
  total: number,
  time: (id: string) => string,
  residual = true,
): ChangeNotice[] {
  const words = WORDS[metric];
  // Without a reference it is the camera's own gain that changes, and no reference can be old.
  const own = !residual && metric.startsWith("gain");
  const subject = own ? "estimated gain" : words.subject;
  const changes = findLevelChanges(series.map(({ value }) => value));
  // The way back was told with the way there.
  const told = changes.filter((_, i) => i === 0 || !changes[i - 1].returned);
  return told.map((change) => {
    const first = series[change.at];
    const at = time(first.id);
    const rises = change.after > change.before;
    const back = change.until === null ? undefined : series[change.until];
    const lasted =
      back === undefined
        ? "stayed there"
        : change.returned
          ? `came back at ${grouped(back.order)}`
          : `stayed there until ${grouped(back.order)}`;
    return {
      metric,
      change,
      first,
      last: series[change.at - 1],
      title: `The ${subject} changed at ${grouped(first.order)} of ${grouped(total)}${at === "" ? "" : `, ${at}`}.`,
      detail: `The ${words.figure} ${rises ? "rose" : "fell"} from ${metricText(metric, change.before)} to ${metricWithUnit(metric, change.after)} and ${lasted}: ${own ? "the camera may have changed, or what the estimate sees of it" : rises ? words.rise : words.fall}.`,
    };
  });
}

/** A threshold that movies have crossed: what the paper's monitor reports by e-mail. */
export interface MonitorNotice {
  readonly metric: MetricId;
  readonly first: SeriesPoint;
  readonly last: SeriesPoint;
  readonly count: number;
  /** Of the latest movies (a hundred at most) how many are beyond. */
  readonly lately: number;
  readonly latest: number;
  readonly text: string;
}

/** Thresholds that are exceeded, in the order of the columns (Sorzano et al. 2018, §2.4). */
export function monitorNotices(
  rows: readonly OverviewRow[],
  limits: MetricLimits,
): MonitorNotice[] {
  return METRICS.flatMap(({ id, short }) => {
    const limit = limits[id];
    if (limit === undefined) return [];
    const series = seriesOf(id, rows);
    const beyond = series.filter(({ value }) => isBeyond(value, limit));
    if (beyond.length === 0) return [];
    const [first, last] = [beyond[0], beyond[beyond.length - 1]];
    const latest = series.slice(-100);
    const lately = latest.filter(({ value }) => isBeyond(value, limit)).length;
    const high = limit.high !== null && last.value > limit.high;
    const bound = metricWithUnit(id, high ? limit.high : limit.low);
    const text =
      beyond.length === 1
        ? crossings(first.name, { [id]: first.value }, limits)[0]
        : `${short} ${high ? "above" : "below"} ${bound} in ${grouped(beyond.length)} of ${grouped(series.length)} movies, first in ${first.name}; in ${grouped(lately)} of the latest ${grouped(latest.length)}.`;
    return [{ metric: id, first, last, count: beyond.length, lately, latest: latest.length, text }];
  });
}

/**
 * A sentence for each limit that one movie is beyond, in the order of the columns: what the paper's monitor
 * tells while the session runs (Sorzano et al. 2018, §2.4). A number that was not measured passes.
 */
export function crossings(
  name: string,
  metrics: Partial<MetricValues>,
  limits: MetricLimits,
): string[] {
  return METRICS.flatMap(({ id, short }) => {
    const [value, limit] = [metrics[id] ?? null, limits[id]];
    if (value === null || limit === undefined || !isBeyond(value, limit)) return [];
    const high = limit.high !== null && value > limit.high;
    const bound = metricWithUnit(id, high ? limit.high : limit.low);
    return [
      `${name}: ${short} ${metricWithUnit(id, value)}, ${high ? "above" : "below"} ${bound}.`,
    ];
  });
}
