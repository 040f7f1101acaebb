import { BYTES_PER_PIXEL } from "#src/domain/movie.ts";
import type { MovieReader, PixelArray } from "#src/domain/movie.ts";
import type { CancelSignal } from "#src/domain/cancel.ts";
import { throwIfCancelled } from "#src/domain/cancel.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import { decodeJob } from "./decodeJob.ts";
import type { WorkerPool } from "./pool.ts";

export interface FrameStreamOptions {
  readonly signal?: CancelSignal;
  /** Bytes of decoded frames that may wait for the consumer; at least one frame is always decoded. */
  readonly budgetBytes?: number;
}

export interface DecodedFrame {
  readonly index: number;
  readonly pixels: PixelArray;
}

const DEFAULT_BUDGET_BYTES = 512 * 2 ** 20;

/**
 * Frames of a movie in the given order, read and decoded ahead of the consumer in the pool, as many as
 * workers and budget allow. Ends at once when the signal fires: nothing more is read, what is being
 * decoded is dropped.
 */
export async function* decodeFrames(
  reader: MovieReader,
  pool: WorkerPool,
  indices: Iterable<number>,
  options: FrameStreamOptions = {},
): AsyncGenerator<DecodedFrame, void, undefined> {
  const { signal, budgetBytes = DEFAULT_BUDGET_BYTES } = options;
  throwIfCancelled(signal);
  const { width, height, pixelType } = reader.header;
  const frameBytes = width * height * BYTES_PER_PIXEL[pixelType];
  const ahead = Math.max(1, Math.min(pool.size + 1, Math.floor(budgetBytes / frameBytes)));
  const job = await pool.open(decodeJob, null);
  const stop = new AbortController();
  const cancelled = deferredCancel(signal);
  const decode = async (index: number): Promise<PixelArray> => {
    const frame = await reader.readEncoded(index, stop.signal);
    throwIfCancelled(stop.signal);
    return await job.run(frame, {
      transfer: frame.parts.map((part) => part.buffer),
      signal: stop.signal,
    });
  };
  const waiting: { index: number; pixels: Promise<PixelArray> }[] = [];
  const source = indices[Symbol.iterator]();
  const fill = (): void => {
    while (waiting.length < ahead) {
      const next = source.next();
      if (next.done === true) return;
      const pixels = decode(next.value);
      // Looked at when its turn comes; until then a failure must not count as unhandled.
      pixels.catch(() => undefined);
      waiting.push({ index: next.value, pixels });
    }
  };
  try {
    fill();
    for (let first = waiting.shift(); first !== undefined; first = waiting.shift()) {
      const pixels = await Promise.race([first.pixels, cancelled.promise]);
      fill();
      yield { index: first.index, pixels };
      throwIfCancelled(signal);
    }
  } finally {
    stop.abort();
    cancelled.dispose();
    job.close();
  }
}

/** A promise that rejects with `cancelled` when the signal fires. */
function deferredCancel(signal: CancelSignal | undefined): {
  promise: Promise<never>;
  dispose: () => void;
} {
  let listener: () => void = () => undefined;
  const promise = new Promise<never>((_, reject) => {
    listener = () => reject(new CryoloupeError("cancelled", "Cancelled."));
  });
  promise.catch(() => undefined);
  signal?.addEventListener("abort", listener, { once: true });
  return { promise, dispose: () => signal?.removeEventListener("abort", listener) };
}
