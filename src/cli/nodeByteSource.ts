import { open } from "node:fs/promises";
import { basename } from "node:path";
import { CryoloupeError } from "#src/domain/errors.ts";
import { throwIfCancelled } from "#src/domain/cancel.ts";
import { MAX_SLICE_BYTES } from "#src/domain/byteSource.ts";
import type { ByteSource } from "#src/domain/byteSource.ts";

/** A file on disk as a byte source. */
export async function openNodeFile(path: string): Promise<ByteSource> {
  const name = basename(path);
  const handle = await open(path, "r").catch((error: unknown) => {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const message = error instanceof Error ? error.message : String(error);
    const reason = missing ? `there is no file ${path}` : message;
    throw new CryoloupeError(
      missing ? "not-found" : "permission-denied",
      `${name} could not be opened: ${reason}.`,
      {
        file: name,
        cause: error,
      },
    );
  });
  const stat = await handle.stat();
  if (!stat.isFile()) {
    await handle.close();
    throw new CryoloupeError(
      "bad-arguments",
      `${name} is ${stat.isDirectory() ? "a folder" : "no plain file"}. Name the files to be read.`,
      { file: name },
    );
  }
  const { size, mtimeMs } = stat;
  return {
    name,
    size,
    lastModified: mtimeMs,
    async read(offset, length, signal) {
      const bytes = new Uint8Array(length);
      let got = 0;
      while (got < length) {
        throwIfCancelled(signal);
        const want = Math.min(MAX_SLICE_BYTES, length - got);
        const { bytesRead } = await handle
          .read(bytes, got, want, offset + got)
          .catch((error: unknown) => {
            const reason = error instanceof Error ? error.message : String(error);
            throw new CryoloupeError(
              "permission-denied",
              `Reading ${name} failed at byte ${offset + got}: ${reason}. Check the disk or the network share.`,
              { file: name, cause: error },
            );
          });
        if (bytesRead === 0)
          throw new CryoloupeError(
            "truncated-file",
            `Reading ${name} stopped at byte ${offset + got}: ${length} bytes expected from ${offset}, ${got} found. Copy the file again.`,
            { file: name },
          );
        got += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
}
