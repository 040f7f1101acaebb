import { makeZip } from "client-zip";
import { CryoloupeError } from "#src/domain/errors.ts";
import { saveBlob } from "./fileAccess.ts";
import { exceptionName } from "./folderAccess.ts";
import { described, folderSink } from "./resultsOut.ts";
import type { ResultContent, ResultsSink } from "./resultsOut.ts";

/** In the page's own storage: results that wait for their zip, a folder for each session. */
const WAITING = "cryoloupe-waiting";
/** Beside those of sessions: files of single batches. */
const BATCHES = "batches";
/** In the page's own storage: zips that the browser copies into its downloads. */
const HANDED_OUT = "cryoloupe-zips";
/** So long may the browser take to copy a zip, or a batch to be made, ms. */
const [COPIED_WITHIN, MADE_WITHIN] = [3_600_000, 86_400_000];

/** Files that wait until they are asked for as one zip. */
export interface ZipSink extends ResultsSink {
  /** Paths of the files that wait, those of earlier visits too. */
  names(): Promise<readonly string[]>;
  /** Streams the zip to a place that the user chooses, or into the downloads. */
  save(): Promise<void>;
}

interface SavePicker {
  readonly showSaveFilePicker?: (options: {
    suggestedName: string;
  }) => Promise<FileSystemFileHandle>;
}

/** A folder of the page's own storage; null where the browser has none that this page can write. */
async function ownFolder(...names: readonly string[]): Promise<FileSystemDirectoryHandle | null> {
  if (typeof FileSystemFileHandle === "undefined") return null;
  if (!("createWritable" in FileSystemFileHandle.prototype)) return null;
  try {
    let folder = await navigator.storage.getDirectory();
    for (const name of names) folder = await folder.getDirectoryHandle(name, { create: true });
    return folder;
  } catch {
    return null;
  }
}

/** Where results of a session wait for their zip; null = they have to wait in memory. */
export const waitingFolder = (session: string): Promise<FileSystemDirectoryHandle | null> =>
  ownFolder(WAITING, session);

/** Results that waited are no longer wanted. */
export async function forgetWaiting(session: string): Promise<void> {
  const folder = await ownFolder(WAITING);
  await folder?.removeEntry(session, { recursive: true }).catch(() => undefined);
}

/** Paths of all files below a folder. */
async function* filesBelow(
  folder: FileSystemDirectoryHandle,
  prefix = "",
): AsyncGenerator<readonly [path: string, handle: FileSystemFileHandle]> {
  for await (const [name, entry] of folder.entries())
    if (entry.kind === "directory") yield* filesBelow(entry, `${prefix}${name}/`);
    // What was being written when the page was killed is no result.
    else if (!name.endsWith(".part") && !name.endsWith(".crswap"))
      yield [`${prefix}${name}`, entry];
}

/** Files of a folder as the parts of a zip: each is opened when its turn has come, none is held in memory. */
async function* zipParts(folder: FileSystemDirectoryHandle): AsyncGenerator<ZipPart> {
  for await (const [name, handle] of filesBelow(folder)) {
    const input = await handle.getFile();
    yield { name, input, lastModified: new Date(input.lastModified) };
  }
}

/**
 * Gives a zip to the browser's downloads by way of a file of the page's own storage, from which the browser copies
 * it: memory never holds more than a piece, the disk holds it twice for a while. Without such storage it is gathered.
 */
export async function handOut(name: string, zip: ReadableStream): Promise<void> {
  const folder = await ownFolder(HANDED_OUT);
  if (folder === null) {
    saveBlob(name, await new Response(zip).blob());
    return;
  }
  await removeOlder(folder, COPIED_WITHIN);
  const own = `${Date.now()}-${Math.random().toString(36).slice(2)}.zip`;
  try {
    const handle = await folder.getFileHandle(own, { create: true });
    await zip.pipeTo(await handle.createWritable());
    saveBlob(name, await handle.getFile());
  } catch (error) {
    await folder.removeEntry(own).catch(() => undefined);
    if (exceptionName(error) !== "QuotaExceededError") throw error;
    throw new CryoloupeError(
      "disk-full",
      `${name} could not be made: beside the results that wait it needs as much room again, and the browser has no more. Free some disk space, or use Chrome or Edge, which write it straight to its place; the results wait.`,
      { file: name, cause: error },
    );
  }
}

/** Removes what earlier visits left, by the time that its name begins with. */
async function removeOlder(folder: FileSystemDirectoryHandle, age: number): Promise<void> {
  const now = Date.now();
  for await (const name of folder.keys()) {
    const made = Number.parseInt(name.replace(/^\D*/, ""), 10);
    if (made > 0 && now - made > age)
      await folder.removeEntry(name, { recursive: true }).catch(() => undefined);
  }
}

type ZipPart = { readonly name: string; readonly input: Blob; readonly lastModified: Date };

/** Where files wait: how they are written, what is there, and how they become parts of a zip. */
interface Waiting {
  readonly sink: ResultsSink;
  readonly names: () => Promise<readonly string[]>;
  readonly parts: () => AsyncIterable<ZipPart> | Iterable<ZipPart>;
}

function inFolder(folder: FileSystemDirectoryHandle): Waiting {
  return {
    sink: folderSink(folder),
    names: async () => {
      const found: string[] = [];
      for await (const [path] of filesBelow(folder)) found.push(path);
      return found;
    },
    parts: () => zipParts(folder),
  };
}

/** In memory: where the browser gives a page no storage of its own. */
function inMemory(name: string): Waiting {
  const held = new Map<string, Blob>();
  return {
    sink: {
      name,
      exists: () => Promise.resolve(false),
      read: (path) => {
        const blob = held.get(path);
        return Promise.resolve(
          blob === undefined ? null : new File([blob], path.slice(path.lastIndexOf("/") + 1)),
        );
      },
      write: (path, content) => {
        held.set(path, new Blob([content]));
        return Promise.resolve();
      },
    },
    names: () => Promise.resolve([...held.keys()]),
    parts: () =>
      [...held].map(([path, input]) => ({ name: path, input, lastModified: new Date() })),
  };
}

/**
 * Gathers results for a zip of that name in a folder of the page's own storage, where they are found again after a
 * reload; in memory where `folder` is null.
 */
export function zipSink(name: string, folder: FileSystemDirectoryHandle | null): ZipSink {
  const { sink, names, parts } = folder === null ? inMemory(name) : inFolder(folder);
  const zip = (): ReadableStream => makeZip(parts());
  return {
    ...sink,
    name,
    names,
    save: async () => {
      const picker = globalThis as SavePicker;
      if (picker.showSaveFilePicker === undefined) {
        await handOut(name, zip());
        return;
      }
      try {
        const file = await picker.showSaveFilePicker({ suggestedName: name });
        await zip().pipeTo(await file.createWritable());
      } catch (error) {
        if (exceptionName(error) === "AbortError") return;
        throw described(error, name, "the place chosen");
      }
    },
  };
}

/** The zip of one batch, in the browser's downloads when it is finished. */
export interface BatchZip {
  write(name: string, content: ResultContent): Promise<void>;
  finish(): Promise<void>;
}

export function batchZip(name: string): BatchZip {
  const own = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  let waiting: Promise<Waiting> | null = null;
  const begin = async (): Promise<Waiting> => {
    const batches = await ownFolder(WAITING, BATCHES);
    if (batches !== null) await removeOlder(batches, MADE_WITHIN);
    const folder = await ownFolder(WAITING, BATCHES, own);
    return folder === null ? inMemory(name) : inFolder(folder);
  };
  return {
    write: async (path, content) => {
      waiting ??= begin();
      await (await waiting).sink.write(path, content);
    },
    finish: async () => {
      if (waiting === null) return;
      await handOut(name, makeZip((await waiting).parts()));
      waiting = null;
      const batches = await ownFolder(WAITING, BATCHES);
      await batches?.removeEntry(own, { recursive: true }).catch(() => undefined);
    },
  };
}
