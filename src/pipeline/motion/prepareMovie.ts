import { linePattern } from "#src/math/motion/linePattern.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { Gain } from "#src/domain/gain.ts";
import type { Float32Pixels, MovieReader } from "#src/domain/movie.ts";
import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { FramePreparation, PreparedSum } from "#src/compute/motionCompute.ts";
import { binImage, planBinning } from "#src/math/motion/binFrame.ts";
import { FrameSpectrum } from "#src/math/motion/frameSpectrum.ts";
import type { Spectrum } from "#src/math/motion/globalSpectra.ts";
import { findHotPixels } from "#src/math/motion/hotPixels.ts";
import type { StepContext } from "../stepContext.ts";

/** The movie at the size at which motion is measured; frames that belong to one group are added. */
export interface PreparedMovie {
  readonly width: number;
  readonly height: number;
  readonly binning: number;
  /** Binned frames (or groups), `[height, width]`, mean 0. Taken over by the patches. */
  readonly frames: Float32Pixels[];
  readonly spectra: Spectrum[];
  readonly transform: FrameSpectrum;
  /** Middle of each group as a position among the aligned frames. */
  readonly middles: readonly number[];
  readonly badPixels: number;
  /** Indices of pixels that stand out in the mean over time. */
  readonly hotPixels: Int32Array<ArrayBuffer>;
  /** Overall sd of the binned frames. */
  readonly sd: number;
  /** sd of the rows and columns of the detector that were taken out ({@link linePattern}). */
  readonly lines: number;
  /** Groups that show nothing at all (sd below a thousandth of the median). */
  readonly blank: readonly number[];
  /** Frames that cannot be decoded, and why; they add nothing to their group. */
  readonly damaged: readonly DamagedFrame[];
}

export interface DamagedFrame {
  /** Position among the aligned frames. */
  readonly position: number;
  readonly reason: string;
}

/** One pass over the frames: decode, correct, repair, bin, low frequencies (alignment recipe, step 1). */
export async function prepareMovie(
  movie: MovieReader,
  frameIndices: readonly number[],
  options: {
    readonly binning: number;
    readonly group: number;
    readonly gain: Gain | null;
    readonly dark: Float32Pixels | null;
    /** Workers that may read at once, by the memory budget. */
    readonly workers?: number;
    /** Takes the mean of the corrected frames over time, `[height, width]`. */
    readonly onMean?: (mean: Float32Pixels) => void;
  },
  context: StepContext,
): Promise<PreparedMovie> {
  const { width, height } = movie.header;
  const { binning, group, gain, dark } = options;
  const plan = planBinning(
    width,
    height,
    binning,
    gain?.correction ?? null,
    dark,
    gain?.bad ?? null,
  );
  const transform = new FrameSpectrum(plan.binnedWidth, plan.binnedHeight);
  const groups = Math.ceil(frameIndices.length / group);
  const frames: Float32Pixels[] = [];
  const spectra: Spectrum[] = [];
  const preparation = await context.backend.motion.openPreparation(plan, options.workers);
  let gathered: PreparedSum;
  let damaged: DamagedFrame[];
  try {
    damaged = await feed(movie, frameIndices, preparation, context, (position, frame) => {
      const g = Math.floor(position / group);
      if (frames[g] === undefined) {
        frames[g] = frame.pixels;
        spectra[g] = frame.spectrum;
        return;
      }
      addTo(frames[g], frame.pixels);
      addTo(spectra[g].re, frame.spectrum.re);
      addTo(spectra[g].im, frame.spectrum.im);
    });
    gathered = await preparation.finish();
  } finally {
    preparation.close();
  }
  throwIfCancelled(context.signal);
  const empty: number[] = [];
  for (let g = 0; g < groups; g++) {
    if (frames[g] !== undefined) continue;
    empty.push(g);
    frames[g] = new Float32Array(plan.binnedWidth * plan.binnedHeight);
    spectra[g] = transform.transform(frames[g]);
  }
  const { sum } = gathered;
  const scale = 1 / Math.max(1, gathered.frames);
  for (let i = 0; i < sum.length; i++) sum[i] *= scale;
  const hot = findHotPixels(sum, width, height, plan.badPixels);
  options.onMean?.(sum);
  if (hot.indices.length > 0) {
    // What a hot pixel has too much of is the same in every frame but for noise: taken out after binning.
    const excess = new Float32Array(width * height);
    hot.indices.forEach((index, k) => (excess[index] = hot.excess[k]));
    takeOut(frames, spectra, binImage(excess, width, height, binning), transform, group);
  }
  for (const g of empty) for (const part of [frames[g], spectra[g].re, spectra[g].im]) part.fill(0);
  // So bright that they were repaired frame by frame: in half of the frames, at least twice.
  const often = Math.max(2, gathered.frames / 2);
  const known = new Set(plan.badPixels);
  const steady = [...gathered.strays].flatMap(([index, n]) =>
    n >= often && !known.has(index) ? [index] : [],
  );
  const powers = frames.map((frame) => {
    let square = 0;
    for (let i = 0; i < frame.length; i++) square += frame[i] * frame[i];
    return square / frame.length;
  });
  const median = powers.toSorted((a, b) => a - b)[powers.length >> 1];
  const blank = powers.flatMap((power, g) => (power > 1e-6 * median ? [] : [g]));
  const size = { width: plan.binnedWidth, height: plan.binnedHeight };
  const lines = takeLinesOut(
    frames.filter((_, g) => !blank.includes(g)),
    spectra.filter((_, g) => !blank.includes(g)),
    size,
    transform,
  );
  return {
    width: plan.binnedWidth,
    height: plan.binnedHeight,
    binning,
    frames,
    spectra,
    transform,
    middles: Array.from(
      { length: groups },
      (_, g) => (g * group + Math.min(frameIndices.length, (g + 1) * group) - 1) / 2,
    ),
    badPixels: plan.badPixels.length,
    hotPixels: Int32Array.from(new Set([...hot.indices, ...steady])).sort(),
    sd: Math.sqrt(powers.reduce((a, b) => a + b, 0) / Math.max(1, powers.length)),
    damaged,
    blank,
    lines,
  };
}

function addTo(total: Float32Array, part: Float32Array): void {
  for (let i = 0; i < total.length; i++) total[i] += part[i];
}

/** Subtracts `image` (of one frame) from every group of `group` frames and from their spectra. */
function takeOut(
  frames: readonly Float32Pixels[],
  spectra: readonly Spectrum[],
  image: Float32Pixels,
  transform: FrameSpectrum,
  group: number,
): void {
  let mean = 0;
  for (const v of image) mean += v / image.length;
  for (let i = 0; i < image.length; i++) image[i] = (image[i] - mean) * group;
  const { re, im } = transform.transform(image);
  for (const frame of frames) for (let i = 0; i < image.length; i++) frame[i] -= image[i];
  for (const spectrum of spectra)
    for (let i = 0; i < re.length; i++) {
      spectrum.re[i] -= re[i];
      spectrum.im[i] -= im[i];
    }
}

/** Takes out rows and columns of the detector where they show; their sd. */
function takeLinesOut(
  frames: readonly Float32Pixels[],
  spectra: readonly Spectrum[],
  { width, height }: { readonly width: number; readonly height: number },
  transform: FrameSpectrum,
): number {
  const { columns, rows } = linePattern(frames, width, height);
  if (columns === null && rows === null) return 0;
  const image = new Float32Array(width * height);
  let square = 0;
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at++) {
      image[at] = (columns?.[x] ?? 0) + (rows?.[y] ?? 0);
      square += image[at] ** 2;
    }
  takeOut(frames, spectra, image, transform, 1);
  return Math.sqrt(square / image.length);
}

/** What is wrong with the bytes of one frame does not concern the others. */
const DAMAGE: ReadonlySet<string> = new Set(["corrupt-file", "truncated-file"]);

/**
 * Reads frames ahead of the workers and hands over what they make, as it comes. Damaged frames are passed
 * over as long as they are fewer than the others.
 */
async function feed(
  movie: MovieReader,
  frameIndices: readonly number[],
  preparation: FramePreparation,
  context: StepContext,
  take: (position: number, frame: Awaited<ReturnType<FramePreparation["add"]>>) => void,
): Promise<DamagedFrame[]> {
  let next = 0;
  let done = 0;
  let bytes = 0;
  const damaged: DamagedFrame[] = [];
  const lane = async (): Promise<void> => {
    while (next < frameIndices.length) {
      const position = next++;
      try {
        const encoded = await movie.readEncoded(frameIndices[position], context.signal);
        bytes += encoded.parts.reduce((n, part) => n + part.byteLength, 0);
        take(position, await preparation.add(encoded, context.signal));
      } catch (error) {
        if (!(error instanceof CryoloupeError && DAMAGE.has(error.code))) throw error;
        damaged.push({ position, reason: error.message });
        if (2 * damaged.length >= frameIndices.length) throw error;
      }
      done++;
      context.onProgress?.({ step: "Reading frames", done, total: frameIndices.length, bytes });
    }
  };
  const lanes = Array.from({ length: preparation.ahead }, lane);
  const outcomes = await Promise.allSettled(lanes);
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  return damaged.sort((a, b) => a.position - b.position);
}
