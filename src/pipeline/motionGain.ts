import type { BadPixelSummary } from "#src/domain/gainEstimate.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { Gain } from "#src/domain/gain.ts";
import type { Float32Pixels, MovieReader } from "#src/domain/movie.ts";
import type { MotionField } from "#src/domain/motion.ts";
import { alignedAverageJob, halfSumsJob, predictSpecimenJob } from "#src/compute/motionGainJobs.ts";
import { findBadPixels } from "#src/math/badPixels.ts";
import { decompose } from "#src/math/gainParts/decompose.ts";
import type { Decomposition } from "#src/math/gainParts/decompose.ts";
import type { GainResidual } from "#src/math/gainParts/gainResidual.ts";
import { emptyParts, totalLogGain } from "#src/math/gainParts/parts.ts";
import type { GainParts } from "#src/math/gainParts/parts.ts";
import { driftOf, LEAST_DRIFT_PX } from "#src/math/motionGain/drift.ts";
import { placeCanvas } from "#src/math/motionGain/warper.ts";
import {
  filterSpecimen,
  fullVisibility,
  halfDifferenceVariance,
  halfResidual,
} from "#src/math/motionGain/residual.ts";
import { patternVisibility } from "#src/math/motionGain/visibility.ts";
import { runOnFrames } from "./runOnFrames.ts";
import type { StepContext } from "./stepContext.ts";

/** A movie, how its specimen moved, and its units per electron. */
export interface MotionGainMovie {
  readonly reader: MovieReader;
  /** Null for the method `mean`: the specimen is not predicted. */
  readonly field: MotionField | null;
  readonly unitsPerElectron: number;
}

/** What the estimate of a gain by structured parts gives (gain recipe §2). */
export interface MotionGainResult extends Decomposition {
  /** G over its mean over good pixels; 0 at bad ones. */
  readonly gain: Float32Pixels;
  readonly good: Uint8Array<ArrayBuffer>;
  /** e of the last round and of its halves. */
  readonly residual: GainResidual;
  /** Electrons per pixel over all movies. */
  readonly electrons: number;
  readonly movies: readonly string[];
  /** Of the first movie. */
  readonly badSources: BadPixelSummary;
  readonly rounds: number;
}

const ROUNDS = 2;

/** A movie with what does not change between rounds. */
interface Prepared {
  readonly movie: MotionGainMovie;
  readonly indices: readonly number[];
  readonly relative: readonly [Float32Pixels, Float32Pixels];
  readonly means: Float64Array;
  readonly good: Uint8Array<ArrayBuffer>;
  readonly bad: Uint8Array<ArrayBuffer>;
  readonly sources: BadPixelSummary;
  readonly electrons: number;
  readonly shares: readonly [number, number];
}

/**
 * The gain of one detector from one or several movies, by structured parts, and with motion free of the
 * specimen: frames corrected and aligned give the specimen, which moves; what stays is the detector.
 * Residuals of several movies are averaged by counts and taken apart once a round.
 */
export async function estimateMotionGain(
  movies: readonly MotionGainMovie[],
  context: StepContext,
  reference: Gain | null = null,
): Promise<MotionGainResult> {
  if (movies.length === 0)
    throw new CryoloupeError("bad-arguments", "A gain estimate needs at least one movie.");
  const { width, height } = movies[0].reader.header;
  for (const { reader } of movies)
    if (reader.header.width !== width || reader.header.height !== height)
      throw new CryoloupeError(
        "size-mismatch",
        `${reader.name} is ${reader.header.width} × ${reader.header.height} px, ${movies[0].reader.name} ${width} × ${height}: movies of one estimate come from one detector.`,
        { file: reader.name },
      );
  const prepared: Prepared[] = [];
  for (const movie of movies) prepared.push(await prepare(movie, reference, context));
  const good = new Uint8Array(width * height);
  for (const p of prepared) for (let i = 0; i < good.length; i++) good[i] |= p.good[i];
  const electrons = prepared.reduce((s, p) => s + p.electrons, 0);
  const withMotion = movies.some((m) => m.field !== null);
  const separable =
    movies.length > 1 || movies.some((m) => m.field !== null && driftOf(m.field) >= LEAST_DRIFT_PX);

  let parts: GainParts = emptyParts(width, height);
  let last: Decomposition | undefined;
  let residual: GainResidual | undefined;
  const rounds = withMotion ? ROUNDS : 0;
  for (let round = 0; round <= rounds; round++) {
    context.onProgress?.({
      step: "Separating detector and specimen",
      done: round,
      total: rounds + 1,
    });
    const predict = round > 0;
    const all: GainResidual[] = [];
    for (const p of prepared) all.push(await residualOf(p, parts, reference, predict, context));
    residual = combine(
      all,
      prepared.map((p) => p.electrons),
      withMotion ? "frames" : "movies",
    );
    // Without motion one movie cannot tell its specimen from the pixel pattern; several movies can.
    const pixels = withMotion ? predict && separable : movies.length > 1;
    last = decompose(residual, good, parts, electrons, pixels, separable || !withMotion);
    parts = last.parts;
  }
  if (last === undefined || residual === undefined)
    throw new CryoloupeError("internal", "No round of the gain estimate was run.");
  return {
    ...last,
    gain: gainOf(parts, good),
    good,
    residual,
    electrons,
    movies: movies.map((m) => m.reader.name),
    badSources: prepared[0].sources,
    rounds,
  };
}

/** Sums of relative frames by halves, dead pixels, and electrons per pixel. */
async function prepare(
  movie: MotionGainMovie,
  reference: Gain | null,
  context: StepContext,
): Promise<Prepared> {
  const { reader, field } = movie;
  const { width, height, frames } = reader.header;
  const pixels = width * height;
  const indices = field?.frameIndices ?? Array.from({ length: frames }, (_, i) => i);
  if (indices.length < 2)
    throw new CryoloupeError(
      "not-enough-data",
      `The gain of ${reader.name} needs at least 2 frames, to know the noise; it has ${indices.length}.`,
      { file: reader.name },
    );
  const means = new Float64Array(indices.length);
  const job = await context.backend.pool.open(halfSumsJob, { pixels });
  const relative = [new Float32Array(pixels), new Float32Array(pixels)] as const;
  const total = new Float32Array(pixels);
  const squares = new Float32Array(pixels);
  const largest = new Float32Array(pixels);
  try {
    await runOnFrames(
      reader,
      indices,
      context,
      `Summing ${reader.name}`,
      async (frame, position) => {
        means[position] = await job.run(
          { frame, half: position % 2 === 0 ? 0 : 1 },
          { transfer: frame.parts.map((p) => p.buffer) },
        );
      },
    );
    for (const sums of await job.finish()) {
      add(relative[0], sums.relative[0]);
      add(relative[1], sums.relative[1]);
      add(total, sums.total);
      add(squares, sums.squares);
      for (let i = 0; i < pixels; i++) largest[i] = Math.max(largest[i], sums.largest[i]);
    }
  } finally {
    job.close();
  }
  const level = means.reduce((a, b) => a + b, 0) / means.length;
  const found = findBadPixels(
    total,
    width,
    height,
    movie.unitsPerElectron,
    reference?.bad ?? null,
    {
      ...{ sum: relative[0].map((v, i) => v + relative[1][i]), squares, largest },
      frames: indices.length,
      electronsPerFrame: level / movie.unitsPerElectron,
    },
  );
  const bad = found.flags.map((f) => (f === 0 ? 0 : 1));
  if (reference !== null)
    for (let i = 0; i < pixels; i++) {
      relative[0][i] *= reference.correction[i];
      relative[1][i] *= reference.correction[i];
    }
  const good = bad.map((b) => 1 - b);
  let sum = 0;
  let count = 0;
  for (let i = 0; i < pixels; i++)
    if (good[i] !== 0) {
      sum += total[i];
      count++;
    }
  const even = Math.ceil(indices.length / 2);
  const perHalf = [even, indices.length - even];
  for (const half of [0, 1] as const)
    for (let i = 0; i < pixels; i++) relative[half][i] /= perHalf[half];
  return {
    movie,
    indices,
    relative,
    means,
    good,
    bad,
    sources: found.summary,
    electrons: sum / Math.max(count, 1) / movie.unitsPerElectron,
    shares: [even / indices.length, 1 - even / indices.length],
  };
}

function add(to: Float32Array, from: Float32Array): void {
  for (let i = 0; i < to.length; i++) to[i] += from[i];
}

/** What the parts in use and the predicted specimen leave of one movie. */
async function residualOf(
  p: Prepared,
  parts: GainParts,
  reference: Gain | null,
  predict: boolean,
  context: StepContext,
): Promise<GainResidual> {
  const { width, height } = p.movie.reader.header;
  const correction = totalLogGain(parts).map((g) => Math.exp(-g));
  const { field } = p.movie;
  const halves = (predictions: readonly [Float32Pixels, Float32Pixels] | null) => {
    const odd = halfResidual(p.relative[0], predictions?.[0] ?? null, correction, p.good);
    const even = halfResidual(p.relative[1], predictions?.[1] ?? null, correction, p.good);
    return { odd, even, all: odd.map((v, i) => p.shares[0] * v + p.shares[1] * even[i]) };
  };
  if (!predict || field === null) return { ...halves(null), ...fullVisibility(width, height) };

  const init = placeCanvas(field);
  const { signal } = context;
  const align = await context.backend.pool.open(alignedAverageJob, {
    ...init,
    correction:
      reference === null ? correction : correction.map((c, i) => c * reference.correction[i]),
    bad: p.bad,
  });
  const { canvasWidth, canvasHeight } = init;
  const size = canvasWidth * canvasHeight;
  const sum = [new Float32Array(size), new Float32Array(size)] as const;
  const seen = [new Uint16Array(size), new Uint16Array(size)] as const;
  try {
    const step = `Aligning ${p.movie.reader.name}`;
    await runOnFrames(p.movie.reader, p.indices, context, step, async (frame, position) => {
      const scale = p.means[position] > 0 ? 1 / p.means[position] : 0;
      const half = position % 2 === 0 ? 0 : 1;
      await align.run(
        { frame, half, position, scale },
        { transfer: frame.parts.map((part) => part.buffer) },
      );
    });
    for (const sums of await align.finish())
      for (const half of [0, 1] as const) {
        add(sum[half], sums.sum[half]);
        for (let i = 0; i < size; i++) seen[half][i] += sums.seen[half][i];
      }
  } finally {
    align.close();
  }
  const specimen = filterSpecimen(sum, seen, p.shares, canvasWidth, canvasHeight);

  const predictJob = await context.backend.pool.open(predictSpecimenJob, {
    ...init,
    canvas: specimen.canvas,
  });
  const predictions = [new Float32Array(width * height), new Float32Array(width * height)] as const;
  try {
    await Promise.all(
      p.indices.map((_, position) =>
        predictJob.run(
          { position, half: position % 2 === 0 ? 0 : 1 },
          signal === undefined ? {} : { signal },
        ),
      ),
    );
    for (const sums of await predictJob.finish())
      for (const half of [0, 1] as const) add(predictions[half], sums[half]);
  } finally {
    predictJob.close();
  }
  const even = Math.ceil(p.indices.length / 2);
  for (let i = 0; i < width * height; i++) {
    predictions[0][i] /= even;
    predictions[1][i] /= p.indices.length - even;
  }
  const found = halves([predictions[0], predictions[1]]);
  const noise = halfDifferenceVariance(found, p.good);
  return { ...found, ...patternVisibility(field, specimen, noise) };
}

/**
 * e and c averaged with weight N, left with N²/(ΣN)². The halves, which tell the noise, are those of the
 * frames; where the specimen was not predicted they are every other movie, so that it counts as noise.
 */
function combine(
  residuals: readonly GainResidual[],
  electrons: readonly number[],
  halvesOf: "frames" | "movies",
): GainResidual {
  if (residuals.length === 1) return residuals[0];
  const total = electrons.reduce((a, b) => a + b, 0);
  const mean = (name: Exclude<keyof GainResidual, "noiseShare">, power: 1 | 2): Float32Pixels => {
    const out = new Float32Array(residuals[0][name].length);
    residuals.forEach((r, m) => {
      const w = (electrons[m] / total) ** power;
      for (let i = 0; i < out.length; i++) out[i] += w * r[name][i];
    });
    return out;
  };
  const everyOther = (half: 0 | 1): Float32Pixels => {
    const own = residuals.filter((_, m) => m % 2 === half);
    const weights = electrons.filter((_, m) => m % 2 === half);
    const sum = weights.reduce((a, b) => a + b, 0);
    const out = new Float32Array(residuals[0].all.length);
    own.forEach((r, m) => {
      for (let i = 0; i < out.length; i++) out[i] += (weights[m] / sum) * r.all[i];
    });
    return out;
  };
  const byMovies = halvesOf === "movies";
  return {
    all: mean("all", 1),
    odd: byMovies ? everyOther(0) : mean("odd", 1),
    even: byMovies ? everyOther(1) : mean("even", 1),
    visibility: mean("visibility", 1),
    left: mean("left", 2),
    noiseShare: residuals.reduce((s, r, m) => s + (electrons[m] / total) * r.noiseShare, 0),
  };
}

/** G = exp(Σ parts) over its mean over good pixels; 0 at bad ones. */
function gainOf(parts: GainParts, good: Uint8Array): Float32Pixels {
  const gain = totalLogGain(parts);
  let sum = 0;
  let count = 0;
  for (let i = 0; i < gain.length; i++) {
    gain[i] = good[i] !== 0 ? Math.exp(gain[i]) : 0;
    sum += gain[i];
    count += good[i];
  }
  const scale = count / sum;
  for (let i = 0; i < gain.length; i++) gain[i] *= scale;
  return gain;
}
