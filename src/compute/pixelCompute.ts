import type { CancelSignal } from "#src/domain/cancel.ts";
import type { Float32Pixels, PixelArray } from "#src/domain/movie.ts";

/** Sums frames where they are computed on: Σ_t R_t · C, `[height, width]`. */
export interface FrameSum {
  /** Adds a frame. Its buffer may be moved away. */
  add(frame: PixelArray, signal?: CancelSignal): Promise<void>;
  /** The sum of what was added, then the sum is closed. */
  finish(): Promise<Float32Pixels>;
  close(): void;
}

export interface PixelCompute {
  /** Opens a sum over frames of the given size, each multiplied by `correction` where one is given. */
  openSum(size: {
    readonly width: number;
    readonly height: number;
    readonly correction: Float32Pixels | null;
  }): Promise<FrameSum>;
}
