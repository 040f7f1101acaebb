import type { Gain, GainStatistics } from "./gain.ts";
import type { GainPartName, GainParts } from "./gainParts.ts";
import type { MotionField } from "./motion.ts";

/**
 * `sme`: smooth midway equalization against one reference for all lines (Sorzano et al. 2018, Eq. 3);
 * `sme-neighbour`: against the neighbouring lines (Eq. 2); `mean`: the plain sum of the frames;
 * `motion`: the frames against the specimen that moves over the detector.
 */
export type GainMethod = "sme" | "sme-neighbour" | "mean" | "motion";

/** `xmipp` repeats the reference program, its defects included. */
export type Parity = "none" | "xmipp";

/** What the user chooses. `auto` is decided from the movie and reported in {@link GainEstimate.chosen}. */
export interface GainParameters {
  readonly method: GainMethod;
  readonly iterations: number | "auto";
  /** Width of the smoothing over neighbouring lines, in lines; `auto` = least total variation. */
  readonly sigma: number | "auto";
  /** Upper end and step of the list of widths that are tried, in lines. */
  readonly maxSigma: number;
  readonly sigmaStep: number;
  /** Every how many frames one is used, from the first. */
  readonly frameStep: number | "auto";
  /** Frames summed in time before equalization. */
  readonly grouping: number | "auto";
  /** Recorded units per electron; null = from the header, else from the movie. */
  readonly unitsPerElectron: number | null;
  readonly parity: Parity;
  /** Scales a given reference to mean 1 before use. */
  readonly normalise: boolean;
  /** Seed of every random choice of the method. */
  readonly seed: number;
}

/** The application's defaults: automatic, corrected. */
export const DEFAULT_GAIN_PARAMETERS: GainParameters = {
  method: "sme",
  iterations: "auto",
  sigma: 0,
  maxSigma: 3,
  sigmaStep: 0.5,
  frameStep: "auto",
  grouping: "auto",
  unitsPerElectron: null,
  parity: "none",
  normalise: false,
  seed: 1,
};

/** What the Scipion protocol runs: one iteration over every fifth frame, sigma 0. */
export const PROTOCOL_GAIN_PARAMETERS: GainParameters = {
  ...DEFAULT_GAIN_PARAMETERS,
  iterations: 1,
  frameStep: 5,
  grouping: 1,
  parity: "xmipp",
};

/** One pass of the iteration G ← ΣR / ΣSME(R/G). */
export interface GainIteration {
  /** ‖ΔG‖: rms over good pixels of the change of G in this pass. */
  readonly change: number;
  /** rms noise of G after this pass, from odd against even frames; null where it was not measured. */
  readonly noise: number | null;
}

/** Widths that were used for one group of frames in one iteration, in lines. */
export interface FrameSigmas {
  /** Iteration, from 0. */
  readonly iteration: number;
  /** First frame of the group, from 0, and how many frames are in it. */
  readonly firstFrame: number;
  readonly frames: number;
  readonly column: number;
  readonly row: number;
}

/** Answer of a check that takes the counts into account. */
export type GainAnswer = "pass" | "warn" | "not-decidable";

/** One alarm limit of the paper, judged on the signal and not on the figure as read. */
export interface GainCheck {
  readonly name: "std" | "spread" | "peak";
  /** In words: "standard deviation", "2.5 to 97.5 percentile", "maximum over 97.5 percentile". */
  readonly title: string;
  /** The figure as read from G, and its limit (Sorzano et al. 2018, §3). */
  readonly raw: number;
  readonly limit: number;
  /** The same figure after the noise has been taken off; null where the check has no such form. */
  readonly signal: number | null;
  /** One standard uncertainty of the signal, same unit. */
  readonly uncertainty: number | null;
  readonly answer: GainAnswer;
  /** Electrons a pixel in all that would decide it; null when decided or when no count would. */
  readonly countsToDecide: number | null;
  /** One sentence. */
  readonly text: string;
}

/**
 * The pattern from pixel to pixel, which line statistics cannot see, as variance of G: from what runs of
 * frames of one movie have in common at the same pixel.
 */
export interface PixelSignal {
  /** May be negative by noise. */
  readonly variance: number;
  /** Its standard error. */
  readonly noise: number;
  /** How much of it may be specimen instead, or hide behind it. */
  readonly doubt: number;
  /** The specimen was seen to move away from where it stood. */
  readonly specimenMoved: boolean;
  /** Pixels that were looked at. */
  readonly pixels: number;
}

/**
 * What whole rows and columns have in common, as variance of G: structure that no specimen makes, since it
 * repeats from one end of a line to the other and is gone in the next line.
 */
export interface LineSignal {
  /** May be negative by noise. */
  readonly variance: number;
  /** Its standard error. */
  readonly noise: number;
}

export interface GainVerdict {
  /** warn if any check warns, else pass if the signal passes, else not-decidable. */
  readonly answer: GainAnswer;
  /** What the method can see: "rows, columns and slow structure only". */
  readonly scope: string;
  readonly checks: readonly GainCheck[];
  /** One sentence for the badge. */
  readonly text: string;
}

/** Why an estimate should be read with care (the paper's cautions); shown when they apply. */
export interface GainCaution {
  readonly code:
    | "low-counts"
    | "specimen"
    | "phase-plate"
    | "contamination"
    | "skewed-histogram"
    | "extreme-pixels"
    | "not-converged"
    | "few-frames"
    | "reference-polarity"
    | "not-separable";
  readonly text: string;
}

/** Bad pixels by the source of their flag; a pixel may have several. */
export interface BadPixelSummary {
  readonly dead: number;
  readonly hot: number;
  /** Far noisier over time than Poisson counts; null = not looked for (method, or fewer than 8 frames). */
  readonly noisy: number | null;
  /** Bad in the reference, or listed with it. */
  readonly reference: number;
  /** Whole rows and columns, counted from 0. */
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  /** Good pixels of such an image that are expected to be taken for hot or noisy ones. */
  readonly falseAlarms: number;
}

/** One structured part of a gain, of the methods `mean` and `motion`. */
export interface GainPart {
  readonly name: GainPartName;
  /** Standard deviation over the image of this part of log G, as estimated. */
  readonly deviation: number;
  /** Share of the part's own variance that is known, 0 … 1; null for parts that are not shrunk. */
  readonly share: number | null;
}

/** What the methods `mean` and `motion` tell besides the gain (gain recipe §2). */
export interface GainPartsReport {
  readonly parts: readonly GainPart[];
  /** First columns and rows of the chips but the first. */
  readonly chipColumns: readonly number[];
  readonly chipRows: readonly number[];
  /** Expected rms error of log G over pixels. */
  readonly expectedError: number;
  /** Standard deviation of the pixel pattern as it is, found from its power. */
  readonly pixelPrior: number;
  /** Movies like these that would bring the error to 2 %; 0 = they do; null = no number would. */
  readonly moviesForTwoPercent: number | null;
  /** Largest distance that the specimen moved as a whole, px; null = not measured. */
  readonly driftPx: number | null;
}

/** How an estimate compares with a reference, on G scaled to mean 1 over pixels good in both. */
export interface GainComparison {
  /** Squared Pearson correlation. */
  readonly r2: number;
  /** Regression of the estimate's G − 1 on the reference's G − 1. */
  readonly slope: number;
  readonly pixels: number;
  readonly referenceStd: number;
  readonly estimateStd: number;
}

/**
 * Numerator and denominator of G over the good pixels, so that estimates add up over movies: sums add,
 * never ratios. `odd` and `even` are the same from halves of the frames; together they give the noise.
 */
export interface GainSums {
  readonly observed: Float32Array<ArrayBuffer>;
  readonly ideal: Float32Array<ArrayBuffer>;
}

/** Motion of a movie, and its expected rms error, px. */
export interface KnownMotion {
  readonly field: MotionField;
  readonly expectedErrorPx: number;
}

/** A gain estimated from one movie (or from several together), and everything that judges it. */
export interface GainEstimate {
  /** Base name of the movie, or "combined". */
  readonly name: string;
  readonly parameters: GainParameters;
  /** True when a reference was applied: what is estimated is what it leaves. */
  readonly residual: boolean;
  readonly gain: Gain;
  /** Statistics of the pixel gain G = 1/C over good pixels. */
  readonly statistics: GainStatistics;
  readonly badPixels: number;
  /** Their sources; null where the reference program's rule stands alone (parity). */
  readonly badSources: BadPixelSummary | null;
  /** Standard deviation that a flat detector would show with these counts; null = not measured. */
  readonly noiseFloor: number | null;
  /** Standard deviation of G with the noise taken off (0 where the noise exceeds it). */
  readonly signalStd: number | null;
  /** The pixel pattern, where the method itself does not see it; null = not measured. */
  readonly pixelSignal: PixelSignal | null;
  /** What repeats along rows and columns; null = not measured. */
  readonly lineSignal: LineSignal | null;
  readonly verdict: GainVerdict;
  readonly iterations: readonly GainIteration[];
  readonly sigmas: readonly FrameSigmas[];
  readonly cautions: readonly GainCaution[];
  readonly counts: {
    readonly framesUsed: readonly number[];
    readonly framesInMovie: number;
    readonly framesPerGroup: number;
    readonly groups: number;
    /** Recorded units per electron, and where the figure comes from. */
    readonly unitsPerElectron: number;
    readonly unitsSource: "header" | "entered" | "movie" | "assumed";
    /** Electrons a pixel in one frame, and in all frames used. */
    readonly perFrame: number;
    readonly total: number;
  };
  /** The estimate of Afanasyev et al. 2015, for comparison; G-type, mean 1; null when not asked for. */
  readonly afanasyev: Float32Array<ArrayBuffer> | null;
  readonly comparison: GainComparison | null;
  /** Structured parts; null for the methods without. */
  readonly structure: GainPartsReport | null;
  /** The parts themselves, for their pictures; null for the methods without. */
  readonly parts: GainParts | null;
  /** How the specimen of this movie moved, so that a joint estimate need not find it again. */
  readonly motion: KnownMotion | null;
  /** Kept when several movies are combined; null otherwise. */
  readonly sums: {
    readonly all: GainSums;
    readonly odd: GainSums | null;
    readonly even: GainSums | null;
  } | null;
  /** Sentences: every choice that was made by itself. */
  readonly chosen: readonly string[];
  readonly seconds: number;
}

/** What reports tell of an estimate: everything but its pixels. */
export type ReportedEstimate = Omit<
  GainEstimate,
  "gain" | "sums" | "afanasyev" | "parts" | "motion"
> & {
  readonly afanasyev?: unknown;
};
