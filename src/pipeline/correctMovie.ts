import { CryoloupeError } from "#src/domain/errors.ts";
import type { CorrectedMovie, CorrectionOptions } from "#src/domain/correction.ts";
import type { MotionField } from "#src/domain/motion.ts";
import type { Float32Pixels, MovieReader } from "#src/domain/movie.ts";
import { BYTES_PER_PIXEL } from "#src/domain/movie.ts";
import type {
  CorrectionRun,
  CorrectionSums,
  WholeFrameRun,
} from "#src/compute/correctionCompute.ts";
import { finishJob } from "#src/compute/finishJob.ts";
import type { FinishTask } from "#src/compute/finishJob.ts";
import type { PoolJob } from "#src/compute/pool.ts";
import { prepareFrame } from "#src/compute/wholeFrameJob.ts";
import { binnedSize, makeRadialTable } from "#src/math/fourierCrop.ts";
import { gridPlaces, sampleField } from "#src/math/motionField.ts";
import type { SampledField } from "#src/math/motionField.ts";
import { planRepair, repairedValues } from "#src/math/repairPixels.ts";
import type { RepairPlan } from "#src/math/repairPixels.ts";
import { chooseTile, FIELD_GRID_PX, tileDisplacements } from "#src/math/tileDisplacements.ts";
import type { TileDisplacements } from "#src/math/warpFrame.ts";
import { streamFrames } from "./frameStream.ts";
import { correctionMemory, refuseCorrection } from "./motionMemory.ts";
import { withRecovery } from "./recovery.ts";
import { planSums } from "./sumPlan.ts";
import type { SumPlan } from "./sumPlan.ts";
import type { StepContext } from "./stepContext.ts";

export interface CorrectionRequest {
  readonly reader: MovieReader;
  /** Motion of the frames to be summed; `sumFrames` must be among its frames. */
  readonly field: MotionField;
  readonly options: CorrectionOptions;
  /** Multiplicative correction C, posed; null = 1. */
  readonly correction: Float32Pixels | null;
  /** Subtracted before the gain; null = 0. */
  readonly dark: Float32Pixels | null;
  /** 1 = bad pixel. Repaired in every frame before anything is interpolated. */
  readonly bad: Uint8Array | null;
  /** Mean over the same frames without motion, gain applied, where it is known: stands for `unaligned`. */
  readonly plainMean?: Float32Pixels | null;
  /** Takes each moved frame, in order, when an aligned movie is wanted; binned like the sums. */
  readonly onAlignedFrame?: (image: Float32Pixels, frameIndex: number) => Promise<void>;
}

/**
 * Second pass over the frames: each is repaired, moved back along the motion field (in the geometry of its
 * reference frame: `out(r) = frame_t(r + d_t(X) − d_ref(X))`) and summed. The B-spline prefilter, the dose
 * weights and the binning are applied to the sums.
 */
export async function correctMovie(
  request: CorrectionRequest,
  context: StepContext,
): Promise<CorrectedMovie> {
  const { reader } = request;
  const { budgetBytes } = context.backend.info;
  const { bytes } = memoryOf(request, context);
  context.log?.(
    `Correction of ${reader.name}: ${(bytes / 1024 ** 2).toFixed(0)} MiB of ${(budgetBytes / 1024 ** 2).toFixed(0)} MiB.`,
  );
  if (bytes > budgetBytes) refuseCorrection(bytes, budgetBytes, reader);
  return await withRecovery(context, () => run(request, context));
}

function memoryOf(
  { reader, options, correction, dark, plainMean }: CorrectionRequest,
  { backend }: StepContext,
): ReturnType<typeof correctionMemory> {
  const inputs = { gain: correction !== null, dark: dark !== null, plain: plainMean != null };
  return correctionMemory(reader.header, options, inputs, backend);
}

async function run(request: CorrectionRequest, context: StepContext): Promise<CorrectedMovie> {
  const { reader, field, options, dark } = request;
  const { width, height, pixelSizeA } = reader.header;
  const { sumFrames } = options;
  const sums = planSums(options, pixelSizeA);
  const positions = sumFrames.map((frame) => positionOf(field, frame, reader.name));
  const sampled = sampleForWarp(field, width, height);
  const tile = chooseTile(sampled);
  const displacements = positions.map((t) => tileDisplacements(sampled, t, width, height, tile));
  const reachPx = Math.max(
    ...displacements.map(({ y }) => y.reduce((m, v) => Math.max(m, Math.abs(v)), 0)),
  );
  const repair = planRepair(request.bad ?? new Uint8Array(width * height), width, height);
  const cropWidth = binnedSize(width, options.binning);
  const cropHeight = binnedSize(height, options.binning);
  const sizes = { width, height, cropWidth, cropHeight };
  const finish = await context.backend.pool.open(finishJob, sizes);
  const finished = async (
    sum: Float32Pixels,
    factor: number,
    prefilter = true,
  ): Promise<Float32Pixels> => {
    const task = { kind: "finish", sum, prefilter, factor } as const;
    return present(await finish.run(task, { transfer: [sum.buffer] }));
  };

  const shared = {
    width,
    height,
    correction: request.correction,
    sums: sums.count,
    unaligned: options.unaligned,
    tile,
  };
  const feed: Feed = {
    ...request,
    repair,
    displacements,
    weights: (t) => sums.weights(t),
    take: async (moved, index) => await request.onAlignedFrame?.(await finished(moved, 1), index),
  };
  try {
    const whole = await context.backend.correction.openWhole?.(
      { ...shared, dark, repair, pixelBytes: BYTES_PER_PIXEL[reader.header.pixelType] },
      memoryOf(request, context).room,
    );
    const result =
      whole == null
        ? await addDecoded(
            await context.backend.correction.open({ ...shared, bad: repair.bad, reachPx }),
            feed,
            context,
          )
        : await addEncoded(whole, feed, context);
    context.onProgress?.({ step: "Finishing sums", done: 0, total: 0 });
    const { plainMean } = request;
    const unaligned =
      plainMean == null ? result.unaligned : repairedSum(plainMean, sumFrames.length, repair);
    return {
      ...(await finishSums(result.sums, unaligned, sums, options, {
        finished,
        finish,
        pixelSizeA,
        invert: async (spectra) => {
          // The job that kept the spectra has ended with them.
          const job = await context.backend.pool.open(finishJob, sizes);
          try {
            return present(await job.run({ kind: "spectra", spectra }));
          } finally {
            job.close();
          }
        },
      })),
      width: cropWidth,
      height: cropHeight,
      pixelSizeA: pixelSizeA === null ? null : (pixelSizeA * width) / cropWidth,
      frames: sumFrames.length,
      tile,
      dosePlan: sums.dose === null ? null : { rank: sums.dose.rank, error: sums.dose.error },
      badPixels: repair.bad.length,
    };
  } finally {
    finish.close();
  }
}

/** What both ways of feeding frames to a correction need. */
interface Feed extends Pick<
  CorrectionRequest,
  "reader" | "options" | "correction" | "dark" | "onAlignedFrame"
> {
  readonly repair: RepairPlan;
  /** Of the frame at each position of the sum. */
  readonly displacements: readonly TileDisplacements[];
  readonly weights: (t: number) => number[];
  readonly take: (moved: Float32Pixels, frameIndex: number) => Promise<void>;
}

/** Frames decoded beforehand and repaired here. */
async function addDecoded(
  run: CorrectionRun,
  { reader, options, correction, dark, repair, displacements, weights, take, ...rest }: Feed,
  context: StepContext,
): Promise<CorrectionSums> {
  const { width, height } = reader.header;
  const { sumFrames } = options;
  const wanted = rest.onAlignedFrame !== undefined;
  try {
    let done = 0;
    for await (const { index, pixels } of streamFrames(reader, sumFrames, context)) {
      const t = sumFrames.indexOf(index);
      const frame = prepareFrame(pixels, dark, width, height, index);
      const repaired = repairedValues(repair, frame, correction, index, 0);
      const task = { displacements: displacements[t], weights: weights(t), repaired, wanted };
      const moved = await run.add(frame, task, context.signal);
      if (moved !== null) await take(moved, index);
      context.onProgress?.({ step: "Correcting frames", done: ++done, total: sumFrames.length });
    }
    return await run.finish();
  } finally {
    run.close();
  }
}

/** Frames handed on as they are stored; moved frames are taken in their order. */
async function addEncoded(
  run: WholeFrameRun,
  { reader, options, displacements, weights, take, onAlignedFrame }: Feed,
  context: StepContext,
): Promise<CorrectionSums> {
  const { sumFrames } = options;
  const { signal } = context;
  const underWay: { readonly index: number; readonly moved: Promise<Float32Pixels | null> }[] = [];
  let done = 0;
  const settle = async (): Promise<void> => {
    const next = underWay.shift();
    if (next === undefined) return;
    const moved = await next.moved;
    if (moved !== null) await take(moved, next.index);
    context.onProgress?.({ step: "Correcting frames", done: ++done, total: sumFrames.length });
  };
  try {
    for (const [t, index] of sumFrames.entries()) {
      const frame = await reader.readEncoded(index, signal);
      const task = {
        index,
        displacements: displacements[t],
        weights: weights(t),
        wanted: onAlignedFrame !== undefined,
      };
      const moved = run.add(frame, task, signal);
      // Told where the frame is awaited; a frame that is never awaited may fail in silence.
      moved.catch(() => undefined);
      underWay.push({ index, moved });
      if (underWay.length >= run.ahead) await settle();
    }
    while (underWay.length > 0) await settle();
    return await run.finish();
  } finally {
    run.close();
  }
}

type Images = Pick<CorrectedMovie, "average" | "doseWeighted" | "even" | "odd" | "unaligned">;

async function finishSums(
  sums: readonly Float32Pixels[],
  unaligned: Float32Pixels | null,
  plan: SumPlan,
  options: CorrectionOptions,
  tools: {
    readonly finished: (
      sum: Float32Pixels,
      factor: number,
      prefilter?: boolean,
    ) => Promise<Float32Pixels>;
    readonly finish: PoolJob<FinishTask, Float32Pixels | null, Float32Pixels | null>;
    readonly pixelSizeA: number | null;
    readonly invert: (spectra: readonly Float32Pixels[]) => Promise<Float32Pixels>;
  },
): Promise<Images> {
  const T = options.sumFrames.length;
  const scale = options.result === "mean" ? 1 / T : 1;
  const half = (count: number): number => (options.result === "mean" ? 1 / Math.max(1, count) : 1);
  const evenCount = options.sumFrames.filter((f) => f % 2 === 1).length;
  const before = unaligned === null ? null : tools.finished(unaligned, scale, false);
  // Told where it is awaited.
  before?.catch(() => undefined);
  // Binning takes room for a transform: one after the other.
  if (options.binning > 1) await before;
  const { dose } = plan;
  const scaled = (a: Float32Pixels, f: number): Float32Pixels => a.map((v) => f * v);
  const total =
    dose !== null
      ? scaled(sums[0], Math.sqrt(T))
      : plan.evenOdd
        ? sums[0].map((v, i) => v + sums[1][i])
        : sums[0];
  let even: Float32Pixels | null = null;
  let odd: Float32Pixels | null = null;
  if (plan.evenOdd) {
    const evenSum = dose === null ? sums[0] : sums[dose.rank];
    const oddSum = dose === null ? sums[1] : total.map((v, i) => v - evenSum[i]);
    [even, odd] = await Promise.all([
      tools.finished(evenSum, half(evenCount)),
      tools.finished(oddSum, half(T - evenCount)),
    ]);
  }
  const average = tools.finished(total, scale);
  if (dose === null || tools.pixelSizeA === null)
    return { average: await average, doseWeighted: null, even, odd, unaligned: await before };
  const plain = await average;
  // As RELION scales it: at zero frequency the sum over √T; a mean is the mean there.
  const factor = options.result === "mean" ? 1 / Math.sqrt(T) : 1;
  const highest = Math.SQRT1_2;
  const { pixelSizeA } = tools;
  const grid = makeRadialTable((f) => f, highest).values;
  const responses = Array.from(grid, (f) => dose.response(f / pixelSizeA));
  const tables = dose.frameWeights.map((_, r) =>
    Float64Array.from(responses, (b) => factor * b[r]),
  );
  await Promise.all(
    tables.map((values, r) =>
      tools.finish.run(
        { kind: "weigh", sum: sums[r], table: { highest, values } },
        { transfer: [sums[r].buffer] },
      ),
    ),
  );
  const spectra = (await tools.finish.finish()).flatMap((s) => (s === null ? [] : [s]));
  return {
    average: plain,
    doseWeighted: await tools.invert(spectra),
    even,
    odd,
    unaligned: await before,
  };
}

/** A sum of frames from their mean, bad pixels taken from their neighbours. */
function repairedSum(mean: Float32Pixels, frames: number, repair: RepairPlan): Float32Pixels {
  const sum = new Float32Array(mean.length);
  for (let i = 0; i < sum.length; i++) sum[i] = mean[i] * frames;
  const values = repairedValues(repair, sum, null, 0, 0);
  repair.bad.forEach((i, n) => (sum[i] = values[n]));
  return sum;
}

function present<T>(value: T | null): T {
  if (value === null) throw new CryoloupeError("internal", "A finished sum is missing.");
  return value;
}

/** Position of a frame among those whose motion is known. */
function positionOf(field: MotionField, frame: number, file: string): number {
  const t = field.frameIndices.indexOf(frame);
  if (t < 0)
    throw new CryoloupeError(
      "bad-arguments",
      `Frame ${frame + 1} of ${file} is to be summed, but only frames ${field.frameIndices[0] + 1} to ${field.frameIndices[field.frameIndices.length - 1] + 1} were aligned. Choose a sum range inside the aligned range.`,
      { file },
    );
  return t;
}

/** The gather form in the reference's geometry, on a grid fine enough for bilinear interpolation. */
function sampleForWarp(field: MotionField, width: number, height: number): SampledField {
  const places = (size: number): number[] =>
    gridPlaces(size, field.local === null ? 1 : Math.max(2, Math.ceil(size / FIELD_GRID_PX) + 1));
  return sampleField(field, "gatherFromReference", places(width), places(height));
}
