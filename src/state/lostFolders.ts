import { toFailure } from "#src/domain/errors.ts";
import { exceptionName, reach } from "#src/platform/folderAccess.ts";
import type { Reach } from "#src/platform/folderAccess.ts";
import type { ActionContext } from "./context.ts";

/** Folders that cannot be read now: the session waits for them and goes on by itself when they are back. */
export interface LostFolders {
  /** Says why a folder cannot be read, and looks for it until it can be. */
  readonly lose: (folder: FileSystemDirectoryHandle, error: unknown) => void;
  /** The same without a word: the browser has not been asked yet. */
  readonly await: (folder: FileSystemDirectoryHandle) => void;
  /** Whether movies cannot be read because a folder of theirs cannot be, which is then lost. */
  readonly anyLost: () => Promise<boolean>;
  /** Nobody waits for the folder any more; answers whether it was waited for. */
  readonly found: (folder: FileSystemDirectoryHandle) => boolean;
  readonly forgetAll: () => void;
}

/** Time between two looks for a folder that is lost. */
const LOOK_AGAIN_MS = 2000;

/** A folder without anything in it is what is left of a disk that was taken out of its place. */
function errorOf(found: Exclude<Reach, "open">): DOMException {
  return new DOMException(
    "",
    { refused: "NotAllowedError", gone: "NotFoundError", empty: "" }[found],
  );
}

export function createLostFolders(
  { store, update, log }: Pick<ActionContext, "store" | "update" | "log">,
  act: {
    readonly folders: () => readonly FileSystemDirectoryHandle[];
    /** No more looks at it; answers whether there were any. */
    readonly stop: (folder: FileSystemDirectoryHandle) => boolean;
    /** It can be read again; `watched`: its new movies were taken until it was lost. */
    readonly back: (folder: FileSystemDirectoryHandle, watched: boolean) => void;
  },
): LostFolders {
  const waiting = new Map<
    FileSystemDirectoryHandle,
    { timer: ReturnType<typeof setTimeout>; readonly watched: boolean }
  >();

  const show = (folder: FileSystemDirectoryHandle, state: "permission" | "gone"): void =>
    update("project", ({ watching }) => ({
      watching: { ...watching, state, folder: folder.name },
    }));

  const found = (folder: FileSystemDirectoryHandle): boolean => {
    const known = waiting.get(folder);
    if (known !== undefined) clearTimeout(known.timer);
    return waiting.delete(folder);
  };

  const look = async (folder: FileSystemDirectoryHandle): Promise<void> => {
    const now = await reach(folder);
    const known = waiting.get(folder);
    if (known === undefined) return;
    if (now !== "open") {
      known.timer = setTimeout(() => void look(folder), LOOK_AGAIN_MS);
      return;
    }
    waiting.delete(folder);
    log(`The folder ${folder.name} can be read again.`);
    act.back(folder, known.watched);
    // Another one may still be away.
    const [other] = waiting.keys();
    if (other !== undefined) show(other, "gone");
  };

  const wait = (folder: FileSystemDirectoryHandle, watched: boolean): void => {
    found(folder);
    const timer = setTimeout(() => void look(folder), LOOK_AGAIN_MS);
    waiting.set(folder, { timer, watched });
  };

  const lose = (folder: FileSystemDirectoryHandle, error: unknown): void => {
    if (waiting.has(folder)) return;
    const watched = act.stop(folder) || store.getState().project.watching.state === "watching";
    const done = Object.values(store.getState().project.records).filter(
      ({ steps }) => Object.keys(steps).length > 0,
    ).length;
    const kept = `${done} ${done === 1 ? "result is" : "results are"} kept.`;
    const name = exceptionName(error);
    const refused = name === "NotAllowedError" || name === "SecurityError";
    const { name: called } = folder;
    const message = refused
      ? `The folder ${called} can no longer be read: the browser's permission ended. Choose Reopen folder; ${kept} The session goes on by itself when it may be read again.`
      : name === "NotFoundError"
        ? `The folder ${called} is no longer there: it was moved, renamed or unplugged. The session waits and goes on by itself when it is back; ${kept}`
        : error instanceof DOMException && error.message === ""
          ? `The folder ${called} is empty: its disk was unplugged, or its movies were moved. The session waits and goes on by itself when they are back; ${kept}`
          : `The folder ${called} can no longer be read: ${toFailure(error).message} The session waits and goes on by itself when it can be; ${kept}`;
    log(message, { level: "error" });
    update("session", () => ({ notice: message }));
    show(folder, refused ? "permission" : "gone");
    wait(folder, watched);
  };

  return {
    lose,
    await: (folder) => {
      show(folder, "permission");
      wait(folder, true);
    },
    anyLost: async () => {
      if (waiting.size > 0) return true;
      let lost = false;
      for (const folder of act.folders()) {
        const now = await reach(folder);
        if (now === "open") continue;
        lose(folder, errorOf(now));
        lost = true;
      }
      return lost;
    },
    found,
    forgetAll: () => {
      for (const folder of [...waiting.keys()]) found(folder);
    },
  };
}
