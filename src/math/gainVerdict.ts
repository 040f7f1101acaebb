import { GAIN_LIMITS } from "#src/domain/gain.ts";
import type { GainStatistics } from "#src/domain/gain.ts";
import type {
  GainAnswer,
  GainCheck,
  GainVerdict,
  LineSignal,
  PixelSignal,
} from "#src/domain/gainEstimate.ts";

/** What a verdict stands on. Variances are those of G with mean 1. */
export interface VerdictBasis {
  readonly statistics: GainStatistics;
  /** Variance of noise in G; null where it was not measured. */
  readonly noiseVariance: number | null;
  /** Variance of G that is no noise, over all that the method sees. */
  readonly signalVariance: number | null;
  /** Further variance that may be signal or not (specimen that was taken for detector). */
  readonly doubtVariance: number;
  /** The pattern from pixel to pixel, where the method itself does not see it; null = not measured. */
  readonly pixelSignal: PixelSignal | null;
  /** What repeats along lines and so is no specimen, where it was measured beside; null = not measured. */
  readonly lineSignal: LineSignal | null;
  readonly pixels: number;
  /** Electrons a pixel in all frames that went in. */
  readonly counts: number;
  /** What the method can see, for the sentence of a pass. */
  readonly scope: string;
}

/** What a verdict covers once the pixel pattern is in it. */
const PIXEL_SCOPE = "rows, columns, slow structure and single pixels";
/** Of the noise variance this share may be signal that leaked (gain recipe §5). */
const LEAK = 0.05;
/** Normal quantile of 97.5 %. */
const Z = 1.96;
/** Above this expected ratio of maximum to 97.5 percentile, the noise alone decides the figure. */
const PEAK_NOISE_LIMIT = 3.6;

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
/** Three digits; large numbers whole. */
const figure = (value: number): string =>
  Math.abs(value) >= 100 ? String(Number(value.toPrecision(3))) : value.toPrecision(3);

/**
 * Ratio of the largest to the 97.5th percentile that `pixels` Poisson values of mean `counts` are expected
 * to show: `(1 + q/√n + q²/6n) / (1 + 1.96/√n)`, `q = √(2 ln pixels)`.
 */
export function expectedPeak(pixels: number, counts: number): number {
  const q = Math.sqrt(2 * Math.log(Math.max(2, pixels)));
  const root = Math.sqrt(counts);
  return (1 + q / root + (q * q) / (6 * counts)) / (1 + Z / root);
}

/** Counts from which {@link expectedPeak} is no more than the limit; by bisection in log counts. */
function countsForPeak(pixels: number): number {
  let low = 1e-3;
  let high = 1e6;
  for (let i = 0; i < 60; i++) {
    const middle = Math.sqrt(low * high);
    if (expectedPeak(pixels, middle) > PEAK_NOISE_LIMIT) low = middle;
    else high = middle;
  }
  return high;
}

/** Variance of the pixel pattern as far as it is known, and what it may be off by. */
interface PixelPart {
  /** 0 where it is not known. */
  readonly variance: number;
  readonly known: boolean;
  /** At least and at the most this much. */
  readonly low: number;
  readonly high: number;
  /** Of the uncertainty, what falls with the counts and what stays. */
  readonly byCounts: number;
  readonly staying: number;
}

const NO_PIXELS: PixelPart = {
  variance: 0,
  known: false,
  low: 0,
  high: 0,
  byCounts: 0,
  staying: 0,
};

/** A quarter of the square of the smaller limit: what is known better than that is known. */
const KNOWN_VARIANCE = (Math.log(GAIN_LIMITS.spread) / (2 * Z)) ** 2 / 4;

function pixelPartOf(signal: PixelSignal | null): PixelPart {
  if (signal === null) return NO_PIXELS;
  const byCounts = 3 * signal.noise;
  const u = byCounts + signal.doubt;
  const variance = Math.max(0, signal.variance);
  const known = u < Math.max(variance, KNOWN_VARIANCE);
  return {
    variance: known ? variance : 0,
    known,
    low: Math.max(0, signal.variance - u),
    high: variance + u,
    byCounts,
    staying: signal.doubt,
  };
}

/** Signal variance of everything that is known; null where the noise was not measured. */
export function knownSignal(
  signalVariance: number | null,
  pixelSignal: PixelSignal | null,
): number | null {
  if (signalVariance === null) return null;
  return Math.max(0, signalVariance) + pixelPartOf(pixelSignal).variance;
}

/** Standard errors that a warning allows for. */
const SURE = 2;

/**
 * Variance of G that no specimen explains: of lines, and of pixels where that adds to it, less the errors
 * of both, which are independent. Without a measurement of lines all that the method sees counts.
 */
function sureVariance(
  { lineSignal, pixelSignal, signalVariance, doubtVariance }: VerdictBasis,
  byCounts: number,
): number {
  if (lineSignal === null)
    return (signalVariance ?? 0) - byCounts - doubtVariance + pixelPartOf(pixelSignal).low;
  const lines = lineSignal.variance - SURE * lineSignal.noise;
  if (pixelSignal === null) return lines;
  const error = Math.hypot(SURE * lineSignal.noise, SURE * pixelSignal.noise, pixelSignal.doubt);
  return Math.max(lines, lineSignal.variance + pixelSignal.variance - error);
}

/** Whether what may be specimen decides: lines and pixels are below the limit, slow structure is not. */
function slowDecides(basis: VerdictBasis, square: number): boolean {
  const { lineSignal, signalVariance } = basis;
  if (lineSignal === null || signalVariance === null || signalVariance <= square) return false;
  const pixel = pixelPartOf(basis.pixelSignal);
  return lineSignal.variance + SURE * lineSignal.noise + pixel.variance < square;
}

/**
 * Electrons a pixel with which the errors would fit into the room that is left to the limit: the noise falls
 * with the counts, what is in doubt for other reasons stays. Above the limit what lines and pixels show
 * decides. null where no count would do, or where those at hand should have done.
 */
function countsNeeded(
  { lineSignal, pixelSignal, counts }: VerdictBasis,
  above: boolean,
  square: number,
  roomOfAll: number,
  noiseOfAll: number,
): number | null {
  let [room, noise] = [roomOfAll, noiseOfAll];
  if (above && lineSignal !== null) {
    room = lineSignal.variance + (pixelSignal?.variance ?? 0) - square - (pixelSignal?.doubt ?? 0);
    noise = SURE * Math.hypot(lineSignal.noise, pixelSignal?.noise ?? 0);
  }
  const needed = room > 0 ? Math.ceil((counts * noise) / room) : null;
  return needed !== null && needed > counts ? needed : null;
}

/** A limit on the spread of the signal, as standard deviation. */
function spreadCheck(
  basis: VerdictBasis,
  name: "std" | "spread",
  title: string,
  raw: number,
  limit: number,
  signalLimit: number,
  toFigure: (sd: number) => number,
): GainCheck {
  const { noiseVariance, signalVariance, doubtVariance, pixels, counts } = basis;
  const common = { name, title, raw, limit };
  if (noiseVariance === null || signalVariance === null)
    return {
      ...common,
      signal: null,
      uncertainty: null,
      answer: "not-decidable",
      countsToDecide: null,
      text: "The noise was not measured: two frames at least are needed.",
    };
  const pixel = pixelPartOf(basis.pixelSignal);
  // Where the halves scatter more than the whole, their noise is not what the whole's is (few counts
  // make ranks, and so the estimate, depend on noise in a nonlinear way): that much is in doubt.
  const byCounts =
    noiseVariance * (LEAK + 3 * Math.sqrt(2 / pixels)) + Math.max(0, -signalVariance);
  const square = signalLimit * signalLimit;
  const lines = Math.max(0, signalVariance);
  const high = lines + byCounts + doubtVariance;
  const signal = lines + pixel.variance;
  const signalSd = Math.sqrt(signal);
  const answer: GainAnswer =
    sureVariance(basis, byCounts) > square
      ? "warn"
      : high + pixel.high < square
        ? "pass"
        : "not-decidable";
  const slow = slowDecides(basis, square);
  const needed = countsNeeded(
    basis,
    signal > square,
    square,
    Math.abs(square - signal) - doubtVariance - pixel.staying,
    byCounts + pixel.byCounts,
  );
  const countsToDecide = answer === "not-decidable" && !slow ? needed : null;
  const counted = pixel.known ? "without noise, single pixels counted in" : "without noise";
  const read = `${figure(toFigure(signalSd))} ${counted} (limit ${figure(limit)}; as read ${figure(raw)})`;
  const undecided = slow
    ? `Not decidable: ${read}, most of it slow structure that may be the specimen's.`
    : high < square && pixel.staying > square - signal
      ? `Not decidable: ${read}, and single pixels cannot be told from the specimen.`
      : `Not decidable with ${figure(counts)} electrons a pixel: ${read}${countsToDecide === null ? ", near the limit" : `; about ${countsToDecide} would decide it`}. Add movies.`;
  const text =
    answer === "pass"
      ? `Within the limit: ${read}.`
      : answer === "warn"
        ? `Above the limit: ${read}.`
        : undecided;
  return {
    ...common,
    signal: toFigure(signalSd),
    uncertainty: toFigure(Math.sqrt(high + (pixel.known ? pixel.high : 0))) - toFigure(signalSd),
    answer,
    countsToDecide,
    text,
  };
}

function peakCheck({ statistics, pixels, counts }: VerdictBasis): GainCheck {
  const raw = statistics.max / statistics.p97_5;
  const limit = GAIN_LIMITS.peak;
  const expected = expectedPeak(pixels, counts);
  const common = {
    name: "peak" as const,
    title: "maximum over 97.5 percentile",
    raw,
    limit,
    signal: null,
    uncertainty: null,
  };
  if (raw > Math.max(limit, 1.3 * expected))
    return {
      ...common,
      answer: "warn",
      countsToDecide: null,
      text: `A pixel reads ${figure(raw)} times the 97.5 percentile (limit ${limit}); noise alone would reach ${figure(expected)}.`,
    };
  if (expected > PEAK_NOISE_LIMIT) {
    const needed = Math.ceil(countsForPeak(pixels));
    return {
      ...common,
      answer: "not-decidable",
      countsToDecide: needed,
      text: `Not decidable with ${figure(counts)} electrons a pixel: noise alone would reach ${figure(expected)} of the limit ${limit}; about ${needed} would decide it.`,
    };
  }
  return {
    ...common,
    answer: "pass",
    countsToDecide: null,
    text: `The highest pixel reads ${figure(raw)} times the 97.5 percentile (limit ${limit}).`,
  };
}

/**
 * Holds a pixel gain against the three limits of Sorzano et al. 2018, §3, after the noise has been taken
 * off (gain recipe §5): warns when the signal is above the limit by more than its uncertainty
 * `u = ν(0.05 + 3√(2/pixels))` plus what is in doubt, passes when it is as far below, and else says
 * that the counts do not decide. The limit of the ratio is ln 1.15/3.92 as a standard deviation. The
 * pixel pattern, where it was measured beside, counts from its least value for a warning and from its
 * largest for a pass. Where lines were measured beside, a warning stands on them and on pixels alone:
 * slow structure may be the specimen's.
 */
export function judgeGain(basis: VerdictBasis): GainVerdict {
  const { statistics } = basis;
  const spreadSd = Math.log(GAIN_LIMITS.spread) / (2 * Z);
  const checks = [
    spreadCheck(
      basis,
      "std",
      "standard deviation",
      statistics.std,
      GAIN_LIMITS.std,
      GAIN_LIMITS.std,
      (sd) => sd,
    ),
    spreadCheck(
      basis,
      "spread",
      "97.5 over 2.5 percentile",
      statistics.p97_5 / statistics.p2_5,
      GAIN_LIMITS.spread,
      spreadSd,
      (sd) => Math.exp(2 * Z * sd),
    ),
    peakCheck(basis),
  ];
  const warned = checks.filter((c) => c.answer === "warn");
  const open = checks.filter((c) => c.answer === "not-decidable");
  const pixel = pixelPartOf(basis.pixelSignal);
  const answer = warned.length > 0 ? "warn" : open.length > 0 ? "not-decidable" : "pass";
  const scope =
    pixel.known || (answer === "pass" && basis.pixelSignal !== null) ? PIXEL_SCOPE : basis.scope;
  const known = knownSignal(basis.signalVariance, basis.pixelSignal);
  const signal =
    known === null
      ? null
      : `signal ${percent(Math.sqrt(known))}${pixel.known ? `, of it single pixels ${percent(Math.sqrt(pixel.variance))}` : ""}`;
  return { answer, scope, checks, text: summary() };

  function summary(): string {
    if (answer === "warn")
      return `Warning: ${warned.map((c) => c.title).join(", ")} above the limit${signal === null ? "" : ` (${signal})`}.`;
    if (answer === "pass") return `Passes (${scope})${signal === null ? "" : `: ${signal}`}.`;
    const square = (Math.log(GAIN_LIMITS.spread) / (2 * Z)) ** 2;
    if (slowDecides(basis, square))
      return `Not decidable: rows, columns${pixel.known ? " and single pixels" : ""} are within the limits, but most of the signal${signal === null ? "" : ` (${signal.replace("signal ", "")})`} is slow structure, which may be ice of uneven thickness, carbon or contamination as well as the detector. Add movies of other places.`;
    const behind = !pixel.known && pixel.staying > pixel.byCounts && linesPass();
    if (behind)
      return `Not decidable: ${basis.scope} pass${signal === null ? "" : ` (${signal})`}, but the specimen does not move enough to tell single pixels from it. A movie that drifts by three pixels or more decides.`;
    const needed = open.map((c) => c.countsToDecide).filter((c) => c !== null);
    return `Not decidable with ${figure(basis.counts)} electrons a pixel${needed.length > 0 ? `; about ${Math.max(...needed)} would decide it` : ""}. Add movies.`;
  }

  /** Whether all would pass but for the pixels. */
  function linesPass(): boolean {
    return judgeGain({ ...basis, pixelSignal: null }).answer === "pass";
  }
}
