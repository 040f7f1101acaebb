/** Programs whose tables of CTF estimates are read. */
export type CtfFormat =
  "relion" | "gctf" | "cistem" | "xmipp" | "ctffind" | "cryosparc" | "warp" | "csv";

/**
 * The CTF estimate of one micrograph, as its table states it, in our units. Values that the table does not
 * hold are null; the defoci are NaN where they cannot be read.
 */
export interface CtfEstimate {
  /** Its place among all rows read, from 0. */
  readonly row: number;
  /** As the table names it; path included. */
  readonly micrograph: string;
  /** Å, positive = underfocus, as stored (U may be the smaller one). */
  readonly defocusU: number;
  readonly defocusV: number;
  /** Degrees from the x axis to U. */
  readonly defocusAngleDeg: number | null;
  readonly phaseShiftDeg: number | null;
  /** Å to which rings were fitted; Infinity = no ring. */
  readonly resolutionA: number | null;
  readonly figureOfMerit: number | null;
  /** Ice ring density or relative ice thickness, in the program's own measure. */
  readonly iceDensity: number | null;
  /** Power spectrum or diagnostic image that belongs to it. */
  readonly spectrumFile: string | null;
  /** Why it is no estimate to sample from, or null. */
  readonly failure: string | null;
  /** Why the table itself says not to use it, or null. */
  readonly disabled: string | null;
}

/** Optics that the table states for its first micrograph; null where it does not. */
export interface CtfOptics {
  readonly pixelSizeA: number | null;
  readonly voltageKv: number | null;
  readonly sphericalAberrationMm: number | null;
  readonly amplitudeContrast: number | null;
}

/** Everything read from one table, or from the many files of one session. */
export interface CtfTable {
  readonly format: CtfFormat;
  /** In words: "RELION 3.1 or later". */
  readonly formatName: string;
  readonly files: readonly string[];
  readonly estimates: readonly CtfEstimate[];
  readonly optics: CtfOptics;
  readonly warnings: readonly string[];
}

export type DefocusUnit = "A" | "nm" | "um";
export type AngleUnit = "deg" | "rad";

/** What the columns of a CSV table mean: columns are counted from 0, null = not there. */
export interface CsvColumns {
  readonly micrograph: number | null;
  readonly defocusU: number;
  readonly defocusV: number | null;
  readonly defocusAngle: number | null;
  readonly phaseShift: number | null;
  readonly resolution: number | null;
  readonly figureOfMerit: number | null;
  readonly iceDensity: number | null;
  readonly defocusUnit: DefocusUnit;
  readonly angleUnit: AngleUnit;
}

/** A CSV table whose columns or unit cannot be told for certain: what is asked of the user. */
export interface CsvQuestion {
  readonly file: string;
  readonly headers: readonly string[];
  /** First rows, as text. */
  readonly preview: readonly (readonly string[])[];
  /** What the names and sizes suggest. */
  readonly guess: CsvColumns;
  /** What is not certain, in a sentence. */
  readonly reason: string;
}

/** Micrographs are left out when a value lies beyond its limit; null = no limit. A value that the table lacks passes. */
export interface CtfFilters {
  /** Largest resolution of fit in Å. */
  readonly maxResolutionA: number | null;
  /** Largest |U − V| in Å. */
  readonly maxAstigmatismA: number | null;
  readonly minFigureOfMerit: number | null;
  readonly minPhaseShiftDeg: number | null;
  readonly maxPhaseShiftDeg: number | null;
  readonly maxIceDensity: number | null;
}

export const noFilters: CtfFilters = {
  maxResolutionA: null,
  maxAstigmatismA: null,
  minFigureOfMerit: null,
  minPhaseShiftDeg: null,
  maxPhaseShiftDeg: null,
  maxIceDensity: null,
};

/** How the sample is chosen. */
export interface SampleOptions {
  /** Wanted number of micrographs. */
  readonly count: number;
  readonly bins: number;
  /** Estimates to wait for before sampling, while more may come. */
  readonly minImages: number;
  readonly seed: number;
  /** Where the bins lie: from the 1st to the 99th percentile (end bins take what is beyond), or from minimum to maximum. */
  readonly range: "robust" | "all";
  /** Inner edges in Å, ascending, when set by hand; then `bins` and `range` do not count. */
  readonly innerEdges: readonly number[] | null;
  /** What fills up when bins run out: the emptiest bins in turn, or any left-over micrograph. */
  readonly remainder: "round-robin" | "random";
  readonly filters: CtfFilters;
  /** Names of micrographs that stay in the sample. */
  readonly locked: readonly string[];
  /** Names of micrographs left out by hand. */
  readonly excluded: readonly string[];
  /** The original's procedure without repairs. */
  readonly parity: boolean;
}

/** Sample size, bins and minimum of Xmipp's protocol; the rest are our repairs. */
export const defaultSampleOptions: SampleOptions = {
  count: 25,
  bins: 10,
  minImages: 100,
  seed: 1,
  range: "robust",
  innerEdges: null,
  remainder: "round-robin",
  filters: noFilters,
  locked: [],
  excluded: [],
  parity: false,
};

/** Statistics of defocus values in Å; `sd` and `variance` are those of a sample (n − 1). */
export interface DefocusStatistics {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly range: number;
  readonly mean: number;
  readonly median: number;
  readonly sd: number;
  readonly variance: number;
}

/** A bin [from, to), the last one closed, in Å. */
export interface SampleBin {
  readonly from: number;
  readonly to: number;
  readonly population: number;
  readonly selected: number;
}

export interface LeftOut {
  readonly reason: string;
  readonly count: number;
}

/** A sample and what is needed to judge it. */
export interface DefocusSample {
  /** Rows of the chosen estimates: in table order, in parity mode in the order drawn. */
  readonly rows: readonly number[];
  /** Rows that were drawn from. */
  readonly populationRows: readonly number[];
  readonly bins: readonly SampleBin[];
  /** Entropy over the bins, as a share of what the sample's size and the filled bins allow: 1 = even. */
  readonly balance: number;
  readonly population: DefocusStatistics;
  readonly sample: DefocusStatistics;
  readonly leftOut: readonly LeftOut[];
  readonly notes: readonly string[];
  /** The protocol's summary line, with the real population. */
  readonly summary: string;
}

/** What can be saved of a sample: the cut table, the linked micrograph table, names, CSV, JSON. */
export type SampleExport = "table" | "micrographs" | "names" | "csv" | "json";

/** The defocus that counts in sampling: the larger of U and V, so that a table with U < V is treated like its swap. */
export function samplingDefocus(estimate: CtfEstimate): number {
  return estimate.defocusV > estimate.defocusU ? estimate.defocusV : estimate.defocusU;
}

/** |U − V| in Å, null where V is not known. */
export function astigmatismA(estimate: CtfEstimate): number | null {
  const difference = Math.abs(estimate.defocusU - estimate.defocusV);
  return Number.isFinite(difference) ? difference : null;
}
