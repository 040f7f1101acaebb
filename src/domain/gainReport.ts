import type { GainComparison, GainEstimate } from "./gainEstimate.ts";
import type { Histogram } from "./picture.ts";

/**
 * A gain estimate without its pixels, as it crosses from the compute worker to the page and goes into
 * the session database. Its pictures stay in the worker as stored pictures `<pictures>/G` and `/C`.
 */
export interface GainReport extends Omit<
  GainEstimate,
  "gain" | "sums" | "afanasyev" | "parts" | "motion"
> {
  /** The movie's id, or "combined". */
  readonly id: string;
  /** Name by which the compute worker keeps the estimate: a movie may have an estimate and a residual. */
  readonly kept: string;
  /** Begin of the names of its stored pictures; another one for every estimate, so that none is stale. */
  readonly pictures: string;
  readonly width: number;
  readonly height: number;
  /** G as a small picture, for galleries; bad pixels 0. */
  readonly thumbnail: GainThumbnail;
  /** Of G over good pixels, wide enough for the 0.05 % and 99.95 % values. */
  readonly histogram: Histogram;
  /** Same bins: what a flat detector would show with these counts; null where the noise is not known. */
  readonly flatHistogram: readonly number[] | null;
  /** Positions on the three bullet scales where a flat detector would stand; null = not known. */
  readonly floors: {
    readonly std: number | null;
    readonly spread: number | null;
    readonly peak: number | null;
  };
  /** Id of the file that served as the reference, or null. */
  readonly reference: string | null;
  /** Movies that went in. */
  readonly movies: readonly string[];
  /** The estimate of Afanasyev et al. 2015 is in the worker too, as `<pictures>/afanasyev`. */
  readonly afanasyev: boolean;
}

/** What tables tell of an estimate: its report without picture and curves, which are nine tenths of it. */
export type GainNumbers = Omit<GainReport, "thumbnail" | "histogram" | "flatHistogram">;

export function gainNumbers(report: GainReport): GainNumbers {
  const { thumbnail: _t, histogram: _h, flatHistogram: _f, ...numbers } = report;
  return numbers;
}

/** A small picture of G: `value = low + (high − low) · grey / 255`, block means. */
export interface GainThumbnail {
  readonly columns: number;
  readonly rows: number;
  readonly low: number;
  readonly high: number;
  readonly grey: Uint8Array<ArrayBuffer>;
}

/** Estimate and reference side by side, both as G with mean 1. */
export interface GainComparisonReport {
  readonly estimate: string;
  readonly reference: string;
  readonly comparison: GainComparison;
  /** Begin of the names of the pictures `reference` and `difference`. */
  readonly pictures: string;
  /** A regular sample of pixels, reference against estimate. */
  readonly scatter: { readonly reference: readonly number[]; readonly estimate: readonly number[] };
}

/** Gains of earlier visits that one mean is made with: each is as large as a micrograph. */
export const MOST_GAINS_READ_BACK = 8;
