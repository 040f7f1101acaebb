import type { CancelSignal } from "./cancel.ts";

/** Bytes that own their buffer, so that they can be transferred to a worker. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Largest slice that is read at once: browsers fail on slices of 2 GiB, and memory stays bounded. */
export const MAX_SLICE_BYTES = 64 * 1024 * 1024;

/**
 * A file that can be read in slices: a `File` in the browser, a file descriptor in Node, bytes in tests.
 * `read` returns exactly `length` bytes in a buffer of their own, or throws `truncated-file` when the
 * file ends earlier. Requests above {@link MAX_SLICE_BYTES} are split by the source.
 */
export interface ByteSource {
  readonly name: string;
  /** Bytes in the file. */
  readonly size: number;
  /** Milliseconds since 1970, when known: the order of acquisition and a sign of change. */
  readonly lastModified?: number;
  read(offset: number, length: number, signal?: CancelSignal): Promise<Bytes>;
  close?(): Promise<void>;
}

/** A small file in memory, to be saved. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Bytes;
}
