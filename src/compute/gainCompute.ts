import type { CancelSignal } from "#src/domain/cancel.ts";
import type { PixelArray } from "#src/domain/movie.ts";

/** How midway equalization is done; see docs in src/math/midwayEqualization.ts. */
export interface SmeOptions {
  readonly width: number;
  readonly height: number;
  /** One reference distribution for all lines of a direction, or each line's neighbourhood. */
  readonly reference: "single" | "neighbours";
  /** Widths of the smoothing in lines: one = fixed; several = the one of least total variation wins. */
  readonly sigmas: readonly number[];
  /** What equal values become: the mean of the reference over their ranks, or its last entry (Xmipp). */
  readonly ties: "mean" | "last";
  /** Sort in double precision where the backend can (parity); otherwise in single. */
  readonly precise: boolean;
  /** 1 = left out of sorts and references, `[height, width]`; null = every pixel is good. */
  readonly bad: Uint8Array<ArrayBuffer> | null;
}

/** What frames are combined with before equalization: I = R·factor or I = R/factor. */
export interface FrameFactor {
  /** `[height, width]` */
  readonly values: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
  readonly operation: "multiply" | "divide";
}

export interface SmeWidths {
  readonly column: number;
  readonly row: number;
}

/**
 * Midway equalization summed over frames: Σ ½(SME_col(I) + SME_row(I)). Frames may be added without
 * waiting for the one before; the backend bounds what it holds.
 */
export interface SmeSession {
  /** Empties the sum and sets the factor of the frames to come; null = frames as recorded. */
  begin(factor: FrameFactor | null): Promise<void>;
  /** Adds SME of a frame; resolves to the widths used. The frame is copied, never moved. */
  add(frame: PixelArray, signal?: CancelSignal): Promise<SmeWidths>;
  /** The sum since `begin`, `[height, width]`; 0 at bad pixels. */
  collect(): Promise<Float64Array<ArrayBuffer> | Float32Array<ArrayBuffer>>;
  close(): void;
}

export interface GainCompute {
  openSme(options: SmeOptions): Promise<SmeSession>;
}
