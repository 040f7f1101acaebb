import { GAIN_LIMITS } from "#src/domain/gain.ts";
import type { GainReport } from "#src/domain/gainReport.ts";
import { quantileSkew, robustSmooth, stabilityFindings } from "#src/math/stability.ts";

/** A figure of the gain whose course over the acquisition is shown. */
export type WatchedFigure = keyof typeof GAIN_LIMITS;

export const FIGURE_TITLES: Readonly<Record<WatchedFigure, string>> = {
  std: "sd of pixel gain G",
  spread: "p97.5 / p2.5",
  peak: "max / p97.5",
};

/** A movie's report with its place in the order of acquisition, from 1. */
export interface TimedReport {
  readonly at: number;
  readonly report: GainReport;
}

export function figureOf(figure: WatchedFigure, { statistics: s }: GainReport): number {
  if (figure === "std") return s.std;
  return figure === "spread" ? s.p97_5 / s.p2_5 : s.max / s.p97_5;
}

/**
 * Whether a movie is beyond a limit. The paper's limits are judged on the signal, as the verdict is: shot
 * noise alone exceeds them at low counts. A limit that somebody has set counts for the figure as read.
 */
export function isBeyond(figure: WatchedFigure, limit: number, report: GainReport): boolean {
  if (limit !== GAIN_LIMITS[figure]) return figureOf(figure, report) > limit;
  return report.verdict.checks.some((c) => c.name === figure && c.answer === "warn");
}

const SHORT: Readonly<Record<WatchedFigure, string>> = {
  std: "sd",
  spread: "p97.5∕p2.5",
  peak: "max∕p97.5",
};

/** The figures that put a movie beyond a limit set by hand, in words; empty = none. */
export function beyondSetLimits(
  limits: Readonly<Record<WatchedFigure, number>>,
  report: GainReport,
): string[] {
  return (Object.keys(FIGURE_TITLES) as WatchedFigure[])
    .filter((f) => limits[f] !== GAIN_LIMITS[f] && isBeyond(f, limits[f], report))
    .map((f) => `${SHORT[f]} ${figureOf(f, report).toFixed(3)} > ${limits[f].toFixed(3)}`);
}

/** Most points of a smooth line; more movies are first taken together by their medians. */
const SMOOTH_POINTS = 200;

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** Robust course of a series: lowess over at most 200 points. */
export function smoothCourse(
  x: readonly number[],
  y: readonly number[],
): { readonly x: number[]; readonly y: number[] } {
  const block = Math.ceil(x.length / SMOOTH_POINTS);
  const [bx, by]: [number[], number[]] = [[], []];
  for (let i = 0; i < x.length; i += block) {
    bx.push(middle(x.slice(i, i + block)));
    by.push(middle(y.slice(i, i + block)));
  }
  return { x: bx, y: robustSmooth(bx, by) };
}

/** What is to be said about the movies in order of acquisition. */
export function findingsOf(rows: readonly TimedReport[]): string[] {
  return stabilityFindings(
    rows.map(({ report }) => ({
      name: report.name,
      std: figureOf("std", report),
      spread: figureOf("spread", report),
      peak: figureOf("peak", report),
      skew: quantileSkew(report.statistics),
    })),
  );
}

/** Counts of a figure's values in equal bins between its least and its largest. */
export function valueHistogram(
  values: readonly number[],
  range: readonly [number, number],
  bins = 40,
): number[] {
  const counts = new Array<number>(bins).fill(0);
  const [from, to] = range;
  for (const v of values) {
    const bin = to > from ? Math.floor(((v - from) / (to - from)) * bins) : 0;
    counts[Math.max(0, Math.min(bins - 1, bin))]++;
  }
  return counts;
}

/** Shares of pixels by G of one report, to lay over others: densities that do not depend on bins. */
export function densityOf({ histogram }: GainReport): { x: number[]; y: number[] } {
  const step = (histogram.to - histogram.from) / histogram.counts.length;
  const total = histogram.counts.reduce((a, b) => a + b, 0) * step;
  return {
    x: histogram.counts.map((_, i) => histogram.from + (i + 0.5) * step),
    y: histogram.counts.map((c) => (total > 0 ? c / total : 0)),
  };
}
