import type { CorrectionCompute } from "./correctionCompute.ts";
import type { FourierCompute } from "./fourierCompute.ts";
import type { GainCompute } from "./gainCompute.ts";
import type { FilterCompute } from "./filterCompute.ts";
import type { MotionCompute } from "./motionCompute.ts";
import type { PixelCompute } from "./pixelCompute.ts";
import type { WorkerPool } from "./pool.ts";

export type BackendKind = "webgpu" | "cpu";
export type BackendChoice = "auto" | BackendKind;

/** What runs, and why: shown in the top bar and printed by the command. */
export interface BackendInfo {
  readonly kind: BackendKind;
  /** Adapter name, or "2 cores". */
  readonly name: string;
  /** A software WebGPU adapter (SwiftShader, lavapipe). */
  readonly software: boolean;
  /** One sentence: why this backend, and what would switch WebGPU on. */
  readonly reason: string;
  /** Bytes that may be held on the device or in the pool. */
  readonly budgetBytes: number;
}

/** What backends can compute. One small interface each; a new one is added here and in both backends. */
export interface ComputeCapabilities {
  /** Fourier transforms of whole images. */
  readonly fourier: FourierCompute;
  /** Sums of frames and application of a gain. */
  readonly pixels: PixelCompute;
  /** Frames moved back and summed. */
  readonly correction: CorrectionCompute;
  /** Blind gain estimation by midway equalization. */
  readonly gain: GainCompute;
  /** The ten operations on micrographs. */
  readonly filters: FilterCompute;
  /** Estimation of motion. */
  readonly motion: MotionCompute;
}

/**
 * A compute backend. Each capability is a small interface of its own in this folder; both backends
 * implement every one, and the pipeline does not know which it has.
 */
export interface ComputeBackend extends ComputeCapabilities {
  readonly info: BackendInfo;
  /** Decoding, and everything that has no kernel. */
  readonly pool: WorkerPool;
  /**
   * Gets ready again after a failure of code `device-lost` or `out-of-memory` (a fresh device, half the
   * budget); false where nothing can be renewed. Everything held on the old device is gone.
   */
  recover(): Promise<boolean>;
  dispose(): Promise<void>;
}
