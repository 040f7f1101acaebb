import type { PickedFile } from "./fileAccess.ts";

/** In the page's own storage: gain references that sessions have estimated, a folder for each session. */
const REFERENCES = "cryoloupe-references";

async function folderOf(session: string): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  const all = await root.getDirectoryHandle(REFERENCES, { create: true });
  return await all.getDirectoryHandle(session, { create: true });
}

/**
 * Keeps a reference in the browser's own storage, so that the next visit finds it; where that has no room, or
 * the session is not kept, it is a file of this visit only (no handle).
 */
export async function keepReference(
  session: string | null,
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<PickedFile> {
  if (session !== null)
    try {
      // A folder for each: another estimate of the same name does not change this file.
      const folder = await folderOf(session);
      const own = await folder.getDirectoryHandle(String(Date.now()), { create: true });
      const handle = await own.getFileHandle(name, { create: true });
      const out = await handle.createWritable();
      await out.write(bytes);
      await out.close();
      return { path: name, file: await handle.getFile(), handle };
    } catch {
      // No room or no such storage: this visit has it all the same.
    }
  return { path: name, file: new File([bytes], name), handle: null };
}

/** Gives up what is kept of a session. */
export async function forgetReferences(session: string): Promise<void> {
  try {
    const root = await navigator.storage.getDirectory();
    const all = await root.getDirectoryHandle(REFERENCES);
    await all.removeEntry(session, { recursive: true });
  } catch {
    // There is nothing of it.
  }
}
