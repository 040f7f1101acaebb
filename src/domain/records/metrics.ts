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
    title: "sd of G, noise off",
    short: "sd of G",
    unit: "",
    scale: 1,
    decimals: 3,
    bad: "high",
    help: "Standard deviation of the residual pixel gain (of the estimated one without a reference), its noise taken off where that is known. The paper's limit is 0.04.",
  },
  {
    id: "gainSpread",
    title: "p97.5 / p2.5 of G, noise off",
    short: "p97.5 / p2.5",
    unit: "",
    scale: 1,
    decimals: 3,
    bad: "high",
    help: "Ratio of two percentiles of the pixel gain, its noise taken off where that is known: the width of the histogram without its tails. The paper's limit is 1.15.",
  },
  {
    id: "gainPeak",
    title: "Maximum / p97.5 of G",
    short: "max / p97.5",
    unit: "",
    scale: 1,
    decimals: 2,
    bad: "high",
    help: "Largest value of the pixel gain over its 97.5 percentile: single pixels far from the others. The paper's limit is 4.5.",
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

const BY_ID = new Map(METRICS.map((metric) => [metric.id, metric]));

export function metricOf(id: MetricId): Metric {
  const metric = BY_ID.get(id);
  if (metric === undefined) throw new Error(`No metric ${id}.`);
  return metric;
}

/** A stored value as it is shown, without its unit; an en dash where there is none. */
export function metricText(id: MetricId, value: number | null): string {
  if (value === null || !Number.isFinite(value)) return "–";
  const { scale, decimals } = metricOf(id);
  const text = Math.abs(value * scale).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** The same with its unit: "11.8 Å". */
export function metricWithUnit(id: MetricId, value: number | null): string {
  const { unit } = metricOf(id);
  return unit === "" || value === null ? metricText(id, value) : `${metricText(id, value)} ${unit}`;
}

/** Limit that a session begins with: 45 Å of motion in all. The other numbers are open until somebody draws a line. */
export const DEFAULT_LIMITS: MetricLimits = { driftA: { low: null, high: 45 } };

/**
 * The alarm limits of Sorzano et al. 2018, §3. They are for the gain that a reference leaves: the gain of a
 * camera itself exceeds them by nature, so they join the defaults with the first residual gain.
 */
export const PAPER_LIMITS: MetricLimits = {
  gainSd: { low: null, high: 0.04 },
  gainSpread: { low: null, high: 1.15 },
  gainPeak: { low: null, high: 4.5 },
};

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
