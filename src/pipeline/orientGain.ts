import { CryoloupeError } from "#src/domain/errors.ts";
import type { OrientationResult } from "#src/domain/orientation.ts";
import type { Float32Pixels, MovieReader, PixelArray } from "#src/domain/movie.ts";
import { gainPatternJob, poseJob } from "#src/compute/poseJobs.ts";
import { bin2, usableReference } from "#src/math/gainPattern.ts";
import type { GainPattern } from "#src/math/gainPattern.ts";
import { median } from "#src/math/orderStatistics.ts";
import { addFrame } from "#src/math/frameSum.ts";
import { ownPattern } from "#src/math/ownPattern.ts";
import type { OwnPattern } from "#src/math/ownPattern.ts";
import {
  BOARD_POSES,
  decidePose,
  explainNone,
  isUnexplained,
  undecidedPose,
} from "#src/math/poseDecision.ts";
import type { MovieEvidence } from "#src/math/poseDecision.ts";
import { posedSize } from "#src/math/pose.ts";
import { pairUnits, unitsOfPairs } from "#src/math/unitsPerElectron.ts";
import { streamFrames } from "./frameStream.ts";
import type { StepContext } from "./stepContext.ts";

/** A reference whose pose and polarity are to be found; rows as its file's kind is read. */
export interface OrientReference {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly values: Float32Pixels;
  /** 1 = known bad pixel; null = none known. */
  readonly bad: Uint8Array<ArrayBuffer> | null;
}

export interface OrientOptions {
  /** Frames of each movie that are summed; null = all. */
  readonly frameIndices?: readonly number[];
  /** Go on to the last movie even when the pose is certain before. */
  readonly everyMovie?: boolean;
}

/** Log sd of a reference below which it has no pattern to match. */
const FLAT_LOG_SD = 1e-4;
/** Neighbouring frames whose differences tell the units per electron. */
const PAIRS = 4;

/**
 * Finds how a gain reference has to be turned, flipped and inverted to fit movies (gain recipe §6). Movies
 * are taken one after the other, their evidence is combined, and the search ends when it is certain.
 */
export async function orientGain(
  movies: readonly MovieReader[],
  reference: OrientReference,
  context: StepContext,
  options: OrientOptions = {},
): Promise<OrientationResult> {
  if (movies.length === 0)
    throw new CryoloupeError("bad-arguments", "The pose of a reference needs at least one movie.");
  const evidence: { name: string; electrons: number; evidence: MovieEvidence }[] = [];
  let result: OrientationResult | undefined;
  let firstFit: Fit | null = null;
  for (const [m, movie] of movies.entries()) {
    const summed = await sumOfFrames(movie, context, options, m, movies.length);
    const fit = fitSizes(summed, reference);
    if ("refusal" in fit) return refusal(fit, reference, movie.name, summed.electrons);
    firstFit ??= fit;
    const correlations = await correlateAll(fit, context);
    evidence.push({ name: movie.name, electrons: summed.electrons, evidence: correlations });
    result = decidePose(evidence, fit.reference);
    context.log?.(
      `Orientation after ${evidence.length} of ${movies.length} movies: ${result.findings[0] ?? ""}`,
    );
    if (result.confident && options.everyMovie !== true) break;
  }
  if (result === undefined || firstFit === null)
    throw new CryoloupeError("internal", "No movie gave evidence.");
  if (!isUnexplained(result)) return result;
  const own = await patternOfItsOwn(firstFit, context);
  return own === null ? result : explainNone(result, own);
}

interface SummedMovie {
  readonly sum: Float32Pixels;
  /** Of the first half of the frames; null of a single frame. */
  readonly firstHalf: Float32Pixels | null;
  readonly width: number;
  readonly height: number;
  readonly units: number;
  readonly electrons: number;
}

/** Plain sum of the raw frames, with the units per electron from its first frames. */
async function sumOfFrames(
  movie: MovieReader,
  context: StepContext,
  options: OrientOptions,
  position: number,
  total: number,
): Promise<SummedMovie> {
  const { width, height, frames, unitsPerElectron } = movie.header;
  const indices = options.frameIndices ?? Array.from({ length: frames }, (_, i) => i);
  // Two halves: what both share stays where it is (the detector); together they are the sum.
  const { pixels: compute } = context.backend;
  const first = await compute.openSum({ width, height, correction: null });
  const last = await compute.openSum({ width, height, correction: null });
  const half = indices.length >> 1;
  const pairs: number[] = [];
  let previous: PixelArray | null = null;
  let done = 0;
  try {
    for await (const { pixels } of streamFrames(movie, indices, context)) {
      if (unitsPerElectron === null && pairs.length < PAIRS) {
        if (previous !== null) pairs.push(pairUnits(previous, pixels, null));
        previous = pixels.slice();
      } else previous = null;
      await (done < half ? first : last).add(pixels, context.signal);
      done++;
      context.onProgress?.({
        step: `Summing frames of ${movie.name}`,
        done: position * indices.length + done,
        total: total * indices.length,
      });
    }
  } catch (error) {
    first.close();
    last.close();
    throw error;
  }
  const firstHalf = half > 0 ? await first.finish() : null;
  if (firstHalf === null) first.close();
  const pixels = await last.finish();
  if (firstHalf !== null) addFrame(pixels, firstHalf);
  // A single frame shows no pair: its units are taken as one.
  const units = unitsPerElectron ?? unitsOfPairs(pairs);
  const electrons = median(pixels) / units;
  return { sum: pixels, firstHalf, width, height, units, electrons };
}

interface Fit {
  readonly movie: SummedMovie;
  readonly reference: {
    readonly logGain: Float32Pixels;
    readonly good: Uint8Array<ArrayBuffer>;
    readonly width: number;
    readonly height: number;
    readonly notes: readonly string[];
  };
}

function fits(aw: number, ah: number, bw: number, bh: number): boolean {
  return (aw === bw && ah === bh) || (aw === bh && ah === bw);
}

/** Logarithm of the reference in the movie's size; a reference of twice or half the size is adapted. */
function fitSizes(movie: SummedMovie, reference: OrientReference): Fit | Refusal {
  const { width, height } = reference;
  const usable = usableReference(reference.values, reference.bad ?? undefined);
  const logGain = new Float32Array(reference.values.length);
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < logGain.length; i++) {
    logGain[i] = usable.good[i] !== 0 ? Math.log(reference.values[i] / usable.median) : 0;
    if (usable.good[i] === 0) continue;
    count++;
    sum += logGain[i];
    squares += logGain[i] * logGain[i];
  }
  const deviation = Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
  if (count < logGain.length / 2 || deviation < FLAT_LOG_SD)
    return {
      reason: "flat",
      refusal: `${reference.name} is flat or empty: it has no pattern to match with a movie. Load a measured gain reference.`,
    };
  const whole = { logGain, good: usable.good, width, height, notes: [] as string[] };
  if (fits(width, height, movie.width, movie.height)) return { movie, reference: whole };
  if (fits(width >> 1, height >> 1, movie.width, movie.height)) {
    const binned = bin2(logGain, width, height);
    const share = bin2(Float32Array.from(usable.good), width, height).data;
    return {
      movie,
      reference: {
        logGain: binned.data,
        good: Uint8Array.from(share, (v) => (v === 1 ? 1 : 0)),
        width: binned.width,
        height: binned.height,
        notes: ["The reference has twice the frames' size; it was binned by 2."],
      },
    };
  }
  if (fits(width, height, movie.width >> 1, movie.height >> 1)) {
    const binned = bin2(movie.sum, movie.width, movie.height);
    const sum = binned.data.map((v) => 4 * v);
    const { firstHalf: first } = movie;
    const firstHalf =
      first === null ? null : bin2(first, movie.width, movie.height).data.map((v) => 4 * v);
    return {
      movie: { ...movie, sum, firstHalf, width: binned.width, height: binned.height },
      reference: {
        ...whole,
        notes: [
          "The reference has half the frames' size; the movie was binned by 2 to compare them.",
        ],
      },
    };
  }
  return {
    reason: "size",
    refusal: `${reference.name} is ${width} × ${height} px; the movies are ${movie.width} × ${movie.height}. No turn or binning by 2 makes it fit: choose the reference of this camera.`,
  };
}

/** Patterns of both sides, then one task for each pose. */
async function correlateAll(
  { movie, reference }: Fit,
  context: StepContext,
): Promise<MovieEvidence> {
  const { pool } = context.backend;
  const patterns = await pool.open(gainPatternJob, null);
  let movieSide: GainPattern;
  let referenceSide: GainPattern;
  try {
    [movieSide, referenceSide] = await Promise.all([
      patterns.run({
        of: "movie",
        sum: movie.sum,
        width: movie.width,
        height: movie.height,
        unitsPerElectron: movie.units,
      }),
      patterns.run({ of: "reference", ...reference }),
    ]);
  } finally {
    patterns.close();
  }
  const job = await pool.open(poseJob, { movie: movieSide, reference: referenceSide });
  let done = 0;
  try {
    return await Promise.all(
      BOARD_POSES.map(async (pose) => {
        const signal = context.signal === undefined ? {} : { signal: context.signal };
        const correlation = await job.run(pose, signal);
        context.onProgress?.({ step: "Comparing poses", done: ++done, total: BOARD_POSES.length });
        return correlation;
      }),
    );
  } finally {
    job.close();
  }
}

/** What the movie holds besides noise and specimen, against the reference; null of a single frame. */
async function patternOfItsOwn(
  { movie, reference }: Fit,
  context: StepContext,
): Promise<OwnPattern | null> {
  const { firstHalf, sum, width, height, units } = movie;
  if (firstHalf === null) return null;
  const lastHalf = Float32Array.from(sum, (v, i) => v - firstHalf[i]);
  const patterns = await context.backend.pool.open(gainPatternJob, null);
  try {
    const [first, last, known] = await Promise.all([
      ...[firstHalf, lastHalf].map((half) =>
        patterns.run({ of: "movie", sum: half, width, height, unitsPerElectron: units }),
      ),
      patterns.run({ of: "reference", ...reference }),
    ]);
    return ownPattern(first, last, known);
  } finally {
    patterns.close();
  }
}

interface Refusal {
  /** Short, for the tiles of the board. */
  readonly reason: string;
  readonly refusal: string;
}

function refusal(
  { reason, refusal: finding }: Refusal,
  reference: OrientReference,
  movie: string,
  electrons: number,
): OrientationResult {
  const candidates = BOARD_POSES.flatMap((pose) => {
    const { width, height } = posedSize(reference.width, reference.height, pose);
    const why = reason === "size" ? `size: ${width} × ${height} px in this pose` : reason;
    return [false, true].map((inverted) => ({
      ...pose,
      inverted,
      score: null,
      correlation: null,
      reason: why,
    }));
  });
  return undecidedPose(candidates, [finding], [movie], electrons);
}
