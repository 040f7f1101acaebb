import type { CancelSignal } from "#src/domain/cancel.ts";
import type { EncodedFrame, Float32Pixels, PixelArray } from "#src/domain/movie.ts";
import type { RepairPlan } from "#src/math/repairPixels.ts";
import type { TileDisplacements } from "#src/math/warpFrame.ts";

export interface CorrectionSetup {
  readonly width: number;
  readonly height: number;
  /** Multiplicative correction C, `[height, width]`; null = 1. */
  readonly correction: Float32Pixels | null;
  /** Pixels whose value comes with every frame, ascending. */
  readonly bad: Uint32Array<ArrayBuffer>;
  /** Number of weighted sums of moved frames. */
  readonly sums: number;
  /** Also the plain sum of the frames as they stand. */
  readonly unaligned: boolean;
  /** Side of the tiles of every frame's displacements. */
  readonly tile: number;
  /** Largest displacement along y of any frame, px. */
  readonly reachPx: number;
}

export interface CorrectionTask {
  readonly displacements: TileDisplacements;
  /** Weight of the frame in each sum. */
  readonly weights: ArrayLike<number>;
  /** Values of the `bad` pixels in this frame, gain applied. */
  readonly repaired: Float32Pixels;
  /** Give back the moved frame itself. */
  readonly wanted: boolean;
}

export interface CorrectionSums {
  readonly sums: readonly Float32Pixels[];
  readonly unaligned: Float32Pixels | null;
}

/**
 * A running correction. Everything that it gives is a sum of frames moved with B-spline weights only:
 * the prefilter is still to be applied (warpFrame.ts).
 */
export interface CorrectionRun {
  /** Adds a frame; its buffer may be moved away. Gives the moved frame where it is wanted. */
  add(
    frame: PixelArray,
    task: CorrectionTask,
    signal?: CancelSignal,
  ): Promise<Float32Pixels | null>;
  finish(): Promise<CorrectionSums>;
  close(): void;
}

export interface WholeFrameSetup extends Omit<CorrectionSetup, "bad" | "reachPx"> {
  readonly dark: Float32Pixels | null;
  readonly repair: RepairPlan;
  /** Bytes of a decoded pixel. */
  readonly pixelBytes: number;
}

export interface WholeFrameTask {
  /** Index in the movie: repairs are the same whatever worker makes them. */
  readonly index: number;
  readonly displacements: TileDisplacements;
  readonly weights: readonly number[];
  readonly wanted: boolean;
}

/** A correction that takes frames as they are stored; otherwise as {@link CorrectionRun}. */
export interface WholeFrameRun {
  /** Frames that may be under way at once. */
  readonly ahead: number;
  add(
    frame: EncodedFrame,
    task: WholeFrameTask,
    signal?: CancelSignal,
  ): Promise<Float32Pixels | null>;
  finish(): Promise<CorrectionSums>;
  close(): void;
}

/** What the memory of a correction of whole frames follows from. */
export interface WholeFrameNeeds {
  readonly width: number;
  readonly height: number;
  /** Sums, the plain one included. */
  readonly sums: number;
  readonly gain: boolean;
  readonly dark: boolean;
  readonly pixelBytes: number;
}

/** Moves frames back and sums them. */
export interface CorrectionCompute {
  /** Bytes that a run holds besides the frames on their way. */
  memoryBytes(
    setup: Omit<CorrectionSetup, "correction" | "bad"> & {
      /** Whether there is a gain; assumed where it is not said. */
      readonly gain?: boolean;
    },
  ): number;
  /** Bytes that {@link openWhole} takes of a budget; null where it would not open. */
  wholeBytes?(needs: WholeFrameNeeds, budgetBytes: number): number | null;
  open(setup: CorrectionSetup): Promise<CorrectionRun>;
  /**
   * Frames decoded, repaired and moved in one place, whole frames side by side: where that is the faster
   * way. Null when the sums that this needs do not fit `budgetBytes`.
   */
  openWhole?(setup: WholeFrameSetup, budgetBytes: number): Promise<WholeFrameRun | null>;
}
