import { downloadZip } from "client-zip";
import type { NamedBytes } from "#src/domain/byteSource.ts";
import { saveBlob } from "./fileAccess.ts";

/** Saves one file as it is, several as one zip archive. */
export async function saveFiles(files: readonly NamedBytes[], archive: string): Promise<void> {
  if (files.length === 1) {
    const [{ name, bytes }] = files;
    saveBlob(name.split("/").at(-1) ?? name, new Blob([bytes]));
    return;
  }
  const lastModified = new Date();
  const zip = downloadZip(files.map(({ name, bytes }) => ({ name, input: bytes, lastModified })));
  saveBlob(archive, await zip.blob());
}

interface FolderPicker {
  readonly showDirectoryPicker?: (options?: {
    mode?: "read" | "readwrite";
  }) => Promise<FileSystemDirectoryHandle>;
}

/**
 * Copies files into a folder that the user chooses; returns its name, or null when the dialog was closed. A file of
 * the same name is never written over: the copy gets a number.
 */
export async function copyIntoFolder(
  files: readonly File[],
  onCopied: (done: number) => void,
): Promise<string | null> {
  const { showDirectoryPicker } = window as FolderPicker;
  if (showDirectoryPicker === undefined) return null;
  let folder: FileSystemDirectoryHandle;
  try {
    folder = await showDirectoryPicker.call(window, { mode: "readwrite" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return null;
    throw error;
  }
  let done = 0;
  for (const file of files) {
    const name = await freeName(folder, file.name);
    const handle = await folder.getFileHandle(name, { create: true });
    // The stream writes a swap file and gives it the name when it is closed, so a copy is whole or absent.
    await file.stream().pipeTo(await handle.createWritable());
    onCopied(++done);
  }
  return folder.name;
}

async function freeName(folder: FileSystemDirectoryHandle, name: string): Promise<string> {
  const dot = name.lastIndexOf(".");
  const base = dot < 0 ? name : name.slice(0, dot);
  const ending = dot < 0 ? "" : name.slice(dot);
  for (let n = 0; ; n++) {
    const candidate = n === 0 ? name : `${base}_${n}${ending}`;
    const taken = await folder.getFileHandle(candidate).then(
      () => true,
      () => false,
    );
    if (!taken) return candidate;
  }
}
