/**
 * The ten operations on a micrograph, after Xmipp's protocol "preprocess micrographs". The order is
 * always that of this list; frequencies are in cycles per pixel of the image as it is at that stage
 * (after downsampling), Nyquist = 0.5.
 */
export const PREPROCESS_ORDER = [
  "crop",
  "log",
  "badPixels",
  "invert",
  "downsample",
  "denoise",
  "gaussian",
  "highPass",
  "lowPass",
  "normalize",
] as const;

export type PreprocessOperationName = (typeof PREPROCESS_ORDER)[number];

/** An operation without numbers. */
export type NoParameters = Readonly<Record<string, never>>;

/** The numbers of each operation. */
export interface PreprocessParameters {
  /** Pixels removed at each of the four borders. */
  readonly crop: { readonly pixels: number };
  /** y = a − b·ln(x + c) */
  readonly log: { readonly a: number; readonly b: number; readonly c: number };
  /** Pixels farther than this many standard deviations from the mean are replaced. */
  readonly badPixels: { readonly stddev: number };
  readonly invert: NoParameters;
  /** Input pixels per output pixel, above 1. */
  readonly downsample: { readonly factor: number };
  readonly denoise: { readonly iterations: number };
  /** Standard deviation in px (parity: Xmipp's parameter, √2 times the standard deviation). */
  readonly gaussian: { readonly sigma: number };
  /** The transition lies below the cutoff. Cycles per pixel. */
  readonly highPass: { readonly cutoff: number; readonly transition: number };
  /** The transition lies above the cutoff. Cycles per pixel. */
  readonly lowPass: { readonly cutoff: number; readonly transition: number };
  readonly normalize: NoParameters;
}

/** Which operations are on, with their numbers; `null` = off. */
export type PreprocessOperations = {
  readonly [Name in PreprocessOperationName]: PreprocessParameters[Name] | null;
};

/** How the operations calculate: ours, or exactly as the original program does. */
export type PreprocessArithmetic = "default" | "xmipp";

/** A whole recipe: what `--ops` and the form describe. */
export interface PreprocessRecipe {
  readonly operations: PreprocessOperations;
  readonly arithmetic: PreprocessArithmetic;
}

/** The protocol's defaults. */
export const PREPROCESS_DEFAULTS: PreprocessParameters = {
  crop: { pixels: 10 },
  log: { a: 4.431, b: 0.402, c: 336.6 },
  badPixels: { stddev: 5 },
  invert: {},
  downsample: { factor: 2 },
  denoise: { iterations: 50 },
  gaussian: { sigma: 2 },
  highPass: { cutoff: 0.002, transition: 0.001 },
  lowPass: { cutoff: 0.4, transition: 0.001 },
  normalize: {},
};

/** Everything off. */
export const NO_OPERATIONS: PreprocessOperations = {
  crop: null,
  log: null,
  badPixels: null,
  invert: null,
  downsample: null,
  denoise: null,
  gaussian: null,
  highPass: null,
  lowPass: null,
  normalize: null,
};

/** How the operations are called on screen and in refusals. */
export const PREPROCESS_TITLES: Readonly<Record<PreprocessOperationName, string>> = {
  crop: "Crop borders",
  log: "Logarithm",
  badPixels: "Bad pixels",
  invert: "Invert contrast",
  downsample: "Downsample",
  denoise: "Denoise",
  gaussian: "Gaussian",
  highPass: "High-pass",
  lowPass: "Low-pass",
  normalize: "Normalize",
};

/** Operations that are on, in their order. */
export function enabledOperations(
  operations: PreprocessOperations,
): readonly PreprocessOperationName[] {
  return PREPROCESS_ORDER.filter((name) => operations[name] !== null);
}

/** Mean, population standard deviation and range of an image. */
export interface ImageStatistics {
  readonly mean: number;
  readonly std: number;
  readonly min: number;
  readonly max: number;
}

/** What the operations found out while they ran. `null` = the operation was off. */
export interface PreprocessReport {
  /** NaN and infinite input pixels, each replaced by the median of its neighbours first. */
  readonly nonFinitePixels: number;
  /** Pixels with x + c ≤ 0, set to the smallest logarithm that is defined. */
  readonly undefinedLogarithms: number | null;
  readonly badPixels: number | null;
  readonly denoise: DenoiseReport | null;
  /** Input width over output width after cropping, and the same of heights: the exact factors. */
  readonly factorX: number;
  readonly factorY: number;
  /** Of the output. */
  readonly statistics: ImageStatistics;
}

export interface DenoiseReport {
  readonly iterations: number;
  /** Value of the functional at the start and after each accepted step. */
  readonly energies: readonly number[];
  /** Why it ended. */
  readonly ended: "iterations" | "converged" | "no-descent" | "constant";
}

/** Size after cropping and downsampling, px. */
export interface PreprocessedSize {
  readonly croppedWidth: number;
  readonly croppedHeight: number;
  readonly width: number;
  readonly height: number;
}

/** Width and height after cropping and downsampling (before any pixel is touched). */
export function preprocessedSize(
  width: number,
  height: number,
  { operations, arithmetic }: PreprocessRecipe,
): PreprocessedSize {
  const border = 2 * (operations.crop?.pixels ?? 0);
  const croppedWidth = width - border;
  const croppedHeight = height - border;
  const factor = operations.downsample?.factor;
  if (factor === undefined)
    return { croppedWidth, croppedHeight, width: croppedWidth, height: croppedHeight };
  const small =
    arithmetic === "xmipp"
      ? xmippDownsampledSize(croppedWidth, croppedHeight, factor)
      : downsampledSize(croppedWidth, croppedHeight, factor);
  return { croppedWidth, croppedHeight, ...small };
}

/** Xmipp's size: the factor is read in single precision, the quotient is cut off in double. */
export function xmippDownsampledSize(
  width: number,
  height: number,
  factor: number,
): { readonly width: number; readonly height: number } {
  const read = Math.fround(factor);
  return { width: Math.floor(width / read), height: Math.floor(height / read) };
}

/** Largest relative difference of the factors in x and y that is not worth a warning. */
export const FACTOR_TOLERANCE = 1e-4;

/**
 * The size nearest to width/factor × height/factor whose factor is the same in x and y: exactly the
 * same where such a size lies within 0.1 % (or half a pixel) of what was asked, else to
 * {@link FACTOR_TOLERANCE} within 0.5 %, else (small images) the nearest whole pixels on both sides. Ties
 * go to the smaller size.
 */
export function downsampledSize(
  width: number,
  height: number,
  factor: number,
): { readonly width: number; readonly height: number } {
  const nearest = (extent: number): number => Math.max(1, Math.ceil(extent - 0.5));
  const ideal = width / factor;
  const reach = Math.ceil(0.005 * ideal);
  const first = Math.max(1, Math.floor(ideal) - reach);
  const last = Math.min(width, Math.ceil(ideal) + reach);
  let best = { width: nearest(ideal), height: nearest(height / factor) };
  let bestRank = 2;
  let bestAway = Infinity;
  for (let w = first; w <= last; w++) {
    const h = nearest((height * w) / width);
    const away = Math.abs(w - ideal);
    const exact = w * height === h * width && away <= Math.max(0.5, 0.001 * ideal);
    const mismatch = Math.abs((w * height) / (h * width) - 1);
    const rank = exact ? 0 : mismatch <= FACTOR_TOLERANCE ? 1 : 2;
    if (rank < bestRank || (rank === bestRank && rank < 2 && away < bestAway)) {
      best = { width: w, height: h };
      bestRank = rank;
      bestAway = away;
    }
  }
  return best;
}
