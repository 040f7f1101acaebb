import { openDB } from "idb";
import type { DBSchema, IDBPDatabase, IDBPTransaction } from "idb";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { MovieRecord, MovieStepName } from "#src/domain/records/movieRecord.ts";
import type { StoredSession } from "#src/domain/records/project.ts";
import { exceptionName, passFaults } from "./folderAccess.ts";
import { recordsOfV1 } from "./sessionMigrations.ts";
import type { SessionV1 } from "./sessionMigrations.ts";

/** What is kept of a session besides its movies. */
export interface SessionRow {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly opened: number;
  readonly folders: readonly FileSystemDirectoryHandle[];
  readonly results: FileSystemDirectoryHandle | "zip" | null;
  readonly movies: number;
  readonly processed: number;
  /** Plan, thresholds and parameters, as `src/state` reads and writes them. */
  readonly settings: unknown;
}

interface RecordRow {
  readonly session: string;
  readonly id: string;
  readonly record: MovieRecord;
}
interface ReportRow {
  readonly session: string;
  readonly id: string;
  readonly step: string;
  readonly report: unknown;
}
interface ThumbnailRow {
  readonly session: string;
  readonly id: string;
  readonly grey: Uint8Array<ArrayBuffer>;
}
interface OutputRow {
  readonly session: string;
  readonly name: string;
}

interface Schema extends DBSchema {
  sessions: { key: string; value: SessionRow };
  records: { key: [string, string]; value: RecordRow };
  reports: { key: [string, string, string]; value: ReportRow };
  thumbnails: { key: [string, string]; value: ThumbnailRow };
  outputs: { key: [string, string]; value: OutputRow };
}

const NAME = "cryoloupe-sessions";
/**
 * 1: sessions with their movies inside. 2: movies, full reports, thumbnails and names of result files in
 * stores of their own, so that a step writes a few kilobytes however long the session is.
 */
export const SESSION_SCHEMA = 2;

/** The sessions that the browser keeps. Every call may reject with a `CryoloupeError`. */
export interface SessionDb {
  list(): Promise<readonly StoredSession[]>;
  rows(): Promise<readonly SessionRow[]>;
  load(
    id: string,
  ): Promise<{ readonly row: SessionRow; readonly records: readonly MovieRecord[] } | null>;
  saveSession(row: SessionRow): Promise<void>;
  saveRecords(session: string, records: readonly MovieRecord[]): Promise<void>;
  /** A result and its movie's record together: both or none. */
  saveResult(
    session: string,
    record: MovieRecord,
    step: MovieStepName,
    report: unknown,
  ): Promise<void>;
  report(session: string, id: string, step: MovieStepName): Promise<unknown>;
  removeMovies(session: string, ids: readonly string[]): Promise<void>;
  thumbnail(session: string, id: string): Promise<Uint8Array<ArrayBuffer> | null>;
  saveThumbnail(session: string, id: string, grey: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Names of result files that the session has written, or was about to write. */
  outputs(session: string): Promise<ReadonlySet<string>>;
  saveOutputs(session: string, names: readonly string[]): Promise<void>;
  forgetOutputs(session: string): Promise<void>;
  remove(id: string): Promise<void>;
}

const within = (session: string): IDBKeyRange => IDBKeyRange.bound([session], [session, []]);

/** From schema 1: movies leave their sessions for a store of their own. */
async function splitSessions(
  change: IDBPTransaction<
    Schema,
    ("sessions" | "records" | "reports" | "thumbnails" | "outputs")[],
    "versionchange"
  >,
): Promise<void> {
  try {
    const sessions = change.objectStore("sessions");
    const stored: readonly unknown[] = await sessions.getAll();
    // What lies there has the shape of its own time.
    for (const old of stored as readonly SessionV1[]) {
      const { row, records } = recordsOfV1(old);
      await sessions.put(row);
      for (const record of records)
        await change.objectStore("records").put({ session: row.id, id: record.id, record });
    }
  } catch {
    change.abort();
  }
}

async function open(): Promise<IDBPDatabase<Schema>> {
  const database = await openDB<Schema>(NAME, SESSION_SCHEMA, {
    upgrade: (db, oldVersion, _newVersion, transaction) => {
      if (oldVersion < 1) db.createObjectStore("sessions", { keyPath: "id" });
      if (oldVersion < 2) {
        db.createObjectStore("records", { keyPath: ["session", "id"] });
        db.createObjectStore("reports", { keyPath: ["session", "id", "step"] });
        db.createObjectStore("thumbnails", { keyPath: ["session", "id"] });
        db.createObjectStore("outputs", { keyPath: ["session", "name"] });
      }
      // The version changes when this has been done, or not at all.
      if (oldVersion === 1) void splitSessions(transaction);
    },
    blocking: (_current, _blocked, event) => {
      (event.target as IDBDatabase).close();
    },
  });
  return database;
}

/** The failure of the database in words; what was computed is never lost by it. */
function described(error: unknown): CryoloupeError {
  const name = exceptionName(error);
  if (error instanceof CryoloupeError) return error;
  if (name === "QuotaExceededError")
    return new CryoloupeError(
      "disk-full",
      "The browser has no room left to keep this session. It goes on in memory; delete an older session or free disk space, then go on.",
      { cause: error },
    );
  return new CryoloupeError(
    "internal",
    `The browser cannot keep this session: ${error instanceof Error ? error.message : String(error)}. It goes on in memory; export session.json before this page is closed.`,
    { cause: error },
  );
}

export function createSessionDb(): SessionDb {
  let database: Promise<IDBPDatabase<Schema>> | null = null;
  const opened = (): Promise<IDBPDatabase<Schema>> => {
    if (database === null) {
      const made = open();
      database = made;
      const forget = (): void => {
        if (database === made) database = null;
      };
      made.then((db) => db.addEventListener("close", forget), forget);
    }
    return database;
  };
  const use = async <T>(
    about: string,
    work: (db: IDBPDatabase<Schema>) => Promise<T>,
  ): Promise<T> => {
    try {
      passFaults("database", about);
      return await work(await opened());
    } catch (error) {
      throw described(error);
    }
  };

  return {
    list: () =>
      use("list", async (db) =>
        (await db.getAll("sessions"))
          .map(({ id, name, movies, processed, opened: at, folders }) => ({
            ...{ id, name, movies, processed, opened: at },
            folder: folders[0]?.name ?? null,
          }))
          .sort((a, b) => b.opened - a.opened),
      ),
    rows: () => use("list", (db) => db.getAll("sessions")),
    load: (id) =>
      use("load", async (db) => {
        const row = await db.get("sessions", id);
        if (row === undefined) return null;
        const records = (await db.getAll("records", within(id))).map(({ record }) => record);
        return { row, records: records.sort((a, b) => a.order - b.order) };
      }),
    saveSession: (row) =>
      use("session", async (db) => {
        await db.put("sessions", row);
      }),
    saveRecords: (session, records) =>
      use("records", async (db) => {
        const change = db.transaction("records", "readwrite");
        for (const record of records)
          void change.store.put({ session, id: record.id, record }).catch(() => undefined);
        await change.done;
      }),
    saveResult: (session, record, step, report) =>
      use("result", async (db) => {
        const change = db.transaction(["records", "reports"], "readwrite", {
          durability: "strict",
        });
        const { id } = record;
        void change
          .objectStore("records")
          .put({ session, id, record })
          .catch(() => undefined);
        if (report !== null)
          void change
            .objectStore("reports")
            .put({ session, id, step, report })
            .catch(() => undefined);
        await change.done;
      }),
    report: (session, id, step) =>
      use("report", async (db) => (await db.get("reports", [session, id, step]))?.report ?? null),
    removeMovies: (session, ids) =>
      use("records", async (db) => {
        const change = db.transaction(["records", "reports", "thumbnails"], "readwrite");
        for (const id of ids) {
          void change.objectStore("records").delete([session, id]);
          void change.objectStore("thumbnails").delete([session, id]);
          void change
            .objectStore("reports")
            .delete(IDBKeyRange.bound([session, id], [session, id, []]));
        }
        await change.done;
      }),
    thumbnail: (session, id) =>
      use("thumbnail", async (db) => (await db.get("thumbnails", [session, id]))?.grey ?? null),
    saveThumbnail: (session, id, grey) =>
      use("thumbnail", async (db) => {
        await db.put("thumbnails", { session, id, grey });
      }),
    outputs: (session) =>
      use(
        "outputs",
        async (db) => new Set((await db.getAll("outputs", within(session))).map((o) => o.name)),
      ),
    saveOutputs: (session, names) =>
      use("outputs", async (db) => {
        const change = db.transaction("outputs", "readwrite");
        for (const name of names) void change.store.put({ session, name }).catch(() => undefined);
        await change.done;
      }),
    forgetOutputs: (session) => use("outputs", (db) => db.delete("outputs", within(session))),
    remove: (id) =>
      use("session", async (db) => {
        const change = db.transaction(
          ["sessions", "records", "reports", "thumbnails", "outputs"],
          "readwrite",
        );
        void change.objectStore("sessions").delete(id);
        for (const store of ["records", "reports", "thumbnails", "outputs"] as const)
          void change.objectStore(store).delete(within(id));
        await change.done;
      }),
  };
}
