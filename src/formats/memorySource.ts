import type { ByteSource } from "#src/domain/byteSource.ts";
import { throwIfCancelled } from "#src/domain/cancel.ts";
import { truncated } from "./refusals.ts";

/** Bytes in memory as a byte source: unpacked gzip files, simulated movies, tests. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    read(offset, length, signal) {
      return Promise.resolve().then(() => {
        throwIfCancelled(signal);
        if (offset < 0 || offset + length > bytes.length)
          throw truncated(name, offset, length, bytes.length);
        // A copy, also of a Node Buffer, whose own slice shares its memory.
        return new Uint8Array(bytes.subarray(offset, offset + length));
      });
    },
  };
}
