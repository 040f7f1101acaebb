import type { Failure } from "../errors.ts";
import { DEFAULT_LIMITS, PAPER_LIMITS } from "./metrics.ts";
import type { CorrectedRow } from "./correctedRow.ts";
import type { MetricLimits, MetricValues } from "./metrics.ts";

/** Steps of a run plan, in the order of the work; "sampling" is one step of all movies together. */
export const STEP_NAMES = ["orientation", "gain", "motion", "preprocess", "sampling"] as const;
export type StepName = (typeof STEP_NAMES)[number];

/** Steps that are done movie by movie. */
export type MovieStepName = Extract<StepName, "gain" | "motion" | "preprocess">;
export const MOVIE_STEP_NAMES: readonly MovieStepName[] = ["gain", "motion", "preprocess"];

/** Warp's five states of a movie. What runs and what failed is told besides. */
export type MovieState = "unprocessed" | "processed" | "outdated" | "filtered" | "deselected";

/** Choice by hand; stands above every threshold. */
export type HandChoice = "accepted" | "rejected" | null;

/** What one step made of one movie. */
export interface StepResult {
  /** Hash of everything the result depends on; another one now = outdated. */
  readonly key: string;
  /** Milliseconds since 1970 by this computer's clock: for showing, never for deciding. */
  readonly at: number;
  readonly seconds: number;
  /** The backend that computed it: "cpu", "webgpu". */
  readonly backend: string;
  /** Sentences that came with it. */
  readonly flags: readonly string[];
  /** Names of its files, relative to the results folder. */
  readonly files: readonly string[];
  /** null = it succeeded. */
  readonly failure: Failure | null;
  /** The step's version ({@link STEP_VERSIONS}) when it was made; absent = 1. */
  readonly version?: number;
  /** Options of the command that the page does not set, by name; absent = none. */
  readonly terms?: readonly string[];
}

/** A movie of a session as it is kept between visits: plain data, a few kilobytes. */
export interface MovieRecord {
  /** Path in the session's folder, size and time of change: another file = another movie. */
  readonly id: string;
  readonly path: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970; null = not known. */
  readonly lastModified: number | null;
  /** Place in the order in which movies came. */
  readonly order: number;
  readonly hand: HandChoice;
  /** Why the file could not be read. */
  readonly failure: Failure | null;
  readonly metrics: MetricValues;
  /** Mean motion, px, for the sketch in tables; null until aligned. */
  readonly track: { readonly x: readonly number[]; readonly y: readonly number[] } | null;
  readonly steps: Readonly<Partial<Record<MovieStepName, StepResult>>>;
  /** Its row of the table of corrected micrographs, whose motion is `track`; absent until aligned. */
  readonly corrected?: Omit<CorrectedRow, "globalX" | "globalY">;
  /** Its corrected micrograph, on which later steps stand; absent until aligned. */
  readonly micrograph?: {
    /** px, and Å/px where it is known. */
    readonly width: number;
    readonly height: number;
    readonly pixelSizeA: number | null;
    readonly doseWeighted: boolean;
  };
  /** Beginning of the names of its result files, another one for each movie; absent = the file's name. */
  readonly base?: string;
  /** SHA-256 of the file, in hexadecimal; absent until it is taken. */
  readonly sha256?: string;
  /** What the file holds in three of its pieces (`math/contentPrint`), by which a copy is known again. */
  readonly print?: string;
  /** The sampler took its micrograph. */
  readonly sampled: boolean;
  /** Pixels, frames and pixel size as read; null until then. */
  readonly image: {
    readonly width: number;
    readonly height: number;
    readonly frames: number;
    readonly pixelSizeA: number | null;
  } | null;
}

/** A movie as the overview, the report and `movies.csv` show it. */
export interface OverviewRow {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  /** Place in the order of acquisition, from 1. */
  readonly order: number;
  /** Milliseconds since 1970; null = not known. */
  readonly acquiredAt: number | null;
  readonly state: MovieState;
  /** The step that runs on it now. */
  readonly running: StepName | null;
  /** Why it failed, with the step; null = it did not. */
  readonly failure: { readonly step: StepName | "reading"; readonly text: string } | null;
  readonly hand: HandChoice;
  /** Why it is filtered out, set aside or outdated: "sd of G above 0.040"; "" otherwise. */
  readonly reason: string;
  /** Metrics beyond their limits. */
  readonly beyond: readonly string[];
  readonly flags: readonly string[];
  readonly metrics: MetricValues;
  readonly track: MovieRecord["track"];
  readonly sampled: boolean;
}

/** Thresholds of a session and how they combine. */
export interface SessionThresholds {
  readonly limits: MetricLimits;
  /** A movie is filtered out when any of them is exceeded, or only when all are. */
  readonly combine: "any" | "all";
}

export const DEFAULT_THRESHOLDS: SessionThresholds = { limits: DEFAULT_LIMITS, combine: "any" };

/** The defaults of a session whose gains are what a reference leaves. */
export const RESIDUAL_THRESHOLDS: SessionThresholds = {
  limits: { ...PAPER_LIMITS, ...DEFAULT_LIMITS },
  combine: "any",
};

/** Raised when a step computes something else from the same input: older results are then outdated. */
export const STEP_VERSIONS: Readonly<Record<MovieStepName, number>> = {
  gain: 1,
  motion: 1,
  preprocess: 1,
};

/** Keys that results made now would have: a result with another key is outdated. */
export type StepKeys = Readonly<Record<MovieStepName, string>>;
