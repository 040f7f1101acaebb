import type { Gain } from "#src/domain/gain.ts";
import type { MotionEstimate, MotionOptions } from "#src/domain/motion.ts";
import type { Float32Pixels, MovieReader } from "#src/domain/movie.ts";
import { chooseBinning } from "#src/math/motion/binFrame.ts";
import { expectedError } from "#src/math/motion/fitModel.ts";
import { estimateAsFlexAlign } from "./flexalign/estimateAsFlexAlign.ts";
import { GlobalAligner } from "./motion/alignGlobally.ts";
import type { GlobalAlignment } from "./motion/alignGlobally.ts";
import { LocalAligner } from "./motion/alignLocally.ts";
import type { LocalAlignment } from "./motion/alignLocally.ts";
import { againstRigid, isFaint } from "./motion/faintMotion.ts";
import { fieldOf } from "./motion/fittedField.ts";
import { localGeometry } from "./motion/localGeometry.ts";
import type { LocalGeometry } from "./motion/localGeometry.ts";
import {
  estimateFixedPattern,
  fieldLikelihood,
  LEAST_PULL,
  STRONG_PULL,
} from "./motion/fixedPattern.ts";
import type { FieldAt } from "./motion/fixedPattern.ts";
import { alignedFrames, checkSizes } from "./motion/checkInputs.ts";
import { chooseGroup } from "./motion/chooseGroup.ts";
import { describeMotion, unmoved } from "./motion/describeMotion.ts";
import { prepareMovie } from "./motion/prepareMovie.ts";
import type { PreparedMovie } from "./motion/prepareMovie.ts";
import type { StepContext } from "./stepContext.ts";

/** What is done to frames before motion is measured in them. */
export interface MotionCorrections {
  /** In the movie's own pose. */
  readonly gain: Gain | null;
  /** Subtracted before the gain. */
  readonly dark: Float32Pixels | null;
}

/** Mean over time of the frames as they stand, gain applied, where motion was measured in them. */
export interface PlainMean {
  readonly mean: Float32Pixels;
  /** Frames in it: those that were aligned and could be decoded. */
  readonly frameIndices: readonly number[];
}

/**
 * Estimates the motion of a movie (alignment recipe): one pass over the frames, then global and local
 * motion from correlations of each frame with the sum of the others under weights measured from the movie.
 * Where there is nothing to measure the result is "no motion" with a flag that says why.
 * @param onPlainMean  takes the mean over time, which the correction can use again
 */
export async function estimateMotion(
  movie: MovieReader,
  corrections: MotionCorrections,
  options: MotionOptions,
  context: StepContext,
  onPlainMean?: (plain: PlainMean) => void,
): Promise<MotionEstimate> {
  const frameIndices = alignedFrames(movie, options);
  checkSizes(movie, corrections);
  if (options.parity)
    return await estimateAsFlexAlign(movie, frameIndices, corrections, options, context);
  const { width, height } = movie.header;
  const { maxResolutionA, pixelSizeA } = options;
  const binning = chooseBinning(width, height, pixelSizeA, maxResolutionA);
  const { group, workers, keepsSum } = chooseGroup(
    movie,
    frameIndices.length,
    binning,
    {
      gain: corrections.gain !== null,
      dark: corrections.dark !== null,
      keepsSum: onPlainMean !== undefined,
    },
    options,
    context,
  );
  const limit =
    maxResolutionA === null ? 0.5 : Math.min(0.5, ((pixelSizeA ?? 1) * binning) / maxResolutionA);
  if (frameIndices.length === 1)
    return unmoved(movie, frameIndices, options, "One frame only: there is no motion to measure.");

  const kept: { mean: Float32Pixels | null } = { mean: null };
  const onMean = (mean: Float32Pixels): void => {
    kept.mean = mean;
  };
  const prepared = await prepareMovie(
    movie,
    frameIndices,
    { binning, group, workers, ...corrections, ...(keepsSum ? { onMean } : {}) },
    context,
  );
  if (kept.mean !== null) {
    const damaged = new Set(prepared.damaged.map(({ position }) => frameIndices[position]));
    const inMean = frameIndices.filter((frame) => !damaged.has(frame));
    onPlainMean?.({ mean: kept.mean, frameIndices: inMean });
  }
  const estimate = await estimatePrepared(
    movie,
    prepared,
    { frameIndices, group, limit },
    options,
    context,
  );
  return prepared.damaged.length === 0
    ? estimate
    : withoutDamaged(estimate, prepared, frameIndices);
}

/** Says which frames were left out because they cannot be decoded. */
function withoutDamaged(
  estimate: MotionEstimate,
  { damaged }: PreparedMovie,
  frameIndices: readonly number[],
): MotionEstimate {
  const damagedFrames = damaged.map(({ position }) => frameIndices[position]);
  const flags = damaged.map(
    ({ reason }, i) =>
      `Frame ${damagedFrames[i] + 1} cannot be decoded and is left out; the motion there is interpolated. ${reason}`,
  );
  const { quality } = estimate;
  return {
    ...estimate,
    damagedFrames,
    quality: { ...quality, flags: [...quality.flags, ...flags] },
  };
}

async function estimatePrepared(
  movie: MovieReader,
  prepared: PreparedMovie,
  use: {
    readonly frameIndices: readonly number[];
    readonly group: number;
    readonly limit: number;
  },
  options: MotionOptions,
  context: StepContext,
): Promise<MotionEstimate> {
  const { frameIndices, group, limit } = use;
  const { width, height } = movie.header;
  const { binning } = prepared;
  const groups = prepared.frames.length;
  if (groups < 2)
    return unmoved(
      movie,
      frameIndices,
      options,
      "All frames fall into one group: there is no motion to measure.",
    );
  if (!(prepared.sd > 0))
    return unmoved(
      movie,
      frameIndices,
      options,
      "The frames are blank: there is nothing to align.",
    );

  const global = await alignWhole(prepared, options, limit, context);
  context.log?.(
    `Global motion from the ${global.alignment.start} frames, ${global.gainNats.toFixed(0)} nats over none`,
  );
  const times = Float64Array.from(prepared.middles, (m) => m / frameIndices.length);
  const geometry = localGeometry(
    prepared.width,
    prepared.height,
    binning,
    { width, height },
    times,
    options,
  );
  const local = await alignPatches(prepared, geometry, global, options, limit, context);
  return describeMotion({
    movie,
    frameIndices,
    options,
    prepared,
    group,
    global,
    geometry,
    local,
    error: local?.aligned == null ? null : statedError(local.aligned, local.patternBias),
  });
}

/** Posterior error of the fit, with that of a pattern that could not be taken out and motion that it does not follow. */
function statedError(
  { fitted, misfit }: LocalAlignment,
  patternBias: number,
): ReturnType<typeof expectedError> {
  const error = expectedError(fitted);
  const both = (e: number): number => Math.hypot(e, patternBias, misfit);
  return { ...error, rms: both(error.rms), map: error.map.map(both) };
}

export interface GlobalOutcome {
  readonly alignment: GlobalAlignment;
  /** Log-likelihood over "nothing moves", nats. */
  readonly gainNats: number;
  readonly aligner: GlobalAligner;
}

/** Global stage (alignment recipe, step 2) from the spectra of whole frames. */
async function alignWhole(
  prepared: PreparedMovie,
  options: MotionOptions,
  limit: number,
  context: StepContext,
): Promise<GlobalOutcome> {
  const maxShift = options.maxShiftA / ((options.pixelSizeA ?? 1) * prepared.binning);
  const correlation = await context.backend.motion.openSpectra(
    prepared.transform.shape,
    prepared.spectra,
  );
  try {
    context.onProgress?.({ step: "Aligning whole frames", done: 0, total: 0 });
    const aligner = new GlobalAligner(prepared, correlation, maxShift, limit, context.signal);
    const alignment = await aligner.search();
    const gainNats = alignment.likelihood.logLikelihood - aligner.likelihood(null).logLikelihood;
    return { alignment, gainNats, aligner };
  } finally {
    correlation.close();
  }
}

export interface LocalOutcome {
  readonly aligned: LocalAlignment | null;
  /** Displacements after the pattern was taken out, px of the binned frame. */
  readonly shifts: Float64Array;
  readonly gainNats: number;
  /** sd of the fixed pattern over that of a binned frame. */
  readonly patternOverNoise: number;
  /** Error by what is left of it, binned px ({@link FixedPattern.bias}). */
  readonly patternBias: number;
}

/** Takes out what is at rest, then measures in patches (alignment recipe, steps 3 and 4). */
async function alignPatches(
  prepared: PreparedMovie,
  geometry: LocalGeometry | null,
  global: GlobalOutcome,
  options: MotionOptions,
  limit: number,
  context: StepContext,
): Promise<LocalOutcome | null> {
  const { width, height } = prepared;
  const frames = prepared.spectra.length;
  let reach = 0;
  for (let t = 0; t < frames; t++)
    reach = Math.max(reach, Math.abs(global.alignment.shifts[2 * t + 1]));
  const patches = await context.backend.motion.openPatches(
    width,
    height,
    prepared.frames,
    Math.ceil(reach) + 32,
  );
  try {
    let pattern: Float32Array | null = null;
    let patternOverNoise = 0;
    let patternBias = 0;
    const putBack = async (): Promise<void> => {
      if (pattern !== null) await patches.subtract(pattern.map((v) => -v));
      pattern = null;
    };
    const takeOut = async (field: FieldAt, leastPull: number): Promise<Float32Array | null> => {
      // Estimated from the frames as they were.
      await putBack();
      const { signal } = context;
      const found = await estimateFixedPattern(
        patches,
        width,
        height,
        frames,
        field,
        leastPull,
        signal,
      );
      pattern = found.image;
      context.log?.(
        `Fixed pattern: pull ${found.pull.toPrecision(3)}, typical ${found.typical.toPrecision(3)}, ${pattern === null ? "left in" : "taken out"}, error by what is left ${found.bias.toPrecision(3)} binned px`,
      );
      if (pattern !== null) await patches.subtract(pattern);
      patternBias = found.bias;
      const rest = pattern === null ? found.overNoise : sdOf(pattern) / prepared.sd;
      patternOverNoise = Math.hypot(rest, prepared.lines / prepared.sd);
      return pattern;
    };
    // Of the frames as they were.
    const judge = async (field: FieldAt): Promise<number> => {
      const taken = pattern;
      await putBack();
      const nats = await fieldLikelihood(patches, width, height, frames, field);
      if (taken !== null) await patches.subtract(taken);
      pattern = taken;
      return nats ?? -Infinity;
    };
    const measure = async (shifts: Float64Array, gainNats: number): Promise<LocalOutcome> => {
      let aligned: LocalAlignment | null = null;
      if (geometry !== null) {
        const run = (given: MotionOptions): Promise<LocalAlignment | null> =>
          new LocalAligner(patches, geometry, shifts, given, limit, context).align(
            async (field, lastIsNext) => {
              // Local motion looks like a pattern as long as it is not known: a weak one waits until it is.
              if (pattern !== null) await takeOut(field, 0);
              else if (lastIsNext) await takeOut(field, LEAST_PULL);
            },
            judge,
          );
        aligned = await run(options);
        if (options.patches !== "none" && aligned !== null && isFaint(aligned)) {
          const [local, ofLocal] = [aligned, { patternOverNoise, patternBias }];
          const rigid = await run({ ...options, patches: "none" });
          const whole = ({ fitted }: LocalAlignment): Promise<number> =>
            judge(fieldOf(fitted, geometry));
          aligned = await againstRigid(local, rigid, whole, context);
          if (aligned === local) ({ patternOverNoise, patternBias } = ofLocal);
        }
      }
      return { aligned, shifts, gainNats, patternOverNoise, patternBias };
    };
    context.onProgress?.({ step: "Looking for a fixed pattern", done: 0, total: 0 });
    const still = global.alignment.shifts;
    const strong = await takeOut(() => still, STRONG_PULL);
    if (strong === null) return await measure(still, global.gainNats);
    const again = await refineWithout(prepared, strong, global, options, limit, context);
    const early = await measure(again.shifts, again.gainNats);
    if (geometry === null || early.aligned === null || options.patches === "none") return early;
    // Local motion that was not known may have been taken for a pattern: the same with the pattern left in first.
    await putBack();
    const late = await measure(still, again.gainNats);
    if (late.aligned === null) return early;
    const whole = ({ fitted }: LocalAlignment): Promise<number> => judge(fieldOf(fitted, geometry));
    const more = (await whole(late.aligned)) - (await whole(early.aligned));
    context.log?.(
      `With the pattern left in until local motion is known the frames are ${more.toFixed(0)} nats more likely`,
    );
    return more > 0 ? late : early;
  } finally {
    patches.close();
  }
}

function sdOf(image: Float32Array | null): number {
  if (image === null) return 0;
  let sum = 0;
  let square = 0;
  for (const v of image) {
    sum += v;
    square += v * v;
  }
  return Math.sqrt(Math.max(0, square / image.length - (sum / image.length) ** 2));
}

/** The global stage's last rounds again, without the pattern. */
async function refineWithout(
  prepared: PreparedMovie,
  pattern: Float32Array | null,
  global: GlobalOutcome,
  options: MotionOptions,
  limit: number,
  context: StepContext,
): Promise<{ shifts: Float64Array; gainNats: number }> {
  if (pattern === null) return { shifts: global.alignment.shifts, gainNats: global.gainNats };
  const { re, im } = prepared.transform.transform(pattern);
  const spectra = prepared.spectra.map((spectrum) => ({
    re: spectrum.re.map((v, i) => v - re[i]),
    im: spectrum.im.map((v, i) => v - im[i]),
  }));
  const maxShift = options.maxShiftA / ((options.pixelSizeA ?? 1) * prepared.binning);
  const correlation = await context.backend.motion.openSpectra(prepared.transform.shape, spectra);
  try {
    const aligner = new GlobalAligner(
      { ...prepared, spectra },
      correlation,
      maxShift,
      limit,
      context.signal,
    );
    const shifts = await aligner.refine(global.alignment.shifts, global.alignment.likelihood);
    const gainNats =
      aligner.likelihood(shifts).logLikelihood - aligner.likelihood(null).logLikelihood;
    return { shifts, gainNats };
  } finally {
    correlation.close();
  }
}
