import type { CancelSignal } from "#src/domain/cancel.ts";
import type { EncodedFrame, Float32Pixels } from "#src/domain/movie.ts";
import type { BinningPlan } from "#src/math/motion/binFrame.ts";
import type { SpectrumShape } from "#src/math/motion/displacementMaps.ts";
import type { MapRequest, Spectrum } from "#src/math/motion/globalSpectra.ts";
import type { PatchPlace, RingSums } from "#src/math/motion/patchEngine.ts";

/** A frame at the size at which motion is measured. */
export interface PreparedFrame {
  /** `[binnedHeight, binnedWidth]`, mean 0. */
  readonly pixels: Float32Pixels;
  /** Its low frequencies (FrameSpectrum). */
  readonly spectrum: Spectrum;
}

/** What the frames have in common before binning. */
export interface PreparedSum {
  /** Sum of the corrected frames, stray hits repaired, `[height, width]`. */
  readonly sum: Float32Pixels;
  readonly frames: number;
  /** Pixels that had to be repaired, and in how many frames. */
  readonly strays: ReadonlyMap<number, number>;
}

/** Decodes, corrects and bins frames. */
export interface FramePreparation {
  /** Frames that may be under way at once. */
  readonly ahead: number;
  /** The frame's buffers may be moved away. */
  add(frame: EncodedFrame, signal?: CancelSignal): Promise<PreparedFrame>;
  /** The sum over frames, to find hot pixels in. */
  finish(): Promise<PreparedSum>;
  close(): void;
}

/** Correlation maps of whole frames at low frequencies. */
export interface SpectraCorrelation {
  /** Maps of all frames, `[T][height][width]` of the grid. */
  correlate(request: MapRequest, signal?: CancelSignal): Promise<Float32Array>;
  close(): void;
}

/** The binned movie, cut into patches. Displacements in px of the binned frame. */
export interface PatchCorrelation {
  /** Signal and noise by ring, summed over patches of the given side. */
  measure(side: number, patches: readonly PatchPlace[], signal?: CancelSignal): Promise<RingSums>;
  /**
   * Surfaces of each frame against the sum of the others, cubic B-spline coefficients
   * `[patch][t][2·radius + 1][2·radius + 1]`.
   */
  surfaces(
    request: {
      readonly side: number;
      readonly patches: readonly PatchPlace[];
      /** By coefficient, `[2·kept + 1][kept + 1]`. */
      readonly weight: Float32Array<ArrayBuffer>;
      readonly kept: number;
      readonly radius: number;
    },
    signal?: CancelSignal,
    onProgress?: (done: number) => void,
  ): Promise<Float32Array>;
  /** Second moments of patches at rest (PatchEngine.restMoments). */
  restMoments(side: number, patches: readonly PatchPlace[]): Promise<Float64Array[]>;
  /** What is at rest in these patches, windowed and added up, `[height, width]` of the binned frame. */
  restPattern(
    side: number,
    patches: readonly PatchPlace[],
    still: Float64Array,
    moving: Float64Array,
    signal?: CancelSignal,
  ): Promise<Float32Array>;
  /** Subtracts an image of the binned size from every frame. */
  subtract(image: Float32Array): Promise<void>;
  close(): void;
}

/** What the estimation of motion asks of a backend; all decisions are the pipeline's. */
export interface MotionCompute {
  /** `workers`: how many may hold a sum of full size, where the work is done by the pool. */
  openPreparation(plan: BinningPlan, workers?: number): Promise<FramePreparation>;
  openSpectra(shape: SpectrumShape, spectra: readonly Spectrum[]): Promise<SpectraCorrelation>;
  /** `reach`: patches are cut at most this many px above or below their place. Takes the frames over. */
  openPatches(
    width: number,
    height: number,
    frames: Float32Pixels[],
    reach: number,
  ): Promise<PatchCorrelation>;
}
