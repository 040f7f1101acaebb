import type { SessionFile } from "#src/domain/session.ts";
import type { Dropped } from "#src/platform/dropTarget.ts";
import type { PickedFile } from "#src/platform/fileAccess.ts";
import { askToUse, mayUse } from "#src/platform/folderAccess.ts";
import { watchFolder } from "#src/platform/watchFolder.ts";
import type { FolderWatch } from "#src/platform/watchFolder.ts";
import { forgetWaiting } from "#src/platform/zipOut.ts";
import { createAttempt } from "./attempt.ts";
import type { ActionContext } from "./context.ts";
import { createSessionClaim } from "./sessionClaim.ts";
import type { SessionKeeper } from "./sessionKeeper.ts";
import type { SessionResults } from "./sessionResults.ts";
import { createLeaveSession } from "./leaveSession.ts";
import { createLooseFiles } from "./looseFiles.ts";
import { createLostFolders } from "./lostFolders.ts";
import {
  adoptCopies,
  createOpenResults,
  isCopy,
  moviesAreMissing,
  takeSessions,
} from "./openResults.ts";
import type { OpenResultsActions } from "./openResults.ts";
import { createMoviesLeave } from "./moviesLeave.ts";
import { identityOf } from "./sessionSlice.ts";
import type { SessionActions } from "./sessionState.ts";
import { applySettings } from "./sessionSettings.ts";
import type { SessionSettings } from "./sessionSettings.ts";

/** Remembers for this tab which session it works on, so that a reload goes on with it. */
const TAB_KEY = "cryoloupe.session";

export interface SessionDoorActions extends OpenResultsActions {
  /** The folder gets no more movies: it is no longer watched. */
  readonly closeStream: () => void;
  /** Watches the folder again after it was closed, or after the browser was asked. */
  readonly reopenFolder: () => Promise<void>;
  /** Opens the files of an earlier visit again, after the browser was asked. */
  readonly reopenFiles: () => Promise<void>;
  readonly openStoredSession: (id: string) => Promise<void>;
  readonly deleteStoredSession: (id: string) => Promise<void>;
  /** Back to the start page; the session is kept and can be continued from there. */
  readonly leaveSession: () => Promise<void>;
  /** Takes the session over from the tab that works on it. */
  readonly takeOver: () => Promise<void>;
}

export interface SessionDoor {
  readonly actions: SessionDoorActions;
  readonly onFolder: (
    folder: FileSystemDirectoryHandle,
    how: "picked" | "dropped",
  ) => Promise<void>;
  /** Files have come by themselves; those with handles are opened again on the next visit. */
  readonly onFiles: (files: readonly PickedFile[]) => void;
  /** Opens what was dropped and is a session, as the buttons do; answers the rest. */
  readonly onSessions: (dropped: Dropped) => Promise<Dropped>;
  /** Movies have come and no session is open: it begins. */
  readonly onMovies: (files: readonly SessionFile[]) => void;
  /** Whether movies cannot be read because their folder cannot be; the session then waits for it. */
  readonly anyLost: () => Promise<boolean>;
  /** Goes on with the session that this tab had open. */
  readonly continueTab: () => Promise<void>;
}

/** Opens, watches, stores and closes sessions: everything that concerns whole sessions. */
export function createSessionDoor(
  context: ActionContext,
  keeper: SessionKeeper,
  session: () => Pick<SessionActions, "openPicked" | "removeFile" | "renew">,
  results: Pick<SessionResults, "isResultFolder" | "reopen" | "catchUp"> & {
    /** Gives up the pictures that the browser keeps of a session. */
    readonly forgetPictures: (id: string) => Promise<void>;
  },
): SessionDoor {
  const { store, update, log } = context;
  const { outdate, forget } = createMoviesLeave(context, (id) => session().removeFile(id));
  const watches = new Map<FileSystemDirectoryHandle, FolderWatch>();
  const loose = createLooseFiles({ store, update, log }, keeper, {
    open: (files, name) => session().openPicked(files, name),
    outdate,
  });
  const { claim, release } = createSessionClaim({ update, log }, () => stopWatching());

  const begin = async (
    name: string,
    folders: readonly FileSystemDirectoryHandle[],
  ): Promise<void> => {
    const id = crypto.randomUUID();
    update("project", () => ({ id, name }));
    sessionStorage.setItem(TAB_KEY, id);
    await claim(id);
    keeper.begin({ id, created: Date.now(), folders, files: loose.known(), results: null }, {});
    await navigator.storage.persist().catch(() => false);
  };

  /** Names of files in the second folder and on begin with that folder's name. */
  const prefixOf = (folder: FileSystemDirectoryHandle): string => {
    const [first] = keeper.row()?.folders ?? [];
    return first === undefined || first === folder ? "" : `${folder.name}/`;
  };

  const watch = (folder: FileSystemDirectoryHandle): void => {
    watches.get(folder)?.stop();
    if (lost.found(folder)) returned.add(folder);
    const prefix = prefixOf(folder);
    update("project", ({ watching }) => ({
      watching: {
        ...watching,
        state: "watching" as const,
        folder: folder.name,
        since: watching.since ?? Date.now(),
      },
    }));
    watches.set(
      folder,
      watchFolder(folder, {
        onFiles: (files) =>
          take(
            files.map(({ path, file }) => ({ path: `${prefix}${path}`, file })),
            folder,
          ),
        onGone: (paths, left) => {
          const gone = paths.map((path) => `${prefix}${path}`);
          // Movies that were to be worked on do not all leave at once, but with their disk.
          if (left === 0 && gone.length > 1 && isDue(gone)) lost.lose(folder, new DOMException());
          else forget(gone);
        },
        onSettling: (settling) => {
          if (store.getState().project.watching.settling !== settling)
            update("project", ({ watching }) => ({ watching: { ...watching, settling } }));
        },
        onError: (error) => lost.lose(folder, error),
        skip: results.isResultFolder,
        everyMs: LOOK_MS,
      }),
    );
  };

  /** New files join; one of a known path takes the place of its older self. */
  const take = async (
    files: readonly PickedFile[],
    folder: FileSystemDirectoryHandle,
  ): Promise<void> => {
    if (returned.delete(folder)) await session().renew(files);
    const { session: opened, project } = store.getState();
    const open = new Set(opened.files.map(({ id }) => id));
    // Movies of an earlier visit are known by their records; single files may have the same name.
    const single = new Set(keeper.row()?.files?.map(({ id }) => id));
    const known = new Map(
      [...Object.values(project.records).filter(({ id }) => !single.has(id)), ...opened.files].map(
        ({ path, id }) => [path, id],
      ),
    );
    const copies: { older: string; id: string; lastModified: number }[] = [];
    const fresh: PickedFile[] = [];
    for (const picked of files) {
      const { path, file } = picked;
      const { size, lastModified } = file;
      const older = known.get(path);
      const id = identityOf({ path, size, lastModified });
      if (!open.has(id)) fresh.push(picked);
      if (older === undefined || older === id) continue;
      const imported = keeper.row()?.imported === true;
      if (!open.has(older) && (await isCopy(project.records[older], file, imported)))
        copies.push({ older, id, lastModified });
      else outdate(older, path);
    }
    await adoptCopies(context, keeper, copies);
    if (fresh.length === 0) return;
    update("project", ({ watching }) => ({ watching: { ...watching, lastNew: Date.now() } }));
    // Movies of an earlier visit keep nobody waiting: new ones are looked for, and opened, meanwhile.
    const visits = fresh.map(visitsOf);
    const join = async (wanted: number): Promise<void> => {
      const some = fresh.filter((_, i) => visits[i] === wanted);
      if (some.length > 0) await session().openPicked(some, folder.name, true);
    };
    await join(0);
    void join(1).then(() => join(2));
  };

  /** 0 = a file that comes for the first time; a movie that was read on an earlier visit: 1, with results: 2. */
  const visitsOf = ({ path, file: { size, lastModified } }: PickedFile): number => {
    const record = store.getState().project.records[identityOf({ path, size, lastModified })];
    return record?.image == null ? 0 : Object.keys(record.steps).length === 0 ? 1 : 2;
  };

  /** Whether something is still to be done with a movie of these paths. */
  const isDue = (paths: readonly string[]): boolean => {
    const of = new Set(paths);
    return Object.values(store.getState().project.records).some(
      ({ path, steps }) => of.has(path) && Object.keys(steps).length === 0,
    );
  };

  /** Folders that were lost and are back: their files are read anew where they are open. */
  const returned = new Set<FileSystemDirectoryHandle>();
  const lost = createLostFolders(context, {
    folders: () => (store.getState().project.access === "own" ? (keeper.row()?.folders ?? []) : []),
    stop: (folder) => {
      const known = watches.get(folder);
      known?.stop();
      watches.delete(folder);
      return known !== undefined;
    },
    back: (folder, watched) => {
      if (watched) {
        returned.add(folder);
        watch(folder);
      } else
        update("project", ({ watching }) => ({
          watching: { ...watching, state: "closed" as const },
        }));
      update("session", () => ({ notice: null }));
      void attempt(results.catchUp);
    },
  });

  const stopWatching = (): void => {
    for (const one of watches.values()) one.stop();
    watches.clear();
    lost.forgetAll();
  };

  /** Without its movies a session is a table and trends. */
  const showOverview = (): void =>
    update("view", ({ workspace, before }) => ({
      workspace: "overview" as const,
      before: workspace === "overview" ? before : workspace,
    }));

  /** Shows a stored session, and goes on with it where this tab may and the browser lets it. */
  const show = async (id: string, ask: boolean): Promise<boolean> => {
    const loaded = await keeper.db.load(id);
    if (loaded === null) return false;
    const { row, records } = loaded;
    sessionStorage.setItem(TAB_KEY, id);
    const own = await claim(id);
    applySettings({ store, update }, row.settings as Partial<SessionSettings> | null);
    update("project", () => ({
      id,
      name: row.name,
      records: Object.fromEntries(records.map((record) => [record.id, record])),
      order: records.map((record) => record.id),
    }));
    update("session", () => ({ name: row.name }));
    if (row.imported === true) showOverview();
    keeper.begin(row, store.getState().project.records);
    if (own) {
      await results.reopen(row.results, ask);
      await watchAll(row.folders, ask);
      await loose.reopen(ask);
    }
    if (records.length > 0 && moviesAreMissing(store.getState())) showOverview();
    return true;
  };

  const watchAll = async (
    folders: readonly FileSystemDirectoryHandle[],
    ask: boolean,
  ): Promise<void> => {
    for (const folder of folders) {
      const allowed = ask ? await askToUse(folder, "read") : await mayUse(folder, "read");
      if (allowed) watch(folder);
      else lost.await(folder);
    }
  };

  const attempt = createAttempt({ update, log });

  const openStored = async (id: string): Promise<void> => {
    const { project, session: open } = store.getState();
    if (project.id === id) {
      // Taken up already, and waiting for the browser to let its files be read.
      await watchAll(keeper.row()?.folders ?? [], true);
      await loose.reopen(true);
      return;
    }
    if (project.id !== null || open.files.length > 0) {
      // A page that starts anew holds nothing of the session before.
      await keeper.flush();
      sessionStorage.setItem(TAB_KEY, id);
      location.reload();
      return;
    }
    await show(id, true);
  };

  const opening = createOpenResults(context, keeper, openStored);

  const leaving = createLeaveSession(context, keeper, () => {
    stopWatching();
    release();
    sessionStorage.removeItem(TAB_KEY);
  });

  return {
    onFiles: (files) => {
      leaving.beforeFiles(files);
      loose.onFiles(files);
    },
    anyLost: lost.anyLost,
    onSessions: takeSessions(opening, log),
    onFolder: async (folder, how) => {
      await leaving.beforeFolder(folder);
      if (store.getState().project.id === null) {
        // The same folder is the same session.
        for (const row of await keeper.db.rows().catch(() => []))
          for (const known of row.folders)
            if (await known.isSameEntry(folder).catch(() => false)) {
              await attempt(async () => {
                await show(row.id, true);
              });
              return;
            }
        if (store.getState().session.name === "") update("session", () => ({ name: folder.name }));
        await begin(folder.name, [folder]);
        if (how === "picked") update("project", () => ({ run: "running" as const }));
      } else {
        const folders = keeper.row()?.folders ?? [];
        const same = await Promise.all(folders.map((f) => f.isSameEntry(folder)));
        if (!same.includes(true)) keeper.setRow({ folders: [...folders, folder] });
        else if (watches.size > 0) return;
      }
      watch(folder);
    },
    onMovies: (files) => {
      if (store.getState().project.id !== null || files.every((file) => file.simulated)) return;
      void begin(store.getState().session.name, []);
    },
    continueTab: () =>
      attempt(async () => {
        const id = sessionStorage.getItem(TAB_KEY);
        if (id !== null && !(await show(id, false))) sessionStorage.removeItem(TAB_KEY);
      }),
    actions: {
      closeStream: () => {
        stopWatching();
        update("project", ({ watching }) => ({
          watching: { ...watching, state: "closed" as const, settling: 0 },
        }));
        log("The stream is closed: no more movies are taken from the folder.");
      },
      reopenFolder: () => attempt(() => watchAll(keeper.row()?.folders ?? [], true)),
      reopenFiles: () => attempt(() => loose.reopen(true)),
      openStoredSession: (id) => attempt(() => openStored(id)),
      ...opening,
      deleteStoredSession: (id) =>
        attempt(async () => {
          const { project, session: open } = store.getState();
          if (project.id === id && open.files.length > 0) return;
          if (project.id === id) keeper.end();
          await keeper.db.remove(id);
          await forgetWaiting(id);
          await keeper.refreshList();
          await results.forgetPictures(id);
          if (project.id === id) await leaving.toStart();
        }),
      leaveSession: () => attempt(leaving.toStart),
      takeOver: () =>
        attempt(async () => {
          const { id } = store.getState().project;
          if (id === null) return;
          // What the other tab has done meanwhile is read again.
          sessionStorage.setItem(TAB_KEY, id);
          await claim(id, true);
          const loaded = await keeper.db.load(id);
          if (loaded === null) return;
          update("project", () => ({
            records: Object.fromEntries(loaded.records.map((r) => [r.id, r])),
            order: loaded.records.map((r) => r.id),
          }));
          keeper.begin(loaded.row, store.getState().project.records);
          await results.reopen(loaded.row.results, true);
          await watchAll(loaded.row.folders, true);
        }),
    },
  };
}

/** Time between two looks at a folder: a file has to hold still for so long. */
const LOOK_MS = 1000;
