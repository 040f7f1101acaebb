import type { CancelSignal } from "#src/domain/cancel.ts";
import type { Progress } from "#src/domain/progress.ts";
import type { ComputeBackend } from "#src/compute/backend.ts";

/** What every pipeline step is given besides its typed inputs. */
export interface StepContext {
  readonly backend: ComputeBackend;
  readonly signal?: CancelSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Notes for the log: step, timings, choices made. */
  readonly log?: (message: string) => void;
}
