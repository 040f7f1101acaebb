/**
 * The numbers by which movies of a session are compared: columns of the overview, trends over the
 * acquisition, thresholds, `movies.csv`. One table, so that none of them can disagree.
 */
export const METRIC_IDS = [
  "gainSd",
  "gainSpread",
  "gainPeak",
  "meanCounts",
  "driftA",
  "earlyA",
  "lateA",
  "localRmsA",
  "defocusA",
  "resolutionA",
] as const;

export type MetricId = (typeof METRIC_IDS)[number];

/** Values of one movie; null = not measured (or not measurable, as Å without a pixel size). */
export type MetricValues = Readonly<Record<MetricId, number | null>>;

/** Limits on one number, both inclusive; null = open on that side. */
export interface MetricLimit {
  readonly low: number | null;
  readonly high: number | null;
}

export type MetricLimits = Readonly<Partial<Record<MetricId, MetricLimit>>>;

export interface Metric {
  readonly id: MetricId;
  /** Of trends and thresholds. */
  readonly title: string;
  /** Of a table's column. */
  readonly short: string;
  /** As shown: "Å", "µm", "" for pure numbers. */
  readonly unit: string;
  /** Shown value = stored value × this. */
  readonly scale: number;
  readonly decimals: number;
  /** The side on which values are bad: where a new limit is put. */
  readonly bad: "high" | "low";
  /** What it is, in a sentence. */
  readonly help: string;
}

export const METRICS: readonly Metric[] = [
  {
    id: "gainSd",
    title: "sd of pixel gain G",
    short: "sd of G",
    unit: "",
    scale: 1,
    decimals: 3,
    bad: "high",
    help: "Standard deviation of the residual pixel gain, or of the estimated one without a reference. The paper's limit is 0.04.",
  },
  {
    id: "gainSpread",
    title: "p97.5 ∕ p2.5 of pixel gain G",
    short: "p97.5∕p2.5",
    unit: "",
    scale: 1,
    decimals: 3,
    bad: "high",
    help: "Ratio of two percentiles of the pixel gain: the width of its histogram without its tails.",
  },
  {
    id: "gainPeak",
    title: "Largest percentile ratio of G",
    short: "peak of G",
    unit: "",
    scale: 1,
    decimals: 3,
    bad: "high",
    help: "The protocol's third figure: how far the extreme percentiles of the pixel gain are apart.",
  },
  {
    id: "meanCounts",
    title: "Mean counts per pixel and frame",
    short: "counts",
    unit: "",
    scale: 1,
    decimals: 2,
    bad: "low",
    help: "Electrons that a pixel records in a frame: falls with the beam, thick ice and grid bars.",
  },
  {
    id: "driftA",
    title: "Total drift",
    short: "drift",
    unit: "Å",
    scale: 1,
    decimals: 1,
    bad: "high",
    help: "Sum of the steps from frame to frame of the global motion.",
  },
  {
    id: "earlyA",
    title: "Motion in the first 4 e⁻/Å²",
    short: "first 4 e⁻/Å²",
    unit: "Å",
    scale: 1,
    decimals: 1,
    bad: "high",
    help: "Steps up to an exposure of 4 e⁻/Å²; needs the dose of a frame.",
  },
  {
    id: "lateA",
    title: "Motion after the first 4 e⁻/Å²",
    short: "later",
    unit: "Å",
    scale: 1,
    decimals: 1,
    bad: "high",
    help: "Steps beyond an exposure of 4 e⁻/Å²: drift of the stage.",
  },
  {
    id: "localRmsA",
    title: "Local motion, rms",
    short: "local",
    unit: "Å",
    scale: 1,
    decimals: 2,
    bad: "high",
    help: "What is left of the motion field when its mean at each frame is taken off.",
  },
  {
    id: "defocusA",
    title: "Defocus",
    short: "defocus",
    unit: "µm",
    scale: 1e-4,
    decimals: 2,
    bad: "high",
    help: "Mean of both axes, from a CTF table that names the movie's micrograph.",
  },
  {
    id: "resolutionA",
    title: "CTF resolution",
    short: "CTF res.",
    unit: "Å",
    scale: 1,
    decimals: 1,
    bad: "high",
    help: "To which the CTF fit is good, from the CTF table.",
  },
];

export const NO_METRICS: MetricValues = {
  gainSd: null,
  gainSpread: null,
  gainPeak: null,
  meanCounts: null,
  driftA: null,
  earlyA: null,
  lateA: null,
  localRmsA: null,
  defocusA: null,
  resolutionA: null,
};
