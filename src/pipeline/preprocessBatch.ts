import { CryoloupeError, toFailure } from "#src/domain/errors.ts";
import type { Failure } from "#src/domain/errors.ts";
import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { MovieReader } from "#src/domain/movie.ts";
import type { PreprocessRecipe } from "#src/domain/preprocess.ts";
import { checkPreprocess, requireRunnable } from "#src/domain/preprocessCheck.ts";
import { planPreprocess } from "#src/math/preprocess/plan.ts";
import type { ImageSize } from "#src/math/preprocess/fourierFilter.ts";
import { DOUBLE_PRECISION_PIXELS } from "#src/math/preprocess/runStages.ts";
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

/**
 * Bytes that the chain holds at its worst: the image with its spectrum and their smaller successors, or the image
 * with the denoiser's four (in double precision for parity) and the result. Measured peaks lie up to 10 % above.
 */
export function preprocessMemoryBytes(recipe: PreprocessRecipe, size: ImageSize): number {
  let most = 8 * size.width * size.height;
  let now = size;
  for (const stage of planPreprocess(recipe, size)) {
    const pixels = now.width * now.height;
    switch (stage.kind) {
      case "crop":
        now = { width: now.width - 2 * stage.pixels, height: now.height - 2 * stage.pixels };
        break;
      case "fourier":
        now = stage.to;
        most = Math.max(most, 8 * pixels + 8 * now.width * now.height);
        break;
      case "denoise": {
        const precise = stage.arithmetic === "xmipp" && pixels <= DOUBLE_PRECISION_PIXELS;
        most = Math.max(most, (precise ? 48 : 28) * pixels);
        break;
      }
      case "log":
      case "badPixels":
      case "invert":
      case "normalize":
        break;
    }
  }
  return most;
}

function tooLarge(
  name: string,
  { width, height }: ImageSize,
  bytes: number,
  budget: number,
): Error {
  const mebibytes = (count: number): string => `${Math.ceil(count / 2 ** 20)} MiB`;
  return new CryoloupeError(
    "limit-exceeded",
    `Preprocessing ${name}: ${width} × ${height} px need ${mebibytes(bytes)} with these operations, the memory budget is ${mebibytes(budget)}. Downsample before denoising, or raise the budget.`,
    { file: name },
  );
}

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
      const { budgetBytes } = backend.info;
      const { header } = reader;
      if (checkPreprocess(recipe, header).length === 0)
        bytes = preprocessMemoryBytes(recipe, header);
      if (bytes > budgetBytes) {
        await reader.close().catch(() => undefined);
        throw tooLarge(source.name, header, bytes, budgetBytes);
      }
      while (running.size > 0 && heldBytes + bytes > budgetBytes) await Promise.race(running);
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
