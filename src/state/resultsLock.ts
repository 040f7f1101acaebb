import { createLockJudge, readLock } from "#src/platform/foreignLock.ts";
import type { ForeignLock } from "#src/platform/foreignLock.ts";
import type { ActionContext } from "./context.ts";

/** Whether a command works in the results folder: nothing is written there while it does. */
export interface ResultsLock {
  /** Another folder, or none. */
  readonly use: (folder: FileSystemDirectoryHandle | null) => Promise<void>;
  /** Looks again if the last look is seconds old; for whoever is about to write. */
  readonly held: () => Promise<boolean>;
  /** The user says that it is not so: this command's lock no longer counts. */
  readonly override: () => Promise<void>;
}

/** A look is good for so long; while the folder is held it is looked at in this time. */
const LOOK_MS = 4000;

const nameOf = ({ process, host }: ForeignLock): string => `${process}\n${host}`;

/** "process 812 on scope3". */
function lockWords({ process, host }: ForeignLock): string {
  return `process ${process || "unknown"}${host === "" ? "" : ` on ${host}`}`;
}

/** Tells of the lock in `project.results`; `onFree`: the folder may be written to from now on. */
export function createResultsLock(
  { update, log }: Pick<ActionContext, "update" | "log">,
  onFree: () => void,
): ResultsLock {
  let folder: FileSystemDirectoryHandle | null = null;
  let judge = createLockJudge();
  let holder: ForeignLock | null = null;
  let overridden: string | null = null;
  let lookedAt = -Infinity;
  let timer: ReturnType<typeof setTimeout> | null = null;

  const tell = (place: string, lock: ForeignLock | null): void => {
    update("project", ({ results }) => ({
      results: {
        ...results,
        kind: lock === null ? ("folder" as const) : ("locked" as const),
        lockedBy: lock === null ? null : lockWords(lock),
      },
    }));
    if (lock === null) {
      log(
        `Results are written into ${place} again. What the command has added is seen when they are opened anew.`,
      );
      onFree();
    } else
      log(
        `A cryoloupe command works in ${place} (${lockWords(lock)}): nothing is written there until it has ended. If it was killed, wait some minutes or choose “Write all the same”.`,
        { level: "warning" },
      );
  };

  const look = async (): Promise<void> => {
    const of = folder;
    if (of === null) return;
    lookedAt = performance.now();
    const lock = await readLock(of);
    if (folder !== of) return;
    const holds = judge(lock, performance.now(), Date.now());
    const now = lock !== null && holds && nameOf(lock) !== overridden ? lock : null;
    const changed = (now === null) !== (holder === null);
    holder = now;
    if (timer !== null) clearTimeout(timer);
    timer = now === null ? null : setTimeout(() => void look(), LOOK_MS);
    if (changed) tell(of.name, now);
  };

  return {
    use: async (other) => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      folder = other;
      judge = createLockJudge();
      holder = null;
      overridden = null;
      await look();
    },
    held: async () => {
      if (folder !== null && performance.now() - lookedAt > LOOK_MS) await look();
      return holder !== null;
    },
    override: async () => {
      if (holder === null) return;
      overridden = nameOf(holder);
      await look();
    },
  };
}
