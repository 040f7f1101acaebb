import { CryoloupeError } from "#src/domain/errors.ts";
import type { GainEstimate, GainParameters, GainSums } from "#src/domain/gainEstimate.ts";
import { combineLineSignals } from "#src/math/lineSignal.ts";
import type { MovieSpread } from "#src/math/lineSignal.ts";
import { combinePixelSignals } from "#src/math/pixelSignal.ts";
import { combinedGain, SME_SCOPE } from "./estimateBySme.ts";
import { finishEstimate } from "./finishEstimate.ts";

/** One estimate from the sums of several; see {@link GainSums}. */
export function combineEstimates(
  estimates: readonly GainEstimate[],
  parameters: GainParameters,
  spread: MovieSpread = spreadOf(estimates),
): GainEstimate {
  const start = performance.now();
  if (estimates.length === 0)
    throw new CryoloupeError("not-enough-data", "There is no estimate to combine.");
  const [first] = estimates;
  const { width, height } = first.gain;
  for (const { gain, name } of estimates)
    if (gain.width !== width || gain.height !== height)
      throw new CryoloupeError(
        "size-mismatch",
        `${name} has ${gain.width} × ${gain.height} px and ${first.name} ${width} × ${height} px: movies of different size have no gain in common.`,
        { file: name },
      );
  const sums = estimates.map((e) => {
    if (e.sums === null)
      throw new CryoloupeError("internal", `The sums of ${e.name} were not kept.`);
    return e.sums;
  });
  // A pixel is bad for all when it is bad in any.
  const bad = new Uint8Array(width * height);
  for (const { gain } of estimates)
    for (let i = 0; i < bad.length; i++) if (gain.bad[i] !== 0) bad[i] = 1;
  const known = (half: (s: (typeof sums)[number]) => GainSums | null): GainSums[] =>
    sums.map(half).filter((s) => s !== null);
  const [odd, even] = [known((s) => s.odd), known((s) => s.even)];
  const halves =
    odd.length === sums.length && even.length === sums.length
      ? { odd: combinedGain(odd, bad), even: combinedGain(even, bad) }
      : null;
  const total = (of: (e: GainEstimate) => number): number =>
    estimates.reduce((sum, e) => sum + of(e), 0);
  return finishEstimate({
    name: "combined",
    parameters,
    residual: first.residual,
    width,
    height,
    pixelGain: combinedGain(
      known((s) => s.all),
      bad,
    ),
    bad,
    halves,
    iterations: [],
    sigmas: [],
    counts: {
      ...first.counts,
      framesUsed: estimates.flatMap((e) => e.counts.framesUsed),
      framesInMovie: total((e) => e.counts.framesInMovie),
      groups: total((e) => e.counts.groups),
      perFrame: total((e) => e.counts.total) / total((e) => e.counts.framesUsed.length),
      total: total((e) => e.counts.total),
    },
    afanasyev: null,
    sums: null,
    chosen: [`${estimates.length} movies are added up.`],
    scope: SME_SCOPE,
    lineSignal: combineLineSignals(estimates.map((e) => e.lineSignal).filter((s) => s !== null)),
    spread,
    pixelSignal: combinePixelSignals(estimates.map((e) => e.pixelSignal).filter((s) => s !== null)),
    seconds: total((e) => e.seconds) + (performance.now() - start) / 1000,
  });
}

function spreadOf(estimates: readonly GainEstimate[]): MovieSpread {
  const squares = estimates.reduce((sum, { statistics }) => sum + statistics.std ** 2, 0);
  return { movies: estimates.length, variance: squares / Math.max(1, estimates.length) };
}
