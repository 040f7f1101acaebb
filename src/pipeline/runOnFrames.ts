import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { EncodedFrame, MovieReader } from "#src/domain/movie.ts";
import type { StepContext } from "./stepContext.ts";

/**
 * Reads frames one after the other and hands each, still encoded, to `work` (usually a job of the pool,
 * which decodes it where it computes). At most one frame more than there are workers is on its way, within
 * a quarter of the budget. The first error ends it, after the work that has begun.
 * @param work gets the frame and its position in `indices`
 */
export async function runOnFrames(
  reader: MovieReader,
  indices: readonly number[],
  { backend, signal, onProgress }: StepContext,
  step: string,
  work: (frame: EncodedFrame, position: number) => Promise<void>,
): Promise<void> {
  const perFrame = 8 * reader.header.width * reader.header.height;
  const affordable = Math.floor((0.25 * backend.info.budgetBytes) / perFrame);
  const window = Math.max(1, Math.min(backend.pool.size + 1, affordable));
  const running = new Set<Promise<void>>();
  let done = 0;
  let failure: { readonly error: unknown } | undefined;
  try {
    for (const [position, index] of indices.entries()) {
      throwIfCancelled(signal);
      if (failure !== undefined) break;
      const frame = await reader.readEncoded(index, signal);
      const task: Promise<void> = work(frame, position)
        .then(() => onProgress?.({ step, done: ++done, total: indices.length }))
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => running.delete(task));
      running.add(task);
      if (running.size >= window) await Promise.race(running);
    }
  } finally {
    await Promise.all(running);
  }
  if (failure !== undefined) throw failure.error;
}
