import { Gunzip } from "fflate";
import type { Bytes, ByteSource } from "#src/domain/byteSource.ts";
import { MAX_SLICE_BYTES } from "#src/domain/byteSource.ts";
import type { CancelSignal } from "#src/domain/cancel.ts";
import { throwIfCancelled } from "#src/domain/cancel.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import { corrupt, truncated } from "./refusals.ts";

/** Unpacked bytes that are held at most: a compressed file cannot be read from the middle. */
export const DEFAULT_MAX_UNPACKED_BYTES = 2 ** 31;

const READ_BYTES = 1 << 20;
/** What one piece can swell to (1032 times, in a buffer that doubles) stays below 5 MiB. */
const PIECE_BYTES = 1 << 11;

export function looksLikeGzip(probe: Uint8Array): boolean {
  return probe[0] === 0x1f && probe[1] === 0x8b && probe[2] === 8;
}

/** Unpacks a gzip file into memory and closes it; the result is named without `.gz`. */
export async function unpackGzip(
  source: ByteSource,
  maxBytes: number,
  signal: CancelSignal | undefined,
): Promise<ByteSource> {
  const file = source.name;
  const chunks: Uint8Array[] = [];
  let size = 0;
  let ended = false;
  const gunzip = new Gunzip();
  gunzip.ondata = (chunk, final) => {
    if (chunk.length > 0) chunks.push(chunk);
    size += chunk.length;
    ended = final;
  };
  for (let at = 0; at < source.size; at += READ_BYTES) {
    throwIfCancelled(signal);
    const length = Math.min(READ_BYTES, source.size - at);
    const bytes = await source.read(at, length, signal);
    for (let k = 0; k < length; k += PIECE_BYTES) {
      const last = at + k + PIECE_BYTES >= source.size;
      try {
        gunzip.push(bytes.subarray(k, k + PIECE_BYTES), last);
      } catch (error) {
        throw corrupt(
          file,
          `the gzip stream cannot be unpacked (${error instanceof Error ? error.message : String(error)})`,
          error,
        );
      }
      if (size > maxBytes)
        throw new CryoloupeError(
          "limit-exceeded",
          `Reading ${file}: it unpacks to more than ${(maxBytes / 2 ** 20).toFixed(0)} MiB, which is what may be held in memory. Unpack it first: gunzip ${file}`,
          { file },
        );
    }
  }
  if (!ended || size === 0) throw truncated(file, 0, source.size + 1, source.size);
  await source.close?.();
  return chunkedSource(file.replace(/\.gz$/i, ""), chunks, size);
}

/** Pieces in memory as one byte source, without joining them. */
function chunkedSource(name: string, chunks: readonly Uint8Array[], size: number): ByteSource {
  const starts: number[] = [];
  let at = 0;
  for (const chunk of chunks) {
    starts.push(at);
    at += chunk.length;
  }
  /** Index of the piece that holds a byte. */
  const find = (offset: number): number => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  return {
    name,
    size,
    async read(offset, length, signal) {
      throwIfCancelled(signal);
      if (offset < 0 || offset + length > size) throw truncated(name, offset, length, size);
      const out: Bytes = new Uint8Array(length);
      let done = 0;
      for (let i = find(offset); done < length; i++) {
        const from = offset + done - starts[i];
        const part = chunks[i].subarray(from, from + length - done);
        out.set(part, done);
        done += part.length;
        if (done % MAX_SLICE_BYTES === 0) await Promise.resolve();
      }
      return out;
    },
  };
}
