import type { Bytes } from "./byteSource.ts";

/**
 * Where a result goes, piece by piece: a temporary file in Node, a swap file or a zip stream in the
 * browser, memory in tests. `write` appends; the promise is the back pressure.
 */
export interface ByteSink {
  write(bytes: Bytes): Promise<void>;
  /** Replaces bytes that were written before, where the sink can go back (headers with statistics). */
  rewrite?(offset: number, bytes: Bytes): Promise<void>;
}
