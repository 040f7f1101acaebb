import { CryoloupeError } from "#src/domain/errors.ts";
import type { GainEstimate, GainParameters, GainSums } from "#src/domain/gainEstimate.ts";
import { addFrame } from "#src/math/frameSum.ts";
import { combineLineSignals } from "#src/math/lineSignal.ts";
import { combinePixelSignals } from "#src/math/pixelSignal.ts";
import { combineGains } from "./estimateGain.ts";

/**
 * Adds up the sums of estimates one after the other, so that a session of any length holds the sums of
 * one movie: numerators and denominators add, ratios never. Estimates must carry their sums.
 */
export interface GainAccumulator {
  /** Takes over the arrays of the first estimate; hand on no estimate whose sums are still needed. */
  readonly add: (estimate: GainEstimate) => void;
  /** Base names of the movies that went in. */
  readonly names: readonly string[];
  /** One estimate of all; null before the first. */
  readonly finish: (parameters: GainParameters) => GainEstimate | null;
}

export function createGainAccumulator(): GainAccumulator {
  let total: GainEstimate | null = null;
  const names: string[] = [];
  let variances = 0;
  return {
    names,
    add: (estimate) => {
      if (estimate.sums === null)
        throw new CryoloupeError("internal", `The sums of ${estimate.name} were not kept.`);
      const { gain } = estimate;
      total =
        total === null
          ? { ...estimate, gain: { ...gain, bad: gain.bad.slice() }, afanasyev: null }
          : added(total, estimate);
      names.push(estimate.name);
      variances += estimate.statistics.std ** 2;
    },
    finish: (parameters) => {
      if (total === null) return null;
      const combined = combineGains([total], parameters, {
        movies: names.length,
        variance: variances / names.length,
      });
      const movies = names.length === 1 ? "1 movie is" : `${names.length} movies are`;
      return { ...combined, chosen: [`${movies} added up.`] };
    },
  };
}

function added(total: GainEstimate, next: GainEstimate): GainEstimate {
  const { width, height, bad } = total.gain;
  if (next.gain.width !== width || next.gain.height !== height)
    throw new CryoloupeError(
      "size-mismatch",
      `${next.name} has ${next.gain.width} × ${next.gain.height} px and the movies before ${width} × ${height} px: movies of different size have no gain in common.`,
      { file: next.name },
    );
  // A pixel is bad for all when it is bad in any.
  for (let i = 0; i < bad.length; i++) bad[i] |= next.gain.bad[i];
  const [a, b] = [total.sums, next.sums];
  const halves =
    a?.odd != null && a.even !== null && b?.odd != null && b.even !== null
      ? { odd: sumOf(a.odd, b.odd), even: sumOf(a.even, b.even) }
      : { odd: null, even: null };
  const counts = {
    ...total.counts,
    framesUsed: [...total.counts.framesUsed, ...next.counts.framesUsed],
    framesInMovie: total.counts.framesInMovie + next.counts.framesInMovie,
    groups: total.counts.groups + next.counts.groups,
    total: total.counts.total + next.counts.total,
  };
  const known = <T>(of: (e: GainEstimate) => T | null): T[] =>
    [total, next].map(of).filter((s) => s !== null);
  return {
    ...total,
    counts,
    lineSignal: combineLineSignals(known((e) => e.lineSignal)),
    pixelSignal: combinePixelSignals(known((e) => e.pixelSignal)),
    seconds: total.seconds + next.seconds,
    sums: a === null || b === null ? null : { all: sumOf(a.all, b.all), ...halves },
  };
}

/** a ← a + b. */
function sumOf(a: GainSums, b: GainSums): GainSums {
  addFrame(a.observed, b.observed);
  addFrame(a.ideal, b.ideal);
  return a;
}
