import { isKnownName, listFolder } from "./fileAccess.ts";
import type { PickedFile, PickedFolder } from "./fileAccess.ts";
import { sessionAmong, sessionIn } from "./sessionDrop.ts";

export interface Dropped {
  readonly files: readonly PickedFile[];
  readonly folders: readonly PickedFolder[];
}

interface HandleItem {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
}

async function readEntries(entry: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = entry.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (batch.length === 0) return all;
    all.push(...batch);
  }
}

async function filesOfEntry(entry: FileSystemEntry, prefix: string): Promise<PickedFile[]> {
  if (entry.isFile) {
    if (prefix !== "" && !isKnownName(entry.name)) return [];
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ path: `${prefix}${entry.name}`, file }];
  }
  const inside = await readEntries(entry as FileSystemDirectoryEntry);
  const found = await Promise.all(inside.map((e) => filesOfEntry(e, `${prefix}${entry.name}/`)));
  return found.flat();
}

/**
 * What was dropped, folders read to the bottom. Handles are asked for before anything is awaited,
 * because the browser empties the list after the event.
 */
async function readDrop(transfer: DataTransfer): Promise<Dropped> {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry());
  const plain = items.map((item) => item.getAsFile());
  const handles = items.map((item) =>
    Promise.resolve((item as HandleItem).getAsFileSystemHandle?.() ?? null).catch(() => null),
  );
  const files: PickedFile[] = [];
  const folders: PickedFolder[] = [];
  for (let i = 0; i < items.length; i++) {
    const handle = await handles[i];
    const entry = entries[i];
    const file = plain[i];
    if (handle?.kind === "directory") {
      const directory = handle as FileSystemDirectoryHandle;
      const session = await sessionIn(directory);
      const inside = session === null ? await listFolder(directory) : [];
      folders.push({ name: directory.name, handle: directory, files: inside, session });
    } else if (entry?.isDirectory === true) {
      const session = await sessionAmong(await readEntries(entry as FileSystemDirectoryEntry));
      const inside = session === null ? await filesOfEntry(entry, "") : [];
      folders.push({ name: entry.name, handle: null, files: inside, session });
    } else if (file !== null)
      files.push({
        path: file.name,
        file,
        handle: handle?.kind === "file" ? (handle as FileSystemFileHandle) : null,
      });
  }
  return { files, folders };
}

/** Makes the whole window a drop target; returns the undoing. */
export function installDropTarget(handlers: {
  readonly onHover: (over: boolean) => void;
  readonly onDrop: (dropped: Dropped) => void;
  readonly onError: (error: unknown) => void;
}): () => void {
  let depth = 0;
  const carriesFiles = (event: DragEvent): boolean =>
    event.dataTransfer?.types.includes("Files") ?? false;
  const enter = (event: DragEvent): void => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    if (++depth === 1) handlers.onHover(true);
  };
  const over = (event: DragEvent): void => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    if (event.dataTransfer !== null) event.dataTransfer.dropEffect = "copy";
  };
  const leave = (event: DragEvent): void => {
    if (carriesFiles(event) && --depth <= 0) {
      depth = 0;
      handlers.onHover(false);
    }
  };
  const drop = (event: DragEvent): void => {
    if (!carriesFiles(event) || event.dataTransfer === null) return;
    event.preventDefault();
    depth = 0;
    handlers.onHover(false);
    readDrop(event.dataTransfer).then(handlers.onDrop, handlers.onError);
  };
  window.addEventListener("dragenter", enter);
  window.addEventListener("dragover", over);
  window.addEventListener("dragleave", leave);
  window.addEventListener("drop", drop);
  return () => {
    window.removeEventListener("dragenter", enter);
    window.removeEventListener("dragover", over);
    window.removeEventListener("dragleave", leave);
    window.removeEventListener("drop", drop);
  };
}
