import type { EncodedFrame, Float32Pixels } from "#src/domain/movie.ts";
import { decodeFrame } from "#src/formats/decodeFrame.ts";
import type { ReducedSize } from "#src/math/flexalign/correlationSize.ts";
import { correctFrame, cutPatch, reducedSpectrum } from "#src/math/flexalign/cutPatch.ts";
import { correlatePairs, slidingSums } from "#src/math/flexalign/pairCorrelator.ts";
import type { PairPeak } from "#src/math/flexalign/pairCorrelator.ts";
import type { JobDefinition } from "./pool.ts";

/** What every frame is multiplied by, and how its spectra are cut and filtered. */
export interface SpectrumPlan {
  /** Width of a frame, px. */
  readonly frameWidth: number;
  readonly correction: Float32Pixels | null;
  readonly dark: Float32Pixels | null;
  readonly size: ReducedSize;
  readonly filter: Float32Pixels;
}

/** A frame, and the places in it whose spectra are asked for; null = the whole frame. */
export interface SpectrumTask {
  readonly frame: EncodedFrame;
  readonly corners: readonly { readonly x: number; readonly y: number }[] | null;
}

/** What a frame yields. */
export interface FrameSpectra {
  /** Filtered low-frequency spectra, `[place][spectrum]`. */
  readonly spectra: Float32Pixels;
  /** Largest absolute value of the corrected frame. */
  readonly largest: number;
}

/** Decodes and corrects a frame, cuts and transforms it. */
export const flexalignSpectraJob: JobDefinition<SpectrumPlan, SpectrumTask, FrameSpectra, null> = {
  name: "flexalign-spectra",
  create: ({ frameWidth, correction, dark, size, filter }) => ({
    run: async ({ frame, corners }) => {
      const image = correctFrame(await decodeFrame(frame), correction, dark);
      const largest = image.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
      if (corners === null) {
        const spectra = reducedSpectrum(image, size, filter);
        return { value: { spectra, largest }, transfer: [spectra.buffer] };
      }
      const spectra = new Float32Array(2 * filter.length * corners.length);
      corners.forEach(({ x, y }, k) => {
        const patch = cutPatch(image, frameWidth, x, y, size);
        spectra.set(reducedSpectrum(patch, size, filter), 2 * filter.length * k);
      });
      return { value: { spectra, largest }, transfer: [spectra.buffer] };
    },
    finish: () => ({ value: null }),
  }),
};

export interface PairPlan {
  readonly width: number;
  readonly height: number;
  /** px of the reduced image. */
  readonly radius: number;
  readonly peak: PairPeak;
  /** Spectra of whole frames, or null where every task brings its own. */
  readonly spectra: readonly Float32Pixels[] | null;
}

/** Pairs `from … to − 1` of the plan's spectra, or of the task's own, added over sliding groups first. */
export interface PairTask {
  readonly spectra: readonly Float32Pixels[] | null;
  readonly group: number;
  readonly from: number;
  readonly to: number;
}

/** Displacements of pairs of frames, `[pair][x, y]`, px of the reduced image. */
export const flexalignPairsJob: JobDefinition<
  PairPlan,
  PairTask,
  Float64Array<ArrayBuffer>,
  null
> = {
  name: "flexalign-pairs",
  create: (plan) => ({
    run: ({ spectra, group, from, to }) => {
      const own = slidingSums(spectra ?? plan.spectra ?? [], group);
      const value = correlatePairs(own, plan, plan.radius, plan.peak, from, to);
      return { value, transfer: [value.buffer] };
    },
    finish: () => ({ value: null }),
  }),
};
