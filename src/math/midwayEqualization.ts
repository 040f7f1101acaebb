import type {
  BandPixels,
  LineBand,
  QuantileSum,
  RankedLines,
  Target,
  TieRule,
} from "./equalizedLines.ts";
import { histogramsFit, rangeOf, rankByHistograms } from "./histogramLines.ts";
import { averageWeights, createReference, halfKernel } from "./quantiles.ts";
import type { Reference } from "./quantiles.ts";
import { createLineRanker } from "./sortedLines.ts";

/**
 * Smooth midway equalization (SME) of one direction of an image, Sorzano et al. 2018, Eq. 2–5: every
 * line (a row, or a column laid out as a line) takes the values of a reference distribution at its own
 * ranks. The reference is the average over all lines, or over the Gaussian neighbourhood of the line.
 * Worked off band by band, so that many cores share an image.
 */
export interface DirectionOptions {
  readonly reference: "single" | "neighbours";
  /** Widths σ in lines that may be asked for. */
  readonly sigmas: readonly number[];
  readonly ties: TieRule;
  readonly precise: boolean;
}

/** One direction of a band. */
export interface EqualizedDirection {
  /** Ranks the lines of a frame. */
  rank(band: BandPixels): RankedLines;
  /**
   * Total variation across lines, `Σ |O_j − O_{j−1}|` over the band's own lines j > 0 (Eq. 5), for each σ.
   * @param references  one for each σ; null in neighbourhoods
   */
  variation(
    lines: RankedLines,
    references: readonly Reference[] | null,
    bad: Uint8Array | null,
  ): number[];
  /** Adds the equalized own lines to `target`, `[innerEnd − innerStart, length]`. */
  equalize(lines: RankedLines, reference: Reference | null, sigma: number, target: Target): void;
}

/** The reference that all bands' sums make together. */
export function referenceOf(sums: readonly QuantileSum[]): Reference {
  const weight = sums.reduce((w, s) => w + s.weight, 0);
  const steps = new Float64Array(sums[0].steps.length);
  for (const sum of sums) for (let r = 0; r < steps.length; r++) steps[r] += sum.steps[r];
  if (weight > 0) for (let r = 0; r < steps.length; r++) steps[r] /= weight;
  return createReference(steps);
}

export function createEqualizedDirection(
  band: LineBand,
  { reference: mode, sigmas, ties, precise }: DirectionOptions,
): EqualizedDirection {
  const { length, firstLine, totalLines, innerStart, innerEnd } = band;
  const ranker = createLineRanker(band, ties, precise);
  // Single precision holds integers up to 2²⁴; beyond, sorting has to be in double.
  let preciseRanker = precise ? ranker : null;
  const weights = mode === "single" ? sigmas.map((sigma) => averageWeights(sigma, totalLines)) : [];
  const scratch = [new Float64Array(length), new Float64Array(length)];

  const rank = (pixels: BandPixels): RankedLines => {
    const integers = !(pixels.pixels instanceof Float32Array);
    if (integers) {
      const range = rangeOf(pixels.pixels);
      if (pixels.factor === null && histogramsFit(range, length))
        return rankByHistograms(pixels.pixels, pixels.bad, band, range, ties, weights);
      if (range.max > 2 ** 24 || range.min < -(2 ** 24)) {
        preciseRanker ??= createLineRanker(band, ties, true);
        return preciseRanker.rank(pixels, weights);
      }
    }
    return ranker.rank(pixels, weights);
  };

  /** The neighbourhood's reference of one line (Eq. 2). */
  const neighbourhood = (ranked: RankedLines, line: number, kernel: Float64Array): Reference => {
    const steps = new Float64Array(length);
    let weight = 0;
    for (let k = 1 - kernel.length; k < kernel.length; k++) {
      const other = firstLine + line + k;
      if (other < 0 || other >= totalLines) continue;
      const w = kernel[Math.abs(k)];
      if (ranked.addQuantiles(line + k, steps, w) > 0) weight += w;
    }
    if (weight > 0) for (let r = 0; r < length; r++) steps[r] /= weight;
    return createReference(steps);
  };

  const variation = (
    ranked: RankedLines,
    references: readonly Reference[] | null,
    bad: Uint8Array | null,
  ): number[] =>
    sigmas.map((sigma, s) => {
      const kernel = halfKernel(sigma);
      let [previous, current] = scratch;
      let total = 0;
      const first = firstLine === 0 && innerStart === 0 ? 0 : innerStart - 1;
      for (let line = first; line < innerEnd; line++) {
        current.fill(0);
        ranked.equalize(
          line,
          mode === "single" && references !== null
            ? references[s]
            : neighbourhood(ranked, line, kernel),
          current,
          0,
        );
        if (line > first) {
          const at = line * length;
          for (let x = 0; x < length; x++)
            if (bad === null || (bad[at + x] === 0 && bad[at + x - length] === 0))
              total += Math.abs(current[x] - previous[x]);
        }
        [previous, current] = [current, previous];
      }
      return total;
    });

  const equalize = (
    ranked: RankedLines,
    reference: Reference | null,
    sigma: number,
    target: Target,
  ): void => {
    const kernel = halfKernel(sigma);
    for (let line = innerStart; line < innerEnd; line++)
      ranked.equalize(
        line,
        reference ?? neighbourhood(ranked, line, kernel),
        target,
        (line - innerStart) * length,
      );
  };

  return { rank, variation, equalize };
}
