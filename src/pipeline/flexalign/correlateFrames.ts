import { CryoloupeError } from "#src/domain/errors.ts";
import type { MovieReader } from "#src/domain/movie.ts";
import { flexalignPairsJob, flexalignSpectraJob } from "#src/compute/flexalignJobs.ts";
import type { FrameSpectra } from "#src/compute/flexalignJobs.ts";
import { correlationFilter } from "#src/math/flexalign/correlationSize.ts";
import type { ReducedSize } from "#src/math/flexalign/correlationSize.ts";
import { pairsOf } from "#src/math/flexalign/pairCorrelator.ts";
import type { PairPeak } from "#src/math/flexalign/pairCorrelator.ts";
import type { MotionCorrections } from "../estimateMotion.ts";
import { runOnFrames } from "../runOnFrames.ts";
import type { StepContext } from "../stepContext.ts";

/** Pairs of one task: progress and cancelling in between. */
const PAIRS_PER_TASK = 24;
/** Errors of a transform in single precision, relative to the largest value, stay below. */
const ROUNDING = 3e-6;
/** Part of the memory budget that spectra of patches may take. */
const PATCH_SHARE = 0.4;

/** One of FlexAlign's two programs, as far as correlations differ. */
export interface CorrelationRules {
  readonly size: ReducedSize;
  /** Of the Gaussian filter, cycles per reduced px. */
  readonly sigma: number;
  /** Lines kx = 0 and ky = 0 of the spectra are set to zero. */
  readonly withoutAxes: boolean;
  readonly peak: PairPeak;
  /** px of the frame for one reduced px. */
  readonly scaleX: number;
  readonly scaleY: number;
  /** Largest displacement of a pair, reduced px. */
  readonly radius: number;
}

export interface MovieToAlign {
  readonly movie: MovieReader;
  readonly frameIndices: readonly number[];
  readonly corrections: MotionCorrections;
}

/** Displacements p_i − p_j of all pairs, `[pair][x, y]` px of the frame, and the frames that are blank. */
export interface PairDisplacements {
  readonly pairs: Float64Array;
  readonly blank: readonly number[];
}

async function spectraOf(
  { movie, frameIndices, corrections }: MovieToAlign,
  { size, sigma, withoutAxes }: CorrelationRules,
  step: string,
  context: StepContext,
  corners: (position: number) => readonly { readonly x: number; readonly y: number }[] | null,
): Promise<FrameSpectra[]> {
  const job = await context.backend.pool.open(flexalignSpectraJob, {
    frameWidth: movie.header.width,
    correction: corrections.gain?.correction ?? null,
    dark: corrections.dark,
    size,
    filter: correlationFilter(size.reducedWidth, size.reducedHeight, sigma, withoutAxes),
  });
  const spectra = new Array<FrameSpectra>(frameIndices.length);
  try {
    await runOnFrames(movie, frameIndices, context, step, async (frame, position) => {
      const transfer = [...new Set(frame.parts.map((part) => part.buffer))];
      spectra[position] = await job.run(
        { frame, corners: corners(position) },
        { transfer, ...(context.signal === undefined ? {} : { signal: context.signal }) },
      );
    });
  } finally {
    job.close();
  }
  return spectra;
}

/** Every frame with every other, whole. */
export async function correlateWholeFrames(
  subject: MovieToAlign,
  rules: CorrelationRules,
  context: StepContext,
): Promise<PairDisplacements> {
  const { size, radius, peak } = rules;
  const n = subject.frameIndices.length;
  const { pool, info } = context.backend;
  const bytes = 8 * (Math.floor(size.reducedWidth / 2) + 1) * size.reducedHeight * n;
  const needed = bytes * (pool.size + 1);
  if (needed > info.budgetBytes)
    throw new CryoloupeError(
      "limit-exceeded",
      `Aligning ${subject.movie.name} as FlexAlign does: the spectra of ${n} frames need ${(needed / 2 ** 20).toFixed(0)} MiB on ${pool.size} workers, the memory budget is ${(info.budgetBytes / 2 ** 20).toFixed(0)} MiB. Raise the maximum resolution or the budget, or use the default estimator.`,
      { file: subject.movie.name, step: "align" },
    );
  const frames = await spectraOf(subject, rules, "Reading frames", context, () => null);
  const blank = blankOf(frames, size);
  const job = await pool.open(flexalignPairsJob, {
    width: size.reducedWidth,
    height: size.reducedHeight,
    radius,
    peak,
    spectra: frames.map(({ spectra }) => spectra),
  });
  try {
    const total = (n * (n - 1)) / 2;
    const pairs = new Float64Array(2 * total);
    let done = 0;
    const tasks: Promise<void>[] = [];
    for (let from = 0; from < total; from += PAIRS_PER_TASK) {
      const to = Math.min(total, from + PAIRS_PER_TASK);
      tasks.push(
        job
          .run(
            { spectra: null, group: 1, from, to },
            context.signal === undefined ? {} : { signal: context.signal },
          )
          .then((part) => {
            pairs.set(part, 2 * from);
            done += to - from;
            context.onProgress?.({ step: "Correlating pairs of frames", done, total });
          }),
      );
    }
    await Promise.all(tasks);
    return { pairs: toFramePixels(pairs, rules), blank };
  } finally {
    job.close();
  }
}

/** Patches of one side: corners in the reference frame, and where each frame is read, px. */
export interface PatchReading {
  readonly corners: readonly { readonly x: number; readonly y: number }[];
  /** Integer displacement of each aligned frame. */
  readonly shiftX: ArrayLike<number>;
  readonly shiftY: ArrayLike<number>;
  /** Frames added to one (a sliding window). */
  readonly group: number;
}

/**
 * Every frame with every other in each patch, frames read at their own integer displacement. Patches are
 * taken as many at a time as the budget holds; every lot is a pass over the movie.
 */
export async function correlatePatches(
  subject: MovieToAlign,
  reading: PatchReading,
  rules: CorrelationRules,
  context: StepContext,
): Promise<readonly Float64Array[]> {
  const { size, radius, peak } = rules;
  const { pool, info } = context.backend;
  const n = subject.frameIndices.length;
  const length = 2 * (Math.floor(size.reducedWidth / 2) + 1) * size.reducedHeight;
  const lot = Math.max(1, Math.floor((PATCH_SHARE * info.budgetBytes) / (4 * length * n)));
  const total = pairsOf(n).first.length;
  const results: Float64Array[] = [];
  let done = 0;
  for (let start = 0; start < reading.corners.length; start += lot) {
    const corners = reading.corners.slice(start, start + lot);
    const frames = await spectraOf(subject, rules, "Cutting patches", context, (t) =>
      corners.map(({ x, y }) => ({ x: x + reading.shiftX[t], y: y + reading.shiftY[t] })),
    );
    const job = await pool.open(flexalignPairsJob, {
      width: size.reducedWidth,
      height: size.reducedHeight,
      radius,
      peak,
      spectra: null,
    });
    try {
      const found = await Promise.all(
        corners.map(async (_, k) => {
          const spectra = frames.map((all) => all.spectra.slice(k * length, (k + 1) * length));
          const pairs = await job.run(
            { spectra, group: reading.group, from: 0, to: total },
            {
              transfer: spectra.map((s) => s.buffer),
              ...(context.signal === undefined ? {} : { signal: context.signal }),
            },
          );
          done++;
          context.onProgress?.({
            step: "Correlating patches",
            done,
            total: reading.corners.length,
          });
          return toFramePixels(pairs, rules);
        }),
      );
      results.push(...found);
    } finally {
      job.close();
    }
  }
  return results;
}

function toFramePixels(pairs: Float64Array, { scaleX, scaleY }: CorrelationRules): Float64Array {
  return pairs.map((v, i) => v * (i % 2 === 0 ? scaleX : scaleY));
}

/**
 * Frames without detail: sd of the reduced frame below rounding, or a thousandth of the median frame's.
 * Frequencies next to zero are left out with the mean.
 */
function blankOf(frames: readonly FrameSpectra[], size: ReducedSize): number[] {
  const pixels = size.reducedWidth * size.reducedHeight;
  const sds = frames.map(({ spectra }) => {
    let sum = 0;
    for (let i = 2; i < spectra.length; i++) sum += 2 * spectra[i] ** 2;
    return Math.sqrt(sum) / pixels;
  });
  const median = sds.toSorted((a, b) => a - b)[sds.length >> 1];
  return sds.flatMap((sd, t) =>
    sd > 1e-3 * median && sd > ROUNDING * frames[t].largest ? [] : [t],
  );
}
