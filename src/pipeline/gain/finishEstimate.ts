import { correctionOf } from "#src/math/gainFromSums.ts";
import { gainCautions } from "#src/math/gainCautions.ts";
import { judgeGain, knownSignal } from "#src/math/gainVerdict.ts";
import { surerSignal } from "#src/math/lineSignal.ts";
import type { MovieSpread } from "#src/math/lineSignal.ts";
import { countMarked, gainStatistics, rmsDifference } from "#src/math/statistics.ts";
import type {
  BadPixelSummary,
  GainCaution,
  GainEstimate,
  GainPartsReport,
  KnownMotion,
  LineSignal,
  PixelSignal,
} from "#src/domain/gainEstimate.ts";
import type { GainParts } from "#src/domain/gainParts.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";

export type EstimateParts = Omit<
  GainEstimate,
  | "gain"
  | "statistics"
  | "badPixels"
  | "noiseFloor"
  | "signalStd"
  | "verdict"
  | "cautions"
  | "comparison"
  | "structure"
  | "badSources"
  | "pixelSignal"
  | "lineSignal"
  | "parts"
  | "motion"
> & {
  readonly pixelSignal?: PixelSignal | null;
  readonly lineSignal?: LineSignal | null;
  /** Of an estimate from several movies: those of each. */
  readonly spread?: MovieSpread;
  readonly structure?: GainPartsReport;
  readonly parts?: GainParts;
  readonly motion?: KnownMotion | null;
  readonly badSources?: BadPixelSummary;
  /** Variances of a method that knows them better than the difference of halves tells. */
  readonly variances?: { readonly noise: number; readonly signal: number };
  /** Cautions of the method itself. */
  readonly ownCautions?: readonly GainCaution[];
  readonly width: number;
  readonly height: number;
  /** G, mean 1 over good pixels. */
  readonly pixelGain: Float32Pixels;
  readonly bad: Uint8Array<ArrayBuffer>;
  /** G of odd and even frames by themselves, for the noise; null = not measured. */
  readonly halves: { readonly odd: Float32Pixels; readonly even: Float32Pixels } | null;
  /** C as the reference program writes it, where it is not 1/G with mean 1. */
  readonly correction?: Float32Pixels;
  /** Variance that the method may have taken from the specimen. */
  readonly doubtVariance?: number;
  readonly scope: string;
};

/** What all methods of estimation have in common at their end: statistics, noise, verdict, cautions. */
export function finishEstimate(parts: EstimateParts): GainEstimate {
  const {
    width,
    height,
    pixelGain,
    bad,
    halves,
    correction,
    doubtVariance,
    scope,
    structure = null,
    parts: ownParts = null,
    motion = null,
    badSources = null,
    variances,
    ownCautions = [],
    pixelSignal = null,
    lineSignal: lines = null,
    spread,
    ...rest
  } = parts;
  const statistics = gainStatistics(pixelGain, bad);
  const lineSignal = spread === undefined ? lines : surerSignal(lines, spread, statistics.std ** 2);
  const badPixels = countMarked(bad);
  const measured = halves === null ? null : (rmsDifference(halves.odd, halves.even, bad) / 2) ** 2;
  const noiseVariance = variances?.noise ?? measured;
  const noise = noiseVariance === null ? null : Math.sqrt(noiseVariance);
  const signalVariance =
    variances?.signal ?? (noiseVariance === null ? null : statistics.std ** 2 - noiseVariance);
  const pixels = width * height - badPixels;
  const verdict = judgeGain({
    statistics,
    noiseVariance,
    signalVariance,
    doubtVariance: doubtVariance ?? 0,
    pixels,
    counts: rest.counts.total,
    pixelSignal,
    lineSignal,
    scope,
  });
  const signal = knownSignal(signalVariance, pixelSignal);
  return {
    ...rest,
    gain: { width, height, correction: correction ?? correctionOf(pixelGain, bad), bad },
    statistics,
    badPixels,
    noiseFloor: noise,
    signalStd: signal === null ? null : Math.sqrt(signal),
    pixelSignal,
    lineSignal,
    verdict,
    structure,
    parts: ownParts,
    motion,
    badSources,
    cautions: [
      ...ownCautions,
      ...gainCautions({
        method: rest.parameters.method,
        pixelGain,
        bad,
        width,
        height,
        statistics,
        noise,
        counts: rest.counts.total,
        perGroup: rest.counts.total / Math.max(1, rest.counts.groups),
        frames: rest.counts.framesUsed.length,
        iterations: rest.iterations,
      }),
    ],
    comparison: null,
  };
}
