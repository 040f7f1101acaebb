import type { EncodedFrame } from "#src/domain/movie.ts";
import { decodeFrame } from "#src/formats/decodeFrame.ts";
import { FrameBinner } from "#src/math/motion/binFrame.ts";
import type { BinningPlan } from "#src/math/motion/binFrame.ts";
import type { SpectrumShape } from "#src/math/motion/displacementMaps.ts";
import { FrameSpectrum } from "#src/math/motion/frameSpectrum.ts";
import { GlobalSpectra } from "#src/math/motion/globalSpectra.ts";
import type { MapRequest, Spectrum } from "#src/math/motion/globalSpectra.ts";
import { PatchEngine } from "#src/math/motion/patchEngine.ts";
import type { MovieBand, PatchPlace, RingSums } from "#src/math/motion/patchEngine.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { PreparedFrame, PreparedSum } from "./motionCompute.ts";
import type { Answer, JobDefinition } from "./pool.ts";

/** Decodes, corrects and bins frames; gathers the sum of the corrected frames. */
export const prepareJob: JobDefinition<
  BinningPlan,
  EncodedFrame,
  PreparedFrame,
  PreparedSum | null
> = {
  name: "motion-prepare",
  create: (plan) => {
    // Made with the first frame: a worker that gets none needs no memory.
    let binner: FrameBinner | null = null;
    const spectra = new FrameSpectrum(plan.binnedWidth, plan.binnedHeight);
    return {
      run: async (frame) => {
        binner ??= new FrameBinner(plan);
        const pixels = binner.bin(await decodeFrame(frame));
        const spectrum = spectra.transform(pixels);
        return {
          value: { pixels, spectrum },
          transfer: [pixels.buffer, spectrum.re.buffer, spectrum.im.buffer],
        };
      },
      finish: () =>
        binner === null
          ? { value: null }
          : {
              value: { sum: binner.sum, frames: binner.frames, strays: binner.strays },
              transfer: [binner.sum.buffer],
            },
    };
  },
};

/** Correlation maps of whole frames; every worker holds all spectra. */
export const spectraJob: JobDefinition<
  { readonly shape: SpectrumShape; readonly spectra: readonly Spectrum[] },
  { readonly request: MapRequest; readonly from: number; readonly to: number },
  Float32Array<ArrayBuffer>,
  null
> = {
  name: "motion-spectra",
  create: ({ shape, spectra }) => {
    const correlator = new GlobalSpectra(shape, spectra);
    return {
      run: ({ request, from, to }) => {
        const maps = correlator.correlate(request, from, to);
        return { value: maps, transfer: [maps.buffer] };
      },
      finish: () => ({ value: null }),
    };
  },
};

export type PatchTask =
  | { readonly kind: "load"; readonly band: MovieBand }
  | { readonly kind: "subtract"; readonly image: Float32Array<ArrayBuffer> }
  | { readonly kind: "measure"; readonly side: number; readonly patches: readonly PatchPlace[] }
  | { readonly kind: "restMoments"; readonly side: number; readonly patches: readonly PatchPlace[] }
  | {
      readonly kind: "surfaces";
      readonly side: number;
      readonly patches: readonly PatchPlace[];
      readonly weight: Float32Array<ArrayBuffer>;
      readonly kept: number;
      readonly radius: number;
    }
  | {
      readonly kind: "restPattern";
      readonly side: number;
      readonly patches: readonly PatchPlace[];
      readonly still: Float64Array;
      readonly moving: Float64Array;
    };

/** What a patch task answers: which member is there follows from the task's kind. */
export interface PatchAnswer {
  readonly rings?: RingSums;
  readonly moments?: Float64Array[];
  readonly floats?: Float32Array<ArrayBuffer>;
}

/** Holds a band of the binned movie and cuts patches from it. */
export const patchJob: JobDefinition<null, PatchTask, PatchAnswer, null> = {
  name: "motion-patches",
  create: () => {
    let band: MovieBand | null = null;
    const engines = new Map<number, PatchEngine>();
    const engine = (side: number): PatchEngine => {
      if (band === null)
        throw new CryoloupeError("internal", "A patch was asked for before its frames.");
      let found = engines.get(side);
      if (found === undefined) {
        found = new PatchEngine(band, side);
        engines.set(side, found);
      }
      return found;
    };
    const floats = (values: Float32Array<ArrayBuffer>): Answer<PatchAnswer> => ({
      value: { floats: values },
      transfer: [values.buffer],
    });
    return {
      run: (task) => {
        switch (task.kind) {
          case "load":
            band = task.band;
            engines.clear();
            return { value: {} };
          case "subtract":
            engine(64).subtract(task.image);
            return { value: {} };
          case "measure":
            return { value: { rings: engine(task.side).measure(task.patches) } };
          case "restMoments":
            return { value: { moments: engine(task.side).restMoments(task.patches) } };
          case "surfaces":
            return floats(
              engine(task.side).surfaces(task.patches, task.weight, task.kept, task.radius),
            );
          case "restPattern":
            return floats(engine(task.side).restPattern(task.patches, task.still, task.moving));
        }
      },
      finish: () => ({ value: null }),
    };
  },
};
