import { isKnownName } from "./fileAccess.ts";
import type { PickedFile } from "./fileAccess.ts";

/** A folder that is looked at again and again. */
export interface FolderWatch {
  readonly name: string;
  stop(): void;
}

export interface FolderWatchOptions {
  /** New files and changed ones, by path, each when it has held still. Awaited before the next look. */
  readonly onFiles: (files: readonly PickedFile[]) => Promise<void> | void;
  /** The folder cannot be read any more; the watch has ended. */
  readonly onError: (error: unknown) => void;
  readonly everyMs?: number;
}

/** A file that was written last so long ago is taken at the first look. */
const QUIET_MS = 10_000;
/** Known files that are asked at each look whether they have changed; the others have their turn later. */
const ASKED_AGAIN = 500;

/**
 * Watches a folder and all below it: a file is reported when its size and time have held still between two
 * looks, and again when it has changed since. Looks never overlap; a slow folder is looked at less often.
 */
export function watchFolder(
  folder: FileSystemDirectoryHandle,
  { onFiles, onError, everyMs = 2000 }: FolderWatchOptions,
): FolderWatch {
  const reported = new Map<string, string>();
  const seen = new Map<string, string>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  let stopped = false;
  let turn = 0;

  const look = async (): Promise<void> => {
    const started = Date.now();
    const entries = await listEntries(folder);
    const again = [...reported.keys()];
    const turnOf = new Set(
      Array.from(
        { length: Math.min(ASKED_AGAIN, again.length) },
        () => again[turn++ % again.length],
      ),
    );
    const still: PickedFile[] = [];
    for (const [path, handle] of entries) {
      if (reported.has(path) && !turnOf.has(path)) continue;
      const file = await handle.getFile().catch((error: unknown) => {
        // Taken away between listing and opening, as temporary files are.
        if (error instanceof DOMException && error.name === "NotFoundError") return null;
        throw error;
      });
      if (file === null) continue;
      const stamp = `${file.size}/${file.lastModified}`;
      if (reported.get(path) === stamp) continue;
      const quiet = !reported.has(path) && started - file.lastModified > QUIET_MS;
      if (file.size > 0 && (quiet || seen.get(path) === stamp)) {
        reported.set(path, stamp);
        seen.delete(path);
        still.push({ path, file });
      } else seen.set(path, stamp);
    }
    for (const path of again) if (!entries.has(path)) reported.delete(path);
    still.sort((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }));
    if (still.length > 0 && !stopped) await onFiles(still);
    const took = Date.now() - started;
    if (!stopped) timer = setTimeout(run, Math.max(everyMs, 2 * took));
  };
  const run = (): void => {
    look().catch((error: unknown) => {
      if (stopped) return;
      stopped = true;
      onError(error);
    });
  };
  run();
  return {
    name: folder.name,
    stop: () => {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}

async function listEntries(
  folder: FileSystemDirectoryHandle,
  prefix = "",
  into = new Map<string, FileSystemFileHandle>(),
): Promise<ReadonlyMap<string, FileSystemFileHandle>> {
  for await (const [name, entry] of folder.entries())
    if (entry.kind === "directory") await listEntries(entry, `${prefix}${name}/`, into);
    else if (isKnownName(name)) into.set(`${prefix}${name}`, entry);
  return into;
}
