import { CryoloupeError } from "#src/domain/errors.ts";
import { batchZip } from "./zipOut.ts";

/** Where results go, one by one as they are finished. */
export interface SaveTarget {
  /** What a result is called there; absent = as it is. */
  readonly nameOf?: (name: string) => string;
  /**
   * Writes a whole file; it has its name only when it is complete. Answers the name, which is another one where a
   * file of that name lies there that was not made by this program.
   */
  write(name: string, content: Uint8Array<ArrayBuffer> | string): Promise<string>;
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

/** Where MRC files hold their labels: results of this program name it there. */
const LABELS = { from: 224, to: 1024 } as const;

/** Whether a file is an earlier result of preprocessing by this program. */
async function isOwnResult(file: File): Promise<boolean> {
  const labels = await file.slice(LABELS.from, LABELS.to).arrayBuffer();
  return /Cryoloupe \S+: preprocessed/.test(new TextDecoder("latin1").decode(labels));
}

/**
 * Files of a folder; the browser writes a swap file first, which takes the name when it is closed. The folder may be
 * that of the inputs, so only earlier results are written over, and none that is an input now.
 */
export function folderTarget(
  folder: FileSystemDirectoryHandle,
  isInput: (file: File) => boolean,
): SaveTarget {
  const written = new Map<string, string>();
  const freeName = async (name: string): Promise<string> => {
    const known = written.get(name);
    if (known !== undefined) return known;
    const dot = name.lastIndexOf(".");
    for (let n = 1; ; n++) {
      const candidate = n === 1 ? name : `${name.slice(0, dot)}_${n}${name.slice(dot)}`;
      const there = await folder.getFileHandle(candidate).then(
        (handle) => handle.getFile(),
        () => null,
      );
      const free = there === null || (!isInput(there) && (await isOwnResult(there)));
      if (!free || [...written.values()].includes(candidate)) continue;
      written.set(name, candidate);
      return candidate;
    }
  };
  return {
    write: async (wanted, content) => {
      const name = await freeName(wanted);
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
      return name;
    },
    finish: () => Promise.resolve(),
  };
}

/** A zip in the browser's downloads; its files wait in the page's own storage. */
export function zipTarget(name: string): SaveTarget {
  const zip = batchZip(name);
  return {
    write: async (file, content) => {
      await zip.write(file, content);
      return file;
    },
    finish: () => zip.finish(),
  };
}
