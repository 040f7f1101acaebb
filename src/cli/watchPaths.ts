import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { CryoloupeError } from "#src/domain/errors.ts";
import { resultsAmong } from "#src/domain/records/resultLayout.ts";
import type { CommandContext, OptionSpec } from "./command.ts";

/** Options of commands that follow files as they come. */
export const watchOptions: readonly OptionSpec[] = [
  {
    name: "watch",
    help: "Take what comes into the folders too, until the stream is closed: by Enter, or by --idle.",
  },
  {
    name: "idle",
    value: "S",
    help: "With --watch: close the stream when nothing new has come for S seconds.",
    fallback: "wait for Enter",
  },
  {
    name: "every",
    value: "S",
    help: "With --watch: look for new files every S seconds.",
    fallback: "2",
  },
];

/** What is looked for. */
export interface PathWishes {
  /** Files of a folder that count, by name; files given by themselves always do. */
  readonly wanted: RegExp;
  /** A folder that is passed over: where results go. */
  readonly except?: string;
  /** Results of sessions are passed over, whichever session wrote them. */
  readonly noResults?: boolean;
  /** Told of a folder within the operands that could not be opened, at every look. */
  readonly passedOver?: (folder: string, reason: string) => void;
  /** Files to be followed beside the operands, asked for at every look; they need not be there yet. */
  readonly also?: () => Promise<readonly string[]>;
}

/** A file with what tells that it has changed. */
interface Found {
  readonly path: string;
  readonly stamp: string;
  readonly bytes: number;
}

/** Files given and files of the folders given, to the bottom, in natural order within each folder. */
export async function listPaths(
  operands: readonly string[],
  wishes: PathWishes,
): Promise<readonly string[]> {
  return (await findFiles(operands, wishes)).map(({ path }) => path);
}

async function findFiles(
  operands: readonly string[],
  wishes: PathWishes,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const operand of operands) {
    const facts = await stat(operand).catch((error: unknown) => notOpened(operand, error));
    if (facts.isDirectory()) {
      const entries = await entriesOf(operand).catch((error: unknown) => notOpened(operand, error));
      const real = await realpath(operand).catch((error: unknown) => notOpened(operand, error));
      await addFolder(operand, entries, wishes, found, [real]);
    } else
      found.push({ path: operand, stamp: `${facts.size}/${facts.mtimeMs}`, bytes: facts.size });
  }
  return found;
}

function notOpened(path: string, error: unknown): never {
  throw new CryoloupeError("permission-denied", `${path} could not be opened: ${wordsOf(error)}.`, {
    file: path,
    cause: error,
  });
}

const wordsOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

async function addFolder(
  folder: string,
  entries: readonly Dirent[],
  wishes: PathWishes,
  into: Found[],
  /** Real paths of the folders that links have led to, from the operand on. */
  way: readonly string[],
): Promise<void> {
  if (wishes.except !== undefined && isWithin(folder, wishes.except)) return;
  const isResult =
    wishes.noResults === true ? resultsAmong(entries.map(({ name }) => name)) : () => false;
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(".") || isResult(entry.name)) continue;
    const linked = entry.isSymbolicLink() ? await folderOfLink(path, way) : null;
    if (entry.isDirectory() || linked !== null) {
      // One folder that nobody may open (a disk's "lost+found"), or that is gone again, hides no other.
      const inner = await entriesOf(path).catch((error: unknown) => {
        wishes.passedOver?.(path, wordsOf(error));
        return [];
      });
      await addFolder(path, inner, wishes, into, linked === null ? way : [...way, linked]);
    } else if (wishes.wanted.test(entry.name)) await addFile(path, into);
  }
}

/** Real path of the folder that a link leads to; null = to none, or to one that the way here came through. */
async function folderOfLink(link: string, way: readonly string[]): Promise<string | null> {
  try {
    const target = await realpath(link);
    const circle = [...way, await realpath(dirname(link))].some((path) => isWithin(path, target));
    // What is below the operand is found by its own path.
    if (circle || isWithin(target, way[0])) return null;
    return (await stat(target)).isDirectory() ? target : null;
  } catch {
    return null;
  }
}

/** A file that may be gone again, or not there yet. */
async function addFile(path: string, into: Found[]): Promise<void> {
  const facts = await stat(path).catch(() => null);
  if (facts?.isFile() === true)
    into.push({ path, stamp: `${facts.size}/${facts.mtimeMs}`, bytes: facts.size });
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(resolve(folder), resolve(path));
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`));
}

function seconds(context: CommandContext, name: string, fallback: number): number {
  const value = context.number(name) ?? fallback;
  if (!(value > 0))
    throw new CryoloupeError("bad-arguments", `--${name} needs seconds above 0, not ${value}.`);
  return value;
}

/** Files as they come: new ones and changed ones, each when it has held still between two looks. */
export interface PathStream {
  /** Ends when the stream is closed; rejects when the command is cancelled. */
  readonly batches: AsyncIterable<readonly string[]>;
  /** Ends the stream at the next look, without another file. */
  stop(): void;
}

/**
 * Watches files and folders. Closed by Enter at a terminal or after `--idle` seconds without news; what has
 * held still by then is still given. Operands that vanish while they are watched, as a share does whose
 * server is started anew, are waited for; a file that was away is given again when it is back, because what
 * was done with it meanwhile has failed.
 */
export function watchPaths(context: CommandContext, wishes: PathWishes): PathStream {
  const idleMs = 1000 * seconds(context, "idle", Infinity);
  const everyMs = 1000 * seconds(context, "every", 2);
  const { files, signal, say } = context;
  let closed = false;
  let stopped = false;
  let wake = (): void => undefined;
  const pause = (): Promise<void> =>
    new Promise((done) => {
      const timer = setTimeout(done, everyMs);
      wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  const close = (): void => {
    closed = true;
    wake();
  };
  async function* batches(): AsyncGenerator<readonly string[]> {
    // By a clock that never jumps: a wrong time set right in between must not close the stream.
    const reported = new Map<string, string>();
    let before = new Map<string, string>();
    let news = performance.now();
    let changes = "";
    let away = "";
    const look = async (): Promise<Found[]> => {
      try {
        const found = [...(await findFiles(files, wishes))];
        if (away !== "") say(`${files.join(", ")}: there again.`);
        away = "";
        return found;
      } catch (error) {
        // At the first look it is a mistake of the command line.
        if (!looked || !(error instanceof CryoloupeError)) throw error;
        if (away !== error.message) say(`${error.message} It is waited for.`);
        away = error.message;
        return [];
      }
    };
    let looked = false;
    const keyboard = process.stdin.isTTY ? process.stdin : null;
    keyboard?.once("data", close).unref();
    signal.addEventListener("abort", close, { once: true });
    say(
      `Watching ${files.join(", ")}${keyboard === null ? "" : "; Enter closes the stream"}${Number.isFinite(idleMs) ? `; ends ${idleMs / 1000} s after the last file` : ""}.`,
    );
    try {
      for (;;) {
        // What is there when the stream closes is looked at once more, so that it can have held still.
        const last = closed;
        const found = await look();
        looked = true;
        const listed = new Set(found.map(({ path }) => resolve(path)));
        for (const path of (await wishes.also?.()) ?? [])
          if (!listed.has(resolve(path))) await addFile(path, found);
        const now = new Map(found.map(({ path, stamp }) => [path, stamp]));
        const still = found.filter(
          ({ path, stamp, bytes }) =>
            bytes > 0 && before.get(path) === stamp && reported.get(path) !== stamp,
        );
        const state = JSON.stringify([...now]);
        if (state !== changes) news = performance.now();
        changes = state;
        before = now;
        for (const path of reported.keys()) if (!now.has(path)) reported.delete(path);
        for (const { path, stamp } of still) reported.set(path, stamp);
        throwIfAborted(signal);
        if (still.length > 0) {
          yield still.map(({ path }) => path);
          news = performance.now();
        }
        if (last || stopped) return;
        if (performance.now() - news > idleMs) closed = true;
        await pause();
        throwIfAborted(signal);
        if (stopped) return;
      }
    } finally {
      keyboard?.removeListener("data", close);
      keyboard?.pause();
      signal.removeEventListener("abort", close);
    }
  }
  return {
    batches: batches(),
    stop: () => {
      stopped = true;
      wake();
    },
  };
}

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new CryoloupeError("cancelled", "Watching was cancelled.");
}
