import type { Bytes, ByteSource } from "#src/domain/byteSource.ts";
import type { CancelSignal } from "#src/domain/cancel.ts";

/** Reads small pieces; answers are shorter where the file ends. */
export type CachedReader = (offset: number, length: number) => Promise<Bytes>;

/** Small reads through one cached block, clipped at the end of the file. */
export function cachedReader(
  source: ByteSource,
  blockBytes: number,
  signal: CancelSignal | undefined,
): CachedReader {
  let start = 0;
  let block: Bytes = new Uint8Array(0);
  return async (offset, length) => {
    const end = Math.min(offset + length, source.size);
    if (!(offset >= 0) || offset >= end) return new Uint8Array(0);
    if (offset < start || end > start + block.length) {
      const want = Math.min(Math.max(end - offset, blockBytes), source.size - offset);
      block = await source.read(offset, want, signal);
      start = offset;
    }
    return block.slice(offset - start, end - start);
  };
}
