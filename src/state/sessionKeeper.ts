import { toFailure } from "#src/domain/errors.ts";
import type { MovieRecord, MovieStepName } from "#src/domain/records/movieRecord.ts";
import { createSessionDb } from "#src/platform/sessionDb.ts";
import type { SessionDb, SessionRow } from "#src/platform/sessionDb.ts";
import type { ActionContext } from "./context.ts";
import { overviewRows } from "./overviewRows.ts";
import { settingsOf, settingsParts } from "./sessionSettings.ts";

/** What others give of a session's row; the rest is taken from the state. */
type KeptRow = Pick<SessionRow, "id" | "created" | "folders" | "files" | "results" | "imported">;

/** Writes the open session into the browser's database as it changes, a little later and in order. */
export interface SessionKeeper {
  readonly db: SessionDb;
  /** From now on this session is kept. `stored`: the records that the database has already. */
  begin(row: KeptRow, stored: Readonly<Record<string, MovieRecord>>): void;
  /** Folders, single files, or where results go, are others. */
  setRow(change: Partial<Pick<KeptRow, "folders" | "files" | "results">>): void;
  row(): Pick<KeptRow, "folders" | "files" | "results" | "imported"> | null;
  /** A result with its record; settles when it is kept (true) or cannot be. */
  saveResult(record: MovieRecord, step: MovieStepName, report: unknown): Promise<boolean>;
  /** Marks this form of a record as the one that the database has. */
  settled(record: MovieRecord): void;
  /** All records with their details, in order, some hundred at a time. */
  whole(take: (some: readonly MovieRecord[]) => Promise<void> | void): Promise<void>;
  /** Everything that waits to be written is written. */
  flush(): Promise<void>;
  end(): void;
  refreshList(): Promise<void>;
}

/** Changes within this time are written together. */
const TOGETHER_MS = 250;

export function createSessionKeeper({ store, client, update, log }: ActionContext): SessionKeeper {
  const db = createSessionDb();
  let row: KeptRow | null = null;
  /** What the database has, by id. */
  let saved = new Map<string, MovieRecord>();
  let parts: readonly unknown[] = [];
  let rowChanged = false;
  /** Movies with results, as the row has it. */
  let told = -1;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let writing = Promise.resolve();

  /** What cannot be kept is said once; the session goes on. */
  const guarded = async (work: () => Promise<void>, again = false): Promise<boolean> => {
    try {
      await work();
      if (store.getState().project.memoryOnly !== null) {
        update("project", () => ({ memoryOnly: null }));
        log("The browser keeps this session again.");
      }
      return true;
    } catch (error) {
      const { message, code } = toFailure(error);
      // Pictures can be made again: they give way to what cannot.
      if (code === "disk-full" && !again) {
        const freed = await client.call((api) => api.pictures.giveRoom());
        if (freed.ok && freed.value > 0) return await guarded(work, true);
      }
      if (store.getState().project.memoryOnly === message) return false;
      update("project", () => ({ memoryOnly: message }));
      log(message, { level: "error" });
      return false;
    }
  };

  const mayWrite = (): boolean =>
    row !== null &&
    store.getState().project.id === row.id &&
    store.getState().project.access === "own";

  const write = async (): Promise<void> => {
    if (row === null || !mayWrite()) return;
    const state = store.getState();
    const { records } = state.project;
    const changed = Object.values(records).filter((record) => saved.get(record.id) !== record);
    const gone = [...saved.keys()].filter((id) => records[id] === undefined);
    const now = settingsParts(state);
    const { id } = row;
    const rows = overviewRows(state);
    const processed = rows.filter(
      (r) => r.state !== "unprocessed" && r.state !== "outdated",
    ).length;
    const rowDue =
      rowChanged ||
      // Results are kept as they come; how many there are is told with the row.
      processed !== told ||
      changed.length + gone.length > 0 ||
      now.some((value, i) => value !== parts[i]) ||
      now.length !== parts.length;
    if (!rowDue) return;
    await guarded(async () => {
      if (row === null) return;
      if (changed.length > 0) await db.saveRecords(id, changed);
      if (gone.length > 0) await db.removeMovies(id, gone);
      await db.saveSession({
        ...row,
        name: state.project.name,
        opened: Date.now(),
        movies: rows.length,
        processed,
        settings: settingsOf(state),
      });
      for (const record of changed) saved.set(record.id, record);
      for (const other of gone) saved.delete(other);
      parts = now;
      rowChanged = false;
      told = processed;
    });
  };

  const queueWrite = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    writing = writing.then(write);
    return writing;
  };

  store.subscribe((state, before) => {
    if (timer !== null || !mayWrite()) return;
    const same =
      state.project.records === before.project.records &&
      settingsParts(before).every((value, i) => value === settingsParts(state)[i]);
    if (!same) timer = setTimeout(() => void queueWrite(), TOGETHER_MS);
  });
  const last = (): void => {
    if (timer !== null) void queueWrite();
  };
  globalThis.addEventListener("pagehide", last);

  return {
    db,
    begin: ({ id, created, folders, files = [], results, imported = false }, stored) => {
      row = { id, created, folders, files, results, imported };
      saved = new Map(Object.entries(stored));
      parts = [];
      rowChanged = true;
      void queueWrite();
    },
    setRow: (change) => {
      if (row === null) return;
      row = { ...row, ...change };
      rowChanged = true;
      void queueWrite();
    },
    row: () => row,
    saveResult: async (record, step, report) => {
      if (row === null || !mayWrite()) return false;
      const { id } = row;
      let kept = false;
      writing = writing.then(async () => {
        kept = await guarded(() => db.saveResult(id, record, step, report));
        if (kept) saved.set(record.id, record);
      });
      await writing;
      return kept;
    },
    settled: (record) => {
      if (saved.has(record.id)) saved.set(record.id, record);
    },
    whole: async (take) => {
      const { project } = store.getState();
      const records = project.order.flatMap((id) => project.records[id] ?? []);
      if (row === null) {
        await take(records);
        return;
      }
      let begun = false;
      try {
        await db.whole(row.id, records, (some) => {
          begun = true;
          return take(some);
        });
      } catch (error) {
        // A database that refuses has put nothing away: memory has all there is.
        if (begun) throw error;
        await take(records);
      }
    },
    flush: queueWrite,
    end: () => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      row = null;
      saved = new Map();
    },
    refreshList: async () => {
      try {
        const stored = await db.list();
        update("project", () => ({ stored }));
      } catch (error) {
        log(toFailure(error).message, { level: "warning" });
      }
    },
  };
}
