import { CryoloupeError } from "#src/domain/errors.ts";
import { exceptionName, passFaults } from "./folderAccess.ts";

export type ResultContent = Uint8Array<ArrayBuffer> | string;

/** Where a session writes its results, by paths like "aligned/movie_1.star". */
export interface ResultsSink {
  readonly name: string;
  exists(path: string): Promise<boolean>;
  /** A file that was written; null = it is not there. */
  read(path: string): Promise<File | null>;
  /** The file is there when it is complete, or not at all. */
  write(path: string, content: ResultContent): Promise<void>;
}

/** Why a file of the results could not be written, in a sentence. */
export function described(error: unknown, path: string, folder: string): CryoloupeError {
  const name = exceptionName(error);
  const sentence =
    name === "QuotaExceededError"
      ? `${path} could not be written: ${folder} has no room left. Free some, then choose the folder again; what was written stays.`
      : name === "NotAllowedError" || name === "SecurityError"
        ? `${path} could not be written: the browser's permission for ${folder} ended. Choose the results folder again; what was written stays.`
        : name === "NotFoundError"
          ? `${path} could not be written: ${folder} is no longer there. Bring it back, then choose the results folder again.`
          : `${path} could not be written into ${folder}: ${error instanceof Error ? error.message : String(error)}. Choose the results folder again.`;
  return new CryoloupeError(
    name === "NotAllowedError" || name === "SecurityError" ? "permission-denied" : "disk-full",
    sentence,
    { file: path, cause: error },
  );
}

async function writeWhole(
  directory: FileSystemDirectoryHandle,
  name: string,
  content: ResultContent,
): Promise<FileSystemFileHandle> {
  const handle = await directory.getFileHandle(name, { create: true });
  const empty = (await handle.getFile()).size === 0;
  const file = await handle.createWritable();
  try {
    await file.write(content);
    await file.close();
    return handle;
  } catch (error) {
    await file.abort().catch(() => undefined);
    // The empty file that held the name must not be taken for a result.
    if (empty) await directory.removeEntry(name).catch(() => undefined);
    throw error;
  }
}

interface MovableHandle {
  readonly move?: (name: string) => Promise<void>;
}

/** Writes under a temporary name, which is then changed; false = this browser or folder cannot. */
async function writeAside(
  directory: FileSystemDirectoryHandle,
  name: string,
  content: ResultContent,
): Promise<boolean> {
  if (!("move" in FileSystemFileHandle.prototype)) return false;
  const aside = `${name}.part`;
  const handle = await writeWhole(directory, aside, content);
  try {
    await (handle as MovableHandle).move?.(name);
    return true;
  } catch {
    await directory.removeEntry(aside).catch(() => undefined);
    return false;
  }
}

/** A folder of the disk. The browser writes a swap file, which takes the name when it is closed. */
export function folderSink(folder: FileSystemDirectoryHandle): ResultsSink {
  const below = async (
    path: string,
    create: boolean,
  ): Promise<{ readonly directory: FileSystemDirectoryHandle; readonly name: string }> => {
    const parts = path.split("/");
    let directory = folder;
    for (const part of parts.slice(0, -1))
      directory = await directory.getDirectoryHandle(part, { create });
    return { directory, name: parts[parts.length - 1] };
  };
  return {
    name: folder.name,
    exists: async (path) => {
      try {
        const { directory, name } = await below(path, false);
        await directory.getFileHandle(name);
        return true;
      } catch (error) {
        if (exceptionName(error) === "NotFoundError") return false;
        // A folder of that name is in the way too.
        if (exceptionName(error) === "TypeMismatchError") return true;
        throw described(error, path, folder.name);
      }
    },
    read: async (path) => {
      try {
        passFaults("file", path);
        const { directory, name } = await below(path, false);
        return await (await directory.getFileHandle(name)).getFile();
      } catch (error) {
        const name = exceptionName(error);
        if (name === "NotFoundError" || name === "TypeMismatchError") return null;
        throw described(error, path, folder.name);
      }
    },
    write: async (path, content) => {
      try {
        passFaults("write", path);
        const { directory, name } = await below(path, true);
        if (!(await writeAside(directory, name, content)))
          await writeWhole(directory, name, content);
      } catch (error) {
        throw described(error, path, folder.name);
      }
    },
  };
}

/** `a/b.mrc` → `a/b_2.mrc`. */
export function numbered(path: string, n: number): string {
  const dot = path.lastIndexOf(".");
  const end = dot <= path.lastIndexOf("/") ? path.length : dot;
  return `${path.slice(0, end)}_${n}${path.slice(end)}`;
}
