import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { EncodedFrame, Float32Pixels } from "#src/domain/movie.ts";
import { decodeJob } from "#src/compute/decodeJob.ts";
import type { FramePreparation, PreparedFrame } from "#src/compute/motionCompute.ts";
import type { WorkerPool } from "#src/compute/pool.ts";
import { plausibleRange } from "#src/math/motion/binFrame.ts";
import type { BinningPlan } from "#src/math/motion/binFrame.ts";
import type { SpectrumShape } from "#src/math/motion/displacementMaps.ts";
import { FrameSpectrum } from "#src/math/motion/frameSpectrum.ts";
import { edgeTaper } from "#src/math/motion/globalSpectra.ts";
import type { BufferHolder } from "./bufferHolder.ts";
import type { GpuContext } from "./device.ts";
import { gpuRealFft2 } from "./gpuFourier.ts";
import { createCentreImage } from "./kernels/centreImage.ts";
import { createCorrectFrame } from "./kernels/correctFrame.ts";
import { createHalveColumns } from "./kernels/halveColumns.ts";
import { createHalveRows } from "./kernels/halveRows.ts";
import { createImageMoments } from "./kernels/imageMoments.ts";
import { createTaperImage } from "./kernels/taperImage.ts";
import { packedType } from "./packed.ts";
import { readBuffer, readFloats, stageFloats } from "./readback.ts";
import type { FloatRange } from "./readback.ts";
import { roundDown, roundUp } from "./rounding.ts";

/** Marks of shaders/correctFrame.wgsl. */
const LISTED = 1;
const NEVER = 2;

/** A reference without values that a shader may not see; they are marked instead. */
function finiteOnly(values: Float32Pixels, marks: Uint8Array): Float32Pixels {
  if (values.every((v) => Number.isFinite(v))) return values;
  return values.map((v, i) => {
    if (Number.isFinite(v)) return v;
    marks[i] |= NEVER;
    return 0;
  });
}

/** Corrects and bins frames on the device; the pool decodes them. */
export async function openGpuPreparation(
  gpu: GpuContext,
  held: BufferHolder,
  pool: WorkerPool,
  plan: BinningPlan,
): Promise<FramePreparation> {
  const { width, height, binning, binnedWidth, binnedHeight } = plan;
  const count = width * height;
  const binnedCount = binnedWidth * binnedHeight;
  const box = binning / 2;
  const boxHeight = Math.floor(height / Math.max(1, box));
  const { shape } = new FrameSpectrum(binnedWidth, binnedHeight);
  const [corrector, rowHalver, columnHalver, moments, centrer, taperer, fft] = await Promise.all([
    createCorrectFrame(gpu),
    createHalveRows(gpu),
    createHalveColumns(gpu),
    createImageMoments(gpu),
    createCentreImage(gpu),
    createTaperImage(gpu),
    gpuRealFft2(gpu, shape),
  ]);

  const marks = new Uint8Array(count);
  for (const index of plan.badPixels) marks[index] |= LISTED;
  const reference = async (values: Float32Pixels | null, label: string) =>
    values === null ? null : await held.with(finiteOnly(values, marks), label);
  const correction = await reference(plan.correction, "correction");
  const dark = await reference(plan.dark, "dark reference");
  const marked = marks.some((mark) => mark !== 0);
  const markBuffer = marked ? await held.with(marks, "marked pixels") : null;

  // The device works through one frame after the other: one set of buffers serves all.
  const packed = await held.acquire(4 * count, "frame");
  const corrected = await held.acquire(4 * count, "corrected frame");
  const total = await held.acquire(4 * count, "sum of corrected frames");
  const strays = await held.acquire(4 * count + 4, "stray hits");
  const halved = await held.acquire(4 * boxHeight * binnedWidth, "frame halved along x");
  const binned = binning === 1 ? corrected : await held.acquire(4 * binnedCount, "binned frame");
  const partials = await held.acquire(16 * moments.partialsFor(binnedCount), "partial sums");
  const tapers = await held.with(
    Float32Array.from([...edgeTaper(binnedWidth), ...edgeTaper(binnedHeight)]),
    "tapers",
  );
  const padded = await held.acquire(4 * shape.width * shape.height, "tapered frame");
  const pairs = [
    await held.acquire(fft.pairsBytes, "rows"),
    await held.acquire(fft.pairsBytes, "rows"),
  ] as const;
  const columns = shape.kx + 1;
  const halves = [
    await held.acquire(fft.spectrumBytes(columns), "spectrum"),
    await held.acquire(fft.spectrumBytes(columns), "spectrum"),
  ] as const;
  await gpu.scoped("the sum of frames", () => {
    const encoder = gpu.device.createCommandEncoder({ label: "clear sums" });
    encoder.clearBuffer(total);
    encoder.clearBuffer(strays);
    gpu.submit(encoder);
  });
  const job = await pool.open(decodeJob, null);
  let frames = 0;

  /** Encodes what becomes of the frame in `packed`; returns what is to be read back. */
  const encodeFrame = (
    encoder: GPUCommandEncoder,
    pixelType: number,
    range: { readonly low: number; readonly high: number; readonly mean: number },
  ): FloatRange[] => {
    corrector.encode(encoder, {
      ...{ frame: packed, pixelType, correction, dark, marks: markBuffer },
      ...{ corrected, total, strays, width, height },
      ...{ low: roundUp(range.low), high: roundDown(range.high), mean: Math.fround(range.mean) },
    });
    if (binning > 1) {
      rowHalver.encode(encoder, {
        ...{ image: corrected, halved, width, height, box, halvedWidth: binnedWidth },
      });
      columnHalver.encode(encoder, {
        ...{ image: halved, halved: binned, width: binnedWidth, height: boxHeight },
        halvedHeight: binnedHeight,
      });
    }
    moments.encode(encoder, { pixels: binned, partials, count: binnedCount, shift: 0 });
    centrer.encode(encoder, { pixels: binned, partials, count: binnedCount });
    taperer.encode(encoder, {
      ...{ image: binned, tapers, tapered: padded, width: binnedWidth, height: binnedHeight },
      ...{ paddedWidth: shape.width, paddedHeight: shape.height },
    });
    const spectrum = fft.encodeForward(encoder, { image: padded, pairs, spectra: halves }, columns);
    return [
      { source: binned, count: binnedCount },
      ...spectrumRows(shape).map(({ first, rows }) => ({
        ...{ source: spectrum, offset: 2 * columns * first, count: 2 * columns * rows },
      })),
    ];
  };

  return {
    ahead: job.size + 1,
    add: async (frame: EncodedFrame, signal) => {
      throwIfCancelled(signal);
      const transfer = [...new Set(frame.parts.map((part) => part.buffer))];
      const pixels = await job.run(frame, {
        transfer,
        ...(signal === undefined ? {} : { signal }),
      });
      const range = plausibleRange(pixels, plan);
      const read = await gpu.scoped("the preparation of a frame", () => {
        gpu.upload(packed, pixels);
        const encoder = gpu.device.createCommandEncoder({ label: "prepare a frame" });
        const ranges = encodeFrame(encoder, packedType(pixels), range);
        const staged = stageFloats(gpu, encoder, ranges);
        gpu.submit(encoder);
        return staged;
      });
      frames++;
      return preparedFrame(await read(), binnedCount, shape);
    },
    finish: async () => {
      const sum = await readFloats(gpu, total, count);
      const found = new Map<number, number>();
      const [all] = new Uint32Array(await readBuffer(gpu, strays, 4, 4 * count));
      if (all > 0) {
        const counts = new Uint32Array(await readBuffer(gpu, strays, 4 * count));
        counts.forEach((n, index) => {
          if (n > 0) found.set(index, n);
        });
      }
      return { sum, frames, strays: found };
    },
    close: () => {
      job.close();
      held.release();
    },
  };
}

/** Rows of a transform that are kept, ky ≥ 0 first. */
function spectrumRows({ height, ky }: SpectrumShape): { first: number; rows: number }[] {
  return [
    { first: 0, rows: ky + 1 },
    { first: height - ky, rows: ky },
  ];
}

/** Pixels, and the spectrum in the order of ky from −ky to ky, planar. */
function preparedFrame(
  values: Float32Array<ArrayBuffer>,
  pixels: number,
  { kx, ky }: SpectrumShape,
): PreparedFrame {
  const size = (2 * ky + 1) * (kx + 1);
  const re = new Float32Array(size);
  const im = new Float32Array(size);
  const negative = ky * (kx + 1);
  for (let i = 0; i < size; i++) {
    const from = pixels + 2 * (i < negative ? i + size - negative : i - negative);
    re[i] = values[from];
    im[i] = values[from + 1];
  }
  return { pixels: values.slice(0, pixels), spectrum: { re, im } };
}
