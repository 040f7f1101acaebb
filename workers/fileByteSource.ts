import { MAX_SLICE_BYTES } from "#src/domain/byteSource.ts";
import type { ByteSource } from "#src/domain/byteSource.ts";
import { throwIfCancelled } from "#src/domain/cancel.ts";
import { CryoloupeError } from "#src/domain/errors.ts";

/** A `File` of the browser, read in slices of at most 64 MiB. */
export function createFileByteSource(file: File): ByteSource {
  return {
    name: file.name,
    size: file.size,
    lastModified: file.lastModified,
    read: async (offset, length, signal) => {
      if (offset + length > file.size)
        throw new CryoloupeError(
          "truncated-file",
          `Reading ${file.name} stopped at byte ${offset}: ${length} bytes expected, ${Math.max(0, file.size - offset)} found. Copy the file again, then retry.`,
          { file: file.name },
        );
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; done += MAX_SLICE_BYTES) {
        throwIfCancelled(signal);
        const from = offset + done;
        const to = Math.min(from + MAX_SLICE_BYTES, offset + length);
        try {
          bytes.set(new Uint8Array(await file.slice(from, to).arrayBuffer()), done);
        } catch (cause) {
          throw new CryoloupeError(
            "file-changed",
            `${file.name} can no longer be read: it was moved, changed on disk, or the browser's permission ended. Open it again.`,
            { file: file.name, cause },
          );
        }
      }
      return bytes;
    },
  };
}
