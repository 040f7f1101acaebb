import type { PickedFile } from "#src/platform/fileAccess.ts";
import type { ActionContext } from "./context.ts";
import { moviesAreMissing } from "./openResults.ts";
import { initialOrientation } from "./orientationSlice.ts";
import { initialProject } from "./projectSlice.ts";
import type { SessionKeeper } from "./sessionKeeper.ts";
import { applySettings, settingsOf } from "./sessionSettings.ts";
import { identityOf } from "./sessionSlice.ts";

/**
 * A session that a reload took up stands behind the start page as long as none of its files can be read.
 * What is opened there then, and is not of it, begins a session of its own: it must not get the other's
 * reference, pose or results.
 */
export interface LeaveSession {
  /** Single files were opened; none = data that are made here. */
  readonly beforeFiles: (files: readonly PickedFile[]) => void;
  readonly beforeFolder: (folder: FileSystemDirectoryHandle) => Promise<void>;
  /** The start page, by the user's wish: a page that starts anew holds nothing of the session before. */
  readonly toStart: () => Promise<void>;
}

export function createLeaveSession(
  { store, update, log }: Pick<ActionContext, "store" | "update" | "log">,
  keeper: Pick<SessionKeeper, "row" | "end" | "flush">,
  /** Gives up locks, watches and what the tab remembers. */
  release: () => void,
): LeaveSession {
  const untouched = settingsOf(store.getState());

  const isBehindStart = (): boolean => {
    const { project, session } = store.getState();
    return (
      project.id !== null &&
      session.files.length === 0 &&
      !moviesAreMissing({ project, session }) &&
      (project.watching.state === "off" || project.watching.state === "permission") &&
      (project.results.kind === "none" || project.results.kind === "permission")
    );
  };

  const leave = (): void => {
    const { name } = store.getState().project;
    release();
    keeper.end();
    update("project", ({ stored }) => ({ ...initialProject, stored }));
    applySettings({ store, update }, untouched);
    update("orientation", () => initialOrientation);
    update("session", () => ({ name: "", notice: null }));
    // The left session may have shown its table.
    update("view", ({ workspace, before }) =>
      workspace === "overview" ? { workspace: before } : {},
    );
    log(`A new session begins; ${name} is kept and can be continued from the start page.`);
  };

  return {
    beforeFiles: (files) => {
      if (!isBehindStart()) return;
      const { records } = store.getState().project;
      const own = new Set([
        ...Object.keys(records),
        ...(keeper.row()?.files ?? []).map(({ id }) => id),
      ]);
      const isOwn = ({ path, file }: PickedFile): boolean =>
        own.has(identityOf({ path, size: file.size, lastModified: file.lastModified }));
      if (!files.some(isOwn)) leave();
    },
    beforeFolder: async (folder) => {
      if (!isBehindStart()) return;
      const folders = keeper.row()?.folders ?? [];
      const same = await Promise.all(folders.map((f) => f.isSameEntry(folder).catch(() => false)));
      if (!same.includes(true) && isBehindStart()) leave();
    },
    toStart: async () => {
      await keeper.flush();
      release();
      location.reload();
    },
  };
}
