/**
 * Bytes that do not fit into memory, in the browser's private file system: gone with the page. A browser
 * without one, or without room, answers false, and what would have been kept is given up.
 */
export interface Spill {
  write(name: string, parts: readonly Uint8Array<ArrayBuffer>[]): Promise<boolean>;
  read(name: string): Promise<ArrayBuffer | null>;
  remove(name: string): Promise<void>;
}

const PREFIX = "cryoloupe-spill-";

/** Folders of workers that are gone: each worker holds the lock of its own name while it lives. */
async function removeLeftOvers(root: FileSystemDirectoryHandle, own: string): Promise<void> {
  const { held = [] } = await navigator.locks.query();
  const alive = new Set(held.map((lock) => PREFIX + (lock.name ?? "")));
  for await (const name of root.keys())
    if (name.startsWith(PREFIX) && name !== own && !alive.has(name))
      await root.removeEntry(name, { recursive: true }).catch(() => undefined);
}

async function openFolder(owner: string): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  await removeLeftOvers(root, PREFIX + owner).catch(() => undefined);
  return await root.getDirectoryHandle(PREFIX + owner, { create: true });
}

/** @param owner name of the lock that this worker holds while it lives */
export function createSpill(owner: string): Spill {
  let folder: Promise<FileSystemDirectoryHandle> | null = null;
  const opened = (): Promise<FileSystemDirectoryHandle> => (folder ??= openFolder(owner));
  const fileName = (name: string): string => encodeURIComponent(name);
  return {
    write: async (name, parts) => {
      try {
        const file = await (await opened()).getFileHandle(fileName(name), { create: true });
        const out = await file.createWritable();
        for (const part of parts) await out.write(part);
        await out.close();
        return true;
      } catch {
        return false;
      }
    },
    read: async (name) => {
      try {
        const file = await (await opened()).getFileHandle(fileName(name));
        return await (await file.getFile()).arrayBuffer();
      } catch {
        return null;
      }
    },
    remove: async (name) => {
      if (folder === null) return;
      await (await folder).removeEntry(fileName(name)).catch(() => undefined);
    },
  };
}
