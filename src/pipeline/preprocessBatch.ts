import { toFailure } from "#src/domain/errors.ts";
import type { Failure } from "#src/domain/errors.ts";
import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { MovieReader } from "#src/domain/movie.ts";
import type { PreprocessRecipe } from "#src/domain/preprocess.ts";
import { requireRunnable } from "#src/domain/preprocessCheck.ts";
import { preprocessMicrograph, readMicrograph } from "./preprocessMicrograph.ts";
import type { PreprocessedMicrograph } from "./preprocessMicrograph.ts";
import { withRecovery } from "./recovery.ts";
import type { StepContext } from "./stepContext.ts";

/** A micrograph to be processed, not opened yet. */
export interface MicrographSource {
  /** How the user knows it. */
  readonly name: string;
  /** Å/px that overrides the header. */
  readonly pixelSizeA?: number;
  open(): Promise<MovieReader>;
}

export interface BatchEvents<Source extends MicrographSource> {
  /** Publishes a complete result; awaited before memory is given to the next. */
  onDone(source: Source, result: PreprocessedMicrograph): Promise<void>;
  onFailed(source: Source, failure: Failure): void;
}

/** Bytes that the chain holds for each input pixel: image, spectrum, the denoiser's four, the result. */
const BYTES_PER_INPUT_PIXEL = 32;

/**
 * Processes micrographs as they come (the source may be a stream that is still growing), as many at a
 * time as the backend has lanes and its budget has room for. One that fails never stops the others.
 * Rejects when the recipe can run on no image, or when cancelled; what is published stays.
 */
export async function preprocessBatch<Source extends MicrographSource>(
  sources: Iterable<Source> | AsyncIterable<Source>,
  recipe: PreprocessRecipe,
  context: StepContext,
  events: BatchEvents<Source>,
): Promise<void> {
  requireRunnable(recipe);
  const { backend, signal } = context;
  const running = new Set<Promise<void>>();
  let heldBytes = 0;
  for await (const source of sources) {
    throwIfCancelled(signal);
    while (running.size >= backend.filters.lanes) await Promise.race(running);
    let bytes = 0;
    const one = async (reader: MovieReader): Promise<void> => {
      try {
        const result = await withRecovery(context, async () =>
          preprocessMicrograph(
            await readMicrograph(reader, context, source.pixelSizeA),
            recipe,
            context,
          ),
        );
        throwIfCancelled(signal);
        await events.onDone(source, result);
      } catch (error) {
        if (signal?.aborted !== true)
          events.onFailed(source, toFailure(error, { file: source.name }));
      } finally {
        heldBytes -= bytes;
        await reader.close().catch(() => undefined);
      }
    };
    try {
      const reader = await source.open();
      bytes = BYTES_PER_INPUT_PIXEL * reader.header.width * reader.header.height;
      while (running.size > 0 && heldBytes + bytes > backend.info.budgetBytes)
        await Promise.race(running);
      heldBytes += bytes;
      const work: Promise<void> = one(reader).finally(() => running.delete(work));
      running.add(work);
    } catch (error) {
      events.onFailed(source, toFailure(error, { file: source.name }));
    }
  }
  await Promise.all(running);
  throwIfCancelled(signal);
}
