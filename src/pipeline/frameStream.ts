import { decodeFrames } from "#src/compute/frameStream.ts";
import type { DecodedFrame } from "#src/compute/frameStream.ts";
import type { WorkerPool } from "#src/compute/pool.ts";
import type { CancelSignal } from "#src/domain/cancel.ts";
import type { MovieReader } from "#src/domain/movie.ts";

/** A frame with its index in the movie, from 0; the buffer is the receiver's. */
export type StreamedFrame = DecodedFrame;

/** What streaming needs; every `StepContext` has it. */
export interface StreamContext {
  readonly backend: {
    readonly pool: WorkerPool;
    readonly info: { readonly budgetBytes: number };
  };
  readonly signal?: CancelSignal;
}

/** The part of the budget that frames on their way may take. */
const READ_AHEAD_SHARE = 0.25;

/**
 * The frames of a movie in the order of `indices`, read and decoded ahead of the step that takes them,
 * as far as workers and a quarter of the memory budget allow. Ends with `cancelled` when the context's
 * signal fires; leaving the loop early leaves no work behind.
 */
export function streamFrames(
  reader: MovieReader,
  indices: Iterable<number>,
  { backend, signal }: StreamContext,
): AsyncGenerator<StreamedFrame, void, undefined> {
  return decodeFrames(reader, backend.pool, indices, {
    budgetBytes: READ_AHEAD_SHARE * backend.info.budgetBytes,
    ...(signal === undefined ? {} : { signal }),
  });
}
