import { CryoloupeError } from "#src/domain/errors.ts";
import { addFrame } from "#src/math/frameSum.ts";
import { compareGains } from "#src/math/compareGains.ts";
import { createPixelDeviations } from "#src/math/afanasyev.ts";
import { findBadPixels } from "#src/math/badPixels.ts";
import { countMarked } from "#src/math/statistics.ts";
import { gainFromSums } from "#src/math/gainFromSums.ts";
import { measureLineSignal } from "#src/math/lineSignal.ts";
import type { GainCaution, GainEstimate, GainSums } from "#src/domain/gainEstimate.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import type { StepContext } from "../stepContext.ts";
import { createFrameGroups } from "./frameGroups.ts";
import { planFrames } from "./framePlan.ts";
import { finishEstimate } from "./finishEstimate.ts";
import { comparePatches } from "./comparePatches.ts";
import { createPixelPatches } from "./pixelPatches.ts";
import type { GainRequest } from "./gainRequest.ts";
import { sigmaList } from "./sigmaList.ts";
import { FEW_COUNTS, runSmeChains } from "./smeChains.ts";

/** What midway equalization can see. */
export const SME_SCOPE = "rows, columns and slow structure only";

/** Gain by smooth midway equalization, corrected where the reference program errs. */
export async function estimateBySme(
  request: GainRequest,
  context: StepContext,
): Promise<GainEstimate> {
  const start = performance.now();
  const { reader, reference, parameters } = request;
  const { width, height, pixelType, frames: inMovie } = reader.header;
  const plan = await planFrames(reader, parameters, context);
  const chosen = [...plan.chosen];
  const size = width * height;

  const observed = {
    all: new Float32Array(size),
    odd: new Float32Array(size),
    even: new Float32Array(size),
  };
  const deviations = request.deviations ? createPixelDeviations(size) : null;
  const patches = createPixelPatches(width, height, plan.frames.length);
  let position = 0;
  const groups = createFrameGroups(reader, plan.groups, context, (pixels) => {
    deviations?.add(pixels);
    patches?.add(pixels, position++);
  });
  for await (const { halves } of groups.read())
    for (const { half, pixels } of halves) addFrame(observed[half], pixels);
  for (let i = 0; i < size; i++) observed.all[i] = observed.odd[i] + observed.even[i];

  const found = findBadPixels(
    observed.all,
    width,
    height,
    plan.unitsPerElectron,
    reference?.bad ?? null,
  );
  const bad = new Uint8Array(size);
  for (let i = 0; i < size; i++) if (found.flags[i] !== 0) bad[i] = 1;
  const badPixels = countMarked(bad);
  if (badPixels === size)
    throw new CryoloupeError(
      "not-enough-data",
      "No pixel recorded anything: the gain cannot be estimated from a blank movie.",
    );
  if (reference !== null)
    for (const sum of Object.values(observed)) multiply(sum, reference.correction);
  // Goes on in the pool while lines are equalized.
  const pixels = comparePatches(patches?.finish(reference?.correction ?? null, bad) ?? [], context);
  const lineSignal = measureLineSignal(observed.all, bad, width, height);
  const halves = plan.frames.length > 1;
  const countsPerGroup = (plan.countsPerFrame * plan.frames.length) / plan.groups.length;
  const sigmas = sigmaList(parameters);
  if (sigmas.length > 1)
    chosen.push(
      `Widths ${sigmas.map((s) => String(s)).join(", ")} were tried in each direction; the least total variation decides.`,
    );
  const { gain, iterations, ...chains } = await runSmeChains(
    {
      groups,
      pixelType,
      sme: {
        width,
        height,
        reference: parameters.method === "sme-neighbour" ? "neighbours" : "single",
        sigmas,
        ties: "mean",
        precise: false,
        bad: badPixels > 0 ? bad : null,
      },
      reference: reference?.correction ?? null,
      observed,
      bad,
      iterations: parameters.iterations,
      countsPerGroup,
      halves,
      singleFrames: plan.groups.every((g) => g.length === 1),
    },
    context,
  );
  const pixelSignal = await pixels;
  if (parameters.iterations === "auto")
    chosen.push(
      countsPerGroup < FEW_COUNTS
        ? `One iteration: with ${countsPerGroup.toPrecision(2)} electrons a pixel in a group more would add noise.`
        : `${iterations.length} iterations, until the change was below half the noise.`,
    );
  if (gain.all === null)
    throw new CryoloupeError("bad-arguments", "At least one iteration is needed.");
  const { odd, even } = gain;
  return finishEstimate({
    name: request.name,
    parameters,
    residual: reference !== null,
    width,
    height,
    pixelGain: gain.all,
    bad,
    halves: odd !== null && even !== null ? { odd, even } : null,
    iterations,
    sigmas: chains.sigmas,
    counts: {
      framesUsed: plan.frames,
      framesInMovie: inMovie,
      framesPerGroup: plan.groups[0].length,
      groups: plan.groups.length,
      unitsPerElectron: plan.unitsPerElectron,
      unitsSource: plan.unitsSource,
      perFrame: plan.countsPerFrame,
      total: plan.countsPerFrame * plan.frames.length,
    },
    afanasyev: deviations?.finish(bad) ?? null,
    sums: request.keepSums
      ? {
          all: sumsOf(observed.all, gain.all),
          odd: odd === null ? null : sumsOf(observed.odd, odd),
          even: even === null ? null : sumsOf(observed.even, even),
        }
      : null,
    chosen,
    ownCautions: reference === null ? [] : polarityCaution(gain.all, reference.correction, bad),
    scope: SME_SCOPE,
    pixelSignal,
    lineSignal,
    badSources: found.summary,
    seconds: (performance.now() - start) / 1000,
  });
}

/** Correlation above which what a reference leaves follows the reference itself. */
const FOLLOWS = 0.5;

/**
 * A reference that divides, or one that the movie already went through, leaves its own pattern behind:
 * the residual G then correlates with the reference's C.
 */
function polarityCaution(
  pixelGain: Float32Pixels,
  correction: Float32Pixels,
  bad: Uint8Array,
): GainCaution[] {
  const { r2, slope } = compareGains({ values: pixelGain, bad }, { values: correction, bad });
  if (!(slope > 0.3 && r2 > FOLLOWS * FOLLOWS)) return [];
  return [
    {
      code: "reference-polarity",
      text: "What the reference leaves follows the reference itself: it divides where it is taken to multiply, or the movie has already been corrected with it. Invert it, or leave it out.",
    },
  ];
}

function multiply(values: Float32Pixels, factor: Float32Pixels): void {
  for (let i = 0; i < values.length; i++) values[i] *= factor[i];
}

/** Numerator and denominator with the same total, so that movies weigh by their counts. */
function sumsOf(observed: Float32Pixels, gain: Float32Pixels): GainSums {
  const ideal = new Float32Array(gain.length);
  for (let i = 0; i < ideal.length; i++) ideal[i] = observed[i] / gain[i];
  return { observed, ideal };
}

/** G of several movies together: Σ numerators / Σ denominators. */
export function combinedGain(
  sums: readonly GainSums[],
  bad: Uint8Array<ArrayBuffer>,
): Float32Pixels {
  const observed = new Float32Array(bad.length);
  const ideal = new Float32Array(bad.length);
  for (const one of sums) {
    addFrame(observed, one.observed);
    addFrame(ideal, one.ideal);
  }
  return gainFromSums(observed, ideal, bad);
}
