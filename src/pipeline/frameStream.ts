import { throwIfCancelled } from "#src/domain/cancel.ts";
import { decodeJob } from "#src/compute/decodeJob.ts";
import { BYTES_PER_PIXEL } from "#src/domain/movie.ts";
import type { MovieReader, PixelArray } from "#src/domain/movie.ts";
import type { CancelSignal } from "#src/domain/cancel.ts";
import type { WorkerPool } from "#src/compute/pool.ts";

export interface StreamedFrame {
  /** Index in the movie, from 0. */
  readonly index: number;
  /** `[height, width]`; the buffer is the receiver's. */
  readonly pixels: PixelArray;
}

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
 * The frames of a movie in the order of `indices`, read one after the other, decoded in the pool while
 * the receiver works on earlier ones. At most a quarter of the memory budget is on its way. Leaving the
 * loop early, an error and the signal all end it without leaving work behind.
 */
export async function* streamFrames(
  reader: MovieReader,
  indices: readonly number[],
  { backend, signal }: StreamContext,
): AsyncGenerator<StreamedFrame, void, undefined> {
  const { width, height, pixelType } = reader.header;
  const frameBytes = width * height * BYTES_PER_PIXEL[pixelType];
  // Read bytes and decoded pixels stand side by side while a frame is decoded.
  const affordable = Math.floor((READ_AHEAD_SHARE * backend.info.budgetBytes) / (2 * frameBytes));
  const window = Math.max(1, Math.min(backend.pool.size + 1, affordable));

  const job = await backend.pool.open(decodeJob, null);
  const pending: { readonly index: number; readonly pixels: Promise<PixelArray> }[] = [];
  let reading: Promise<unknown> = Promise.resolve();
  let next = 0;
  const start = (): void => {
    const index = indices[next++];
    // Reads follow each other: disks and network shares like one reader.
    const encoded = reading.then(() => {
      throwIfCancelled(signal);
      return reader.readEncoded(index, signal);
    });
    reading = encoded;
    const pixels = encoded.then((frame) => {
      const transfer = [...new Set(frame.parts.map((part) => part.buffer))];
      return job.run(frame, { transfer, ...(signal === undefined ? {} : { signal }) });
    });
    // Told where the frame is awaited; a frame that is never awaited may fail in silence.
    pixels.catch(() => undefined);
    pending.push({ index, pixels });
  };

  try {
    while (next < indices.length && pending.length < window) start();
    for (let head = pending.shift(); head !== undefined; head = pending.shift()) {
      const pixels = await head.pixels;
      throwIfCancelled(signal);
      if (next < indices.length) start();
      yield { index: head.index, pixels };
    }
  } finally {
    job.close();
    // A read that is under way ends before the reader may be closed.
    await reading.catch(() => undefined);
  }
}
