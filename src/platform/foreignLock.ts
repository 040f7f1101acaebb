import { fileOf } from "./folderAccess.ts";

/** A `cryoloupe session` that says it works in a results folder (docs/adr/0120). */
export interface ForeignLock {
  readonly process: string;
  /** Its computer; "" = not told. */
  readonly host: string;
  /** Its last sign of life, ms since 1970 by the clock of the folder's disk. */
  readonly at: number;
}

/** Name of the command's lock: process and computer on a line each, written anew every 30 s. */
export const LOCK_FILE = "session.lock";
/** So long without a sign of life, and it has been killed: five beats, as the command has it. */
export const DEAD_MS = 150_000;
/** Clocks of two computers differ by minutes; a lock that is older than this is left over. */
export const OLD_MS = 3_600_000;

/** The lock of a folder as it is now; null = there is none. */
export async function readLock(folder: FileSystemDirectoryHandle): Promise<ForeignLock | null> {
  try {
    const file = await fileOf(await folder.getFileHandle(LOCK_FILE));
    const [process, host = ""] = (await file.text()).split("\n");
    return { process, host, at: file.lastModified };
  } catch {
    // Removed meanwhile, or a folder that cannot be read: writing tells.
    return null;
  }
}

/**
 * Judges a lock by what is seen of it over time, since the clock of the disk may be another: it holds for
 * as long as it changes, and for {@link DEAD_MS} after it was first seen or has changed last.
 * @returns for each look whether it holds; `now` is of a clock that never jumps, `clock` the time of day, both ms
 */
export function createLockJudge(): (
  lock: ForeignLock | null,
  now: number,
  clock: number,
) => boolean {
  let seen: { readonly at: number; readonly since: number; readonly beats: boolean } | null = null;
  return (lock, now, clock) => {
    if (lock === null) {
      seen = null;
      return false;
    }
    if (seen?.at !== lock.at) seen = { at: lock.at, since: now, beats: seen !== null };
    if (!seen.beats && clock - lock.at > OLD_MS) return false;
    return now - seen.since < DEAD_MS;
  };
}
