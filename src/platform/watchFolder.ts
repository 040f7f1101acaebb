import { resultsAmong } from "#src/domain/records/resultLayout.ts";
import { isKnownName } from "./fileAccess.ts";
import type { PickedFile } from "./fileAccess.ts";
import { entriesOf, exceptionName, fileOf } from "./folderAccess.ts";

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
  /** Files that were reported and are no longer there, and how many are. */
  readonly onGone?: (paths: readonly string[], left: number) => void;
  /** How many files were seen that have not held still yet. */
  readonly onSettling?: (files: number) => void;
  /** A folder below that is not looked into: results that are written there are no input. */
  readonly skip?: (folder: FileSystemDirectoryHandle) => Promise<boolean>;
  readonly everyMs?: number;
}

/**
 * A file that was written last so long ago is taken at the first look. Later ones have to hold still: their
 * times are those of another computer's clock, or of one that was just set.
 */
const QUIET_MS = 10_000;
/** Known files that are asked at each look whether they have changed; the others have their turn later. */
const ASKED_AGAIN = 500;
/** Files that the browser is asked for at once: each answer is waited for. */
const ASKED_AT_ONCE = 32;
/** Where the browser tells of changes, a look without any is for safety only. */
const OBSERVED_MS = 15_000;

interface FolderObserver {
  observe(folder: FileSystemDirectoryHandle, options: { recursive: boolean }): Promise<void>;
  disconnect(): void;
}

type ObserverMaker = new (onChange: () => void) => FolderObserver;

/** Calls back whenever something below the folder changes; null where the browser does not tell. */
async function observe(
  folder: FileSystemDirectoryHandle,
  onChange: () => void,
): Promise<FolderObserver | null> {
  const { FileSystemObserver: Maker } = globalThis as { FileSystemObserver?: ObserverMaker };
  if (Maker === undefined) return null;
  try {
    const observer = new Maker(onChange);
    await observer.observe(folder, { recursive: true });
    return observer;
  } catch {
    // Network drives and some systems refuse: looking now and then does.
    return null;
  }
}

/**
 * Watches a folder and all below it: a file is reported when its size and time have held still between two
 * looks of at least `everyMs`, and again when it has changed since. The time between looks is that of a
 * clock that never jumps. Looks never overlap; a slow folder is looked at less often, and rarely where the
 * browser tells of changes by itself.
 */
export function watchFolder(
  folder: FileSystemDirectoryHandle,
  { onFiles, onError, onGone, onSettling, skip, everyMs = 2000 }: FolderWatchOptions,
): FolderWatch {
  const reported = new Map<string, string>();
  const seen = new Map<string, { readonly stamp: string; readonly at: number }>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  let observer: FolderObserver | null = null;
  let stopped = false;
  let looking = false;
  let lookedOnce = false;
  let changed = false;
  let turn = 0;

  const look = async (): Promise<void> => {
    const started = performance.now();
    changed = false;
    const first = !lookedOnce;
    lookedOnce = true;
    const entries = await listEntries(folder, skip);
    const again = [...reported.keys()];
    const turnOf = new Set(
      Array.from(
        { length: Math.min(ASKED_AGAIN, again.length) },
        () => again[turn++ % again.length],
      ),
    );
    const still: PickedFile[] = [];
    const asked = [...entries].filter(([path]) => !reported.has(path) || turnOf.has(path));
    for await (const [path, file] of filesOf(asked)) {
      if (stopped) return;
      if (file === null) continue;
      const stamp = `${file.size}/${file.lastModified}`;
      if (reported.get(path) === stamp) continue;
      const before = seen.get(path);
      const quiet = first && Date.now() - file.lastModified > QUIET_MS;
      // An empty file is most likely about to be written; one that stays so is a failure to be told.
      const rest = file.size > 0 ? 0.9 : 9.9;
      const held = before?.stamp === stamp && started - before.at >= rest * everyMs;
      if (quiet || held) {
        reported.set(path, stamp);
        seen.delete(path);
        still.push({ path, file });
      } else if (before?.stamp !== stamp) seen.set(path, { stamp, at: started });
    }
    for (const path of [...seen.keys()]) if (!entries.has(path)) seen.delete(path);
    const gone = again.filter((path) => !entries.has(path));
    for (const path of gone) reported.delete(path);
    still.sort((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }));
    if (stopped) return;
    const took = performance.now() - started;
    onSettling?.(seen.size);
    if (gone.length > 0) onGone?.(gone, entries.size);
    // Whoever was told may have ended the watch.
    if (isStopped()) return;
    if (still.length > 0) await onFiles(still);
    // What is done with thousands of files at the first look does not delay the next.
    // The first look asks for every file, later ones for new ones and some of the known.
    plan(first ? 0 : took);
  };
  const isStopped = (): boolean => stopped;
  const plan = (took: number): void => {
    if (stopped) return;
    const busy = observer === null || changed || seen.size > 0;
    timer = setTimeout(run, busy ? Math.max(everyMs, 2 * took) : OBSERVED_MS);
  };
  const run = (): void => {
    timer = null;
    looking = true;
    look()
      .catch((error: unknown) => {
        if (stopped) return;
        stop();
        onError(error);
      })
      .finally(() => {
        looking = false;
      });
  };
  const stop = (): void => {
    stopped = true;
    if (timer !== null) clearTimeout(timer);
    observer?.disconnect();
  };
  void observe(folder, () => {
    changed = true;
    if (stopped || looking || timer === null) return;
    clearTimeout(timer);
    timer = setTimeout(run, everyMs / 4);
  }).then((made) => {
    if (stopped) made?.disconnect();
    else observer = made;
  });
  run();
  return { name: folder.name, stop };
}

/** Files behind handles, in order, some asked for at once; null = it cannot be read at this moment. */
async function* filesOf(
  entries: readonly (readonly [path: string, handle: FileSystemFileHandle])[],
): AsyncGenerator<readonly [path: string, file: File | null]> {
  for (let i = 0; i < entries.length; i += ASKED_AT_ONCE)
    yield* await Promise.all(
      entries.slice(i, i + ASKED_AT_ONCE).map(async ([path, handle]) => {
        try {
          return [path, await fileOf(handle)] as const;
        } catch (error) {
          // Taken away or written to between listing and opening: the next look tells.
          const name = exceptionName(error);
          if (name === "NotFoundError" || name === "NotReadableError") return [path, null] as const;
          throw error;
        }
      }),
    );
}

async function listEntries(
  folder: FileSystemDirectoryHandle,
  skip: FolderWatchOptions["skip"],
  prefix = "",
  into = new Map<string, FileSystemFileHandle>(),
): Promise<ReadonlyMap<string, FileSystemFileHandle>> {
  const entries = [...(await entriesOf(folder))];
  // A session's input is no results, whichever session wrote them.
  const isResult = skip === undefined ? () => false : resultsAmong(entries.map(([name]) => name));
  for (const [name, entry] of entries)
    if (isResult(name)) continue;
    else if (entry.kind === "directory") {
      const below = entry as FileSystemDirectoryHandle;
      if ((await skip?.(below)) !== true) await listEntries(below, skip, `${prefix}${name}/`, into);
    } else if (isKnownName(name)) into.set(`${prefix}${name}`, entry as FileSystemFileHandle);
  return into;
}
