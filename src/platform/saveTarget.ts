import { makeZip } from "client-zip";
import { CryoloupeError } from "#src/domain/errors.ts";
import { saveBlob } from "./fileAccess.ts";

/** Where results go, one by one as they are finished. */
export interface SaveTarget {
  /** Writes a whole file; it has its name only when it is complete. */
  write(name: string, content: Uint8Array<ArrayBuffer> | string): Promise<void>;
  /** Completes the target: a zip is given to the browser's downloads. */
  finish(): Promise<void>;
}

interface PickerWindow {
  readonly showDirectoryPicker?: (options: {
    mode: "readwrite";
  }) => Promise<FileSystemDirectoryHandle>;
}

/** Asks for a folder to write to; null when the dialog was closed. */
export async function pickOutputFolder(): Promise<FileSystemDirectoryHandle | null> {
  const { showDirectoryPicker } = window as PickerWindow;
  if (showDirectoryPicker === undefined)
    throw new CryoloupeError(
      "permission-denied",
      "This browser cannot write into a folder; Chrome and Edge can. Save a zip instead.",
    );
  try {
    return await showDirectoryPicker.call(window, { mode: "readwrite" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return null;
    throw error;
  }
}

/** Files of a folder; the browser writes a swap file first, which takes the name when it is closed. */
export function folderTarget(folder: FileSystemDirectoryHandle): SaveTarget {
  return {
    write: async (name, content) => {
      const handle = await folder.getFileHandle(name, { create: true });
      const file = await handle.createWritable();
      try {
        await file.write(content);
        await file.close();
      } catch (error) {
        await file.abort().catch(() => undefined);
        const reason = error instanceof Error ? error.message : String(error);
        throw new CryoloupeError(
          "disk-full",
          `${name} could not be written into ${folder.name}: ${reason}. Choose another folder.`,
          { file: name, cause: error },
        );
      }
    },
    finish: () => Promise.resolve(),
  };
}

/** A zip in the browser's downloads; its files wait as blobs, which the browser keeps on disk. */
export function zipTarget(name: string): SaveTarget {
  const files: { readonly name: string; readonly input: Blob }[] = [];
  return {
    write: (file, content) => {
      files.push({ name: file, input: new Blob([content]) });
      return Promise.resolve();
    },
    finish: async () => {
      if (files.length === 0) return;
      saveBlob(name, await new Response(makeZip(files)).blob());
    },
  };
}
