import { CryoloupeError } from "#src/domain/errors.ts";
import type { Gain } from "#src/domain/gain.ts";
import type {
  GainEstimate,
  GainMethod,
  GainParameters,
  KnownMotion,
} from "#src/domain/gainEstimate.ts";
import type { Float32Pixels, MovieReader } from "#src/domain/movie.ts";
import type { MovieSpread } from "#src/math/lineSignal.ts";
import { combineEstimates } from "./gain/combineEstimates.ts";
import { estimateAsXmipp } from "./gain/estimateAsXmipp.ts";
import { estimateBySme } from "./gain/estimateBySme.ts";
import { estimateByParts } from "./gain/estimateByParts.ts";
import type { GainEstimator } from "./gain/gainRequest.ts";
import { withRecovery } from "./recovery.ts";
import type { StepContext } from "./stepContext.ts";

/** Every method of estimation; a new one is added here. */
const estimators: Readonly<Record<GainMethod, GainEstimator>> = {
  sme: (request, context) =>
    request.parameters.parity === "xmipp"
      ? estimateAsXmipp(request, context)
      : estimateBySme(request, context),
  "sme-neighbour": (request, context) =>
    request.parameters.parity === "xmipp"
      ? estimateAsXmipp(request, context)
      : estimateBySme(request, context),
  mean: (request, context) => estimateByParts([request], context),
  motion: (request, context) => estimateByParts([request], context),
};

function atLeast(name: string, value: number | "auto", least: number, whole: boolean): void {
  if (value === "auto") return;
  if (!(value >= least) || (whole && !Number.isInteger(value)))
    throw new CryoloupeError(
      "bad-arguments",
      `${name} must be ${whole ? "a whole number" : "a number"} of at least ${least}, not ${value}.`,
    );
}

function check(parameters: GainParameters, reader: MovieReader, reference: Gain | null): void {
  atLeast("The number of iterations", parameters.iterations, 1, true);
  atLeast("The frame step", parameters.frameStep, 1, true);
  atLeast("The number of frames in a group", parameters.grouping, 1, true);
  if (parameters.parity === "none") atLeast("Sigma", parameters.sigma, 0, false);
  atLeast("The largest sigma", parameters.maxSigma, 0, false);
  if (!(parameters.sigmaStep > 0))
    throw new CryoloupeError(
      "bad-arguments",
      `The step of sigma must be above 0, not ${parameters.sigmaStep}.`,
    );
  if (parameters.parity === "xmipp" && isJointMethod(parameters.method))
    throw new CryoloupeError(
      "bad-arguments",
      `Xmipp has no method "${parameters.method}": parity goes with sme and sme-neighbour.`,
    );
  const { width, height } = reader.header;
  if (reference !== null && (reference.width !== width || reference.height !== height))
    throw new CryoloupeError(
      "size-mismatch",
      `The gain reference has ${reference.width} × ${reference.height} px, ${reader.name} has ${width} × ${height} px. Use the reference of this camera mode, or orient it first.`,
      { file: reader.name },
    );
}

export interface EstimateOptions {
  /** Keep what {@link combineGains} needs. */
  readonly keepSums?: boolean;
  /** Also make the estimate of Afanasyev et al. 2015. */
  readonly deviations?: boolean;
  /** The reference's values as read, which parity divides by. */
  readonly rawReference?: Float32Pixels | null;
}

/** Base name of a movie: without folders and without its extension. */
export function baseName(name: string): string {
  return name.replace(/^.*[\\/]/, "").replace(/\.[^.]*$/, "");
}

/**
 * Gain of one movie, or what a reference leaves of it when one is given.
 * @param reference  multiplicative, in the frames' size and pose; null = none
 */
export async function estimateGain(
  reader: MovieReader,
  reference: Gain | null,
  parameters: GainParameters,
  context: StepContext,
  { keepSums = false, deviations = false, rawReference = null }: EstimateOptions = {},
): Promise<GainEstimate> {
  check(parameters, reader, reference);
  const estimator = estimators[parameters.method];
  const request = {
    reader,
    name: baseName(reader.name),
    reference,
    rawReference,
    parameters,
    motion: null,
    keepSums,
    deviations,
  };
  return await withRecovery(context, () => estimator(request, context));
}

/**
 * Gain of several movies together by a method that takes them apart at once (`mean`, `motion`): what
 * each leaves is averaged by counts and decomposed once a round.
 * @param motions  of the movies, as far as they are known from estimates of each (`GainEstimate.motion`)
 */
export async function estimateJointGain(
  readers: readonly MovieReader[],
  reference: Gain | null,
  parameters: GainParameters,
  context: StepContext,
  motions: readonly (KnownMotion | null)[] = [],
): Promise<GainEstimate> {
  for (const reader of readers) check(parameters, reader, reference);
  const requests = readers.map((reader, i) => ({
    reader,
    name: baseName(reader.name),
    reference,
    rawReference: null,
    parameters,
    motion: motions.at(i) ?? null,
    keepSums: false,
    deviations: false,
  }));
  return await withRecovery(context, () => estimateByParts(requests, context));
}

/** Whether several movies are estimated at once ({@link estimateJointGain}) or by adding up sums. */
export function isJointMethod(method: GainMethod): boolean {
  return method === "mean" || method === "motion";
}

/**
 * Gain of several movies together: numerators and denominators of all are added, never the ratios.
 * Estimates must have been made with `keepSums`, of frames of one size.
 * @param spread  of the movies, where `estimates` holds sums over several of them
 */
export function combineGains(
  estimates: readonly GainEstimate[],
  parameters: GainParameters,
  spread?: MovieSpread,
): GainEstimate {
  return combineEstimates(estimates, parameters, spread);
}
