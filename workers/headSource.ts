import type { ByteSource, Bytes } from "#src/domain/byteSource.ts";

/** As much of a file as is looked at to tell what it is. */
export const HEAD_BYTES = 65_536;

/**
 * A file whose first bytes are read once, however many look at them: each read of a browser's file is a
 * question to another process, and a session has thousands of files.
 */
export function createHeadSource(source: ByteSource): {
  readonly source: ByteSource;
  /** The file is opened: its head is kept no longer. */
  readonly release: () => void;
} {
  let head: Promise<Bytes> | null = null;
  let released = false;
  return {
    source: {
      ...source,
      read: async (offset, length, signal) => {
        if (released || offset + length > Math.min(HEAD_BYTES, source.size))
          return await source.read(offset, length, signal);
        head ??= source.read(0, Math.min(HEAD_BYTES, source.size), signal);
        // A buffer of its own, as every source gives.
        return (await head).slice(offset, offset + length);
      },
    },
    release: () => {
      released = true;
      head = null;
    },
  };
}
