import { CryoloupeError } from "#src/domain/errors.ts";

/** A file to open: where it lies in the chosen folder, and the file itself. */
export interface PickedFile {
  /** Path inside the folder, or the name. */
  readonly path: string;
  readonly file: File;
  /** Reads the file again on another visit, where the browser has given one. */
  readonly handle?: FileSystemFileHandle | null;
}

/** A folder that can be read again later. */
export interface PickedFolder {
  readonly name: string;
  /** null where the browser gives no handle (input, drop without handles). */
  readonly handle: FileSystemDirectoryHandle | null;
  readonly files: readonly PickedFile[];
  /** Its session.json, where it is a results folder; its files are then not listed. */
  readonly session?: File | null;
}

interface PickerWindow {
  readonly showDirectoryPicker?: (options?: {
    mode?: "read" | "readwrite";
  }) => Promise<FileSystemDirectoryHandle>;
}

/** Files that are looked at when a folder is opened; everything can be opened by itself. */
const IMAGE = /\.(mrcs?|map|st|tiff?|eer|gain|dm[34])$/i;
/** Tables and lists, and much else that programs put beside movies. */
const TEXT = /\.(star|xmd|cs|csv|txt|ctf|ctfparam|log|xml)$/i;

/** Whether a folder listing takes the file: known endings, no hidden files, no unfinished swap files. */
export function isKnownName(name: string): boolean {
  return (
    (IMAGE.test(name) || TEXT.test(name)) && !name.startsWith(".") && !name.endsWith(".crswap")
  );
}

/** Whether the name is that of a text, which may be of no use to a session: acquisition data, logs. */
export const isTextName = (name: string): boolean => TEXT.test(name);

/** All known files below a folder, by path. */
export async function listFolder(
  handle: FileSystemDirectoryHandle,
  prefix = "",
): Promise<PickedFile[]> {
  const found: PickedFile[] = [];
  for await (const [name, entry] of handle.entries()) {
    const path = `${prefix}${name}`;
    if (entry.kind === "directory") found.push(...(await listFolder(entry, `${path}/`)));
    else if (isKnownName(name)) found.push({ path, file: await entry.getFile() });
  }
  return found.sort((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }));
}

/** Opens the browser's file dialog by a hidden input, which every browser has. */
function pickByInput(folder: boolean): Promise<PickedFile[]> {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = true;
    input.webkitdirectory = folder;
    input.hidden = true;
    document.body.append(input);
    const finish = (files: PickedFile[]): void => {
      input.remove();
      resolve(files);
    };
    input.addEventListener("change", () =>
      finish(
        [...(input.files ?? [])]
          .filter((file) => !folder || isKnownName(file.name))
          .map((file) => ({ path: file.webkitRelativePath || file.name, file })),
      ),
    );
    input.addEventListener("cancel", () => finish([]));
    input.click();
  });
}

export function pickFiles(): Promise<PickedFile[]> {
  return pickByInput(false);
}

/** Asks for a folder that can be looked at again; null when the dialog was closed. */
export async function pickFolderHandle(): Promise<FileSystemDirectoryHandle | null> {
  const { showDirectoryPicker } = window as PickerWindow;
  if (showDirectoryPicker === undefined)
    throw new CryoloupeError(
      "permission-denied",
      "This browser cannot watch a folder; Chrome and Edge can. Open the folder again when more has come.",
    );
  try {
    return await showDirectoryPicker.call(window, { mode: "read" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return null;
    throw error;
  }
}

/** Asks for a folder; null when the dialog was closed. */
export async function pickFolder(): Promise<PickedFolder | null> {
  const { showDirectoryPicker } = window as PickerWindow;
  if (showDirectoryPicker === undefined) {
    const files = await pickByInput(true);
    return files.length === 0 ? null : { name: files[0].path.split("/")[0], handle: null, files };
  }
  try {
    const handle = await showDirectoryPicker.call(window, { mode: "read" });
    // Its files come by watching it.
    return { name: handle.name, handle, files: [] };
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return null;
    throw error;
  }
}

/** A text or binary file as a download of the browser. */
export function saveBlob(name: string, blob: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
