import type { SampleBin } from "../ctf.ts";
import type { GainStatistics } from "../gain.ts";
import type { GainVerdict } from "../gainEstimate.ts";
import type { Histogram } from "../picture.ts";
import type { AppliedGain } from "./appliedGain.ts";
import type { OverviewRow, SessionThresholds, StepName } from "./movieRecord.ts";

/** Parts of a report in their order; those that are left out are not printed. */
export const REPORT_PARTS = [
  "summary",
  "gain",
  "stability",
  "motion",
  "flagged",
  "pictures",
  "sampling",
  "parameters",
  "provenance",
  "methods",
] as const;
export type ReportPart = (typeof REPORT_PARTS)[number];

export const REPORT_PART_TITLES: Readonly<Record<ReportPart, string>> = {
  summary: "Summary",
  gain: "Gain",
  stability: "Stability over the acquisition",
  motion: "Motion",
  flagged: "Flagged movies",
  pictures: "Pictures",
  sampling: "Sampling by defocus",
  parameters: "Parameters",
  provenance: "Provenance",
  methods: "Methods and references",
};

/** A picture as it is printed: 8-bit grey, `[height, width]`, row 0 first. */
export interface ReportPicture {
  readonly title: string;
  readonly caption: string;
  /** Pictures of one group stand in one row; absent = with those before. */
  readonly group?: string;
  readonly width: number;
  readonly height: number;
  readonly grey: Uint8Array<ArrayBuffer>;
}

/** Names and values as they are printed. */
export type ReportPairs = readonly (readonly [name: string, value: string])[];

/** Movies as recorded: what all of them share; null where they differ or do not say. */
export interface ReportAcquisition {
  readonly format: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly frames: number | null;
  readonly pixelSizeA: number | null;
  readonly dosePerFrame: number | null;
  readonly voltageKv: number | null;
}

/** What the residual check (or the estimate) says, of all movies together or of one. */
export interface ReportGain {
  /** File that served as the reference; null = none. */
  readonly reference: string | null;
  /** Pose of the reference in words, and how sure that is; null = it was not searched for. */
  readonly orientation: string | null;
  readonly residual: boolean;
  /** "22 movies", or the name of one. */
  readonly of: string;
  readonly verdict: GainVerdict;
  readonly statistics: GainStatistics;
  readonly noiseFloor: number | null;
  readonly signalStd: number | null;
  readonly histogram: Histogram;
  readonly flatHistogram: readonly number[] | null;
  /** Name of the method: "sme". */
  readonly method: string;
}

export interface ReportSampling {
  readonly table: string;
  readonly summary: string;
  readonly seed: number;
  readonly bins: readonly SampleBin[];
}

export interface ReportInput {
  readonly name: string;
  readonly bytes: number;
  /** Hex digest; null = not taken. */
  readonly sha256: string | null;
}

/** How the steps were done: what the methods sentence needs to name the right papers. */
export interface ReportMethods {
  readonly gainMethod: string | null;
  readonly oriented: boolean;
  readonly aligned: boolean;
  /** What frames were multiplied by before they were summed; null = none were summed, or it is not known. */
  readonly gainApplied: AppliedGain | null;
  readonly localMotion: boolean;
  readonly doseWeighted: boolean;
  /** FlexAlign as in Xmipp, instead of the program's own estimator. */
  readonly flexalignParity: boolean;
  readonly preprocessed: readonly string[];
  readonly sampled: boolean;
}

/** Everything a report is made from: plain data, the same from the page and from the command. */
export interface SessionReportData {
  readonly name: string;
  /** Milliseconds since 1970, and minutes that the local clock is behind UTC. */
  readonly at: number;
  readonly zone: number;
  readonly simulated: boolean;
  readonly rows: readonly OverviewRow[];
  readonly thresholds: SessionThresholds;
  readonly acquisition: ReportAcquisition;
  readonly gain: ReportGain | null;
  readonly sampling: ReportSampling | null;
  readonly pictures: readonly ReportPicture[];
  readonly parameters: readonly { readonly step: StepName; readonly pairs: ReportPairs }[];
  readonly provenance: {
    readonly version: string;
    readonly backend: string;
    readonly device: string;
    /** Where it ran: the browser, or "cryoloupe session". */
    readonly host: string;
    readonly inputs: readonly ReportInput[];
    /** Seconds of computing, by step. */
    readonly seconds: Readonly<Partial<Record<StepName, number>>>;
  };
  readonly methods: ReportMethods;
  readonly leaveOut: readonly ReportPart[];
}
