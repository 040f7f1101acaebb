import { openDB } from "idb";
import type { DBSchema, IDBPDatabase, IDBPTransaction } from "idb";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { MovieRecord, MovieStepName } from "#src/domain/records/movieRecord.ts";
import type { StoredSession } from "#src/domain/records/project.ts";
import {
  detailsOf,
  mergedDetails,
  withDetails,
  withoutDetails,
} from "#src/domain/records/recordDetails.ts";
import type { RecordDetails } from "#src/domain/records/recordDetails.ts";
import { exceptionName, passFaults } from "./folderAccess.ts";
import { recordsOfV1 } from "./sessionMigrations.ts";
import type { SessionV1 } from "./sessionMigrations.ts";

/** A file that was opened by itself, and how to read it again. */
export interface StoredFile {
  /** Of the file as it was: its movie's id. */
  readonly id: string;
  readonly path: string;
  readonly handle: FileSystemFileHandle;
}

/** What is kept of a session besides its movies. */
export interface SessionRow {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly opened: number;
  readonly folders: readonly FileSystemDirectoryHandle[];
  /** Files that came by themselves; rows of earlier versions have none. */
  readonly files?: readonly StoredFile[];
  readonly results: FileSystemDirectoryHandle | "zip" | null;
  /** It came from a session.json; absent = its movies were opened here. */
  readonly imported?: boolean;
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
interface DetailsRow {
  readonly session: string;
  readonly id: string;
  readonly details: RecordDetails;
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
  details: { key: [string, string]; value: DetailsRow };
  reports: { key: [string, string, string]; value: ReportRow };
  thumbnails: { key: [string, string]; value: ThumbnailRow };
  outputs: { key: [string, string]; value: OutputRow };
}

const NAME = "cryoloupe-sessions";
/**
 * 1: sessions with their movies inside. 2: movies, full reports, thumbnails and names of result files in
 * stores of their own, so that a step writes a few kilobytes however long the session is. 3: tracks and names
 * of files apart from the records, so that all records fit into memory however long their movies are.
 */
export const SESSION_SCHEMA = 3;

type StoreName = "sessions" | "records" | "details" | "reports" | "thumbnails" | "outputs";
/** The stores with rows of movies, whose keys begin with session and movie. */
const OF_MOVIES = ["records", "details", "reports", "thumbnails"] as const;
const EVERY = ["sessions", ...OF_MOVIES, "outputs"] as const;
/** Whole records that are read at once: a long session is read in turns. */
const AT_ONCE = 500;

/** The sessions that the browser keeps. Every call may reject with a `CryoloupeError`. */
export interface SessionDb {
  list(): Promise<readonly StoredSession[]>;
  rows(): Promise<readonly SessionRow[]>;
  /** The session and its records without their details. */
  load(
    id: string,
  ): Promise<{ readonly row: SessionRow; readonly records: readonly MovieRecord[] } | null>;
  /** Details of a movie; null = none were put away. */
  details(session: string, id: string): Promise<RecordDetails | null>;
  /** These records with their details, some hundred at a time; between them the page can do other things. */
  whole(
    session: string,
    records: readonly MovieRecord[],
    take: (some: readonly MovieRecord[]) => Promise<void> | void,
  ): Promise<void>;
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

/** Everything stays as the older program left it; what has failed by itself is undone already. */
function giveUp(change: IDBPTransaction<Schema, StoreName[], "versionchange">): void {
  try {
    change.abort();
  } catch {
    // It has ended.
  }
}

/** From schema 1: movies leave their sessions for a store of their own. */
async function splitSessions(
  change: IDBPTransaction<Schema, StoreName[], "versionchange">,
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
    giveUp(change);
  }
}

/** From schema 2: details leave their records. */
async function splitRecords(
  change: IDBPTransaction<Schema, StoreName[], "versionchange">,
): Promise<void> {
  try {
    const details = change.objectStore("details");
    let cursor = await change.objectStore("records").openCursor();
    while (cursor !== null) {
      const { session, id, record } = cursor.value;
      const own = detailsOf(record);
      if (own !== null) await details.put({ session, id, details: own });
      await cursor.update({ session, id, record: withoutDetails(record) });
      cursor = await cursor.continue();
    }
  } catch {
    giveUp(change);
  }
}

/** Writes records, and their details where they hold some. Failures reject the transaction. */
async function putRecords(
  change: IDBPTransaction<Schema, StoreName[], "readwrite">,
  session: string,
  records: readonly MovieRecord[],
  step: MovieStepName | null,
): Promise<void> {
  const details = change.objectStore("details");
  await Promise.all(
    records.map(async (record) => {
      const { id } = record;
      await change.objectStore("records").put({ session, id, record: withoutDetails(record) });
      const fresh = detailsOf(record);
      if (fresh === null && step === null) return;
      const old = (await details.get([session, id]))?.details ?? null;
      const merged = mergedDetails(old, fresh, step);
      if (merged !== null) await details.put({ session, id, details: merged });
    }),
  );
}

async function open(onBlocked: () => void): Promise<IDBPDatabase<Schema>> {
  const database = await openDB<Schema>(NAME, SESSION_SCHEMA, {
    blocked: onBlocked,
    upgrade: (db, oldVersion, _newVersion, transaction) => {
      if (oldVersion < 1) db.createObjectStore("sessions", { keyPath: "id" });
      if (oldVersion < 2) {
        db.createObjectStore("records", { keyPath: ["session", "id"] });
        db.createObjectStore("reports", { keyPath: ["session", "id", "step"] });
        db.createObjectStore("thumbnails", { keyPath: ["session", "id"] });
        db.createObjectStore("outputs", { keyPath: ["session", "name"] });
      }
      if (oldVersion < 3) db.createObjectStore("details", { keyPath: ["session", "id"] });
      // The version changes when this has been done, or not at all; the opening tells of that.
      transaction.done.catch(() => undefined);
      if (oldVersion === 1) void splitSessions(transaction);
      if (oldVersion === 2) void splitRecords(transaction);
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

/** A tab of this program lets go when it is asked to: only one that does not is told of. */
const HELD_MS = 1500;

function heldElsewhere(): CryoloupeError {
  return new CryoloupeError(
    "internal",
    "The browser's sessions are open in another tab, in an older version of this page: they cannot be brought up to date. Close or reload that tab, then reload this one; until then this session is kept in memory only.",
  );
}

export function createSessionDb(): SessionDb {
  let database: Promise<IDBPDatabase<Schema>> | null = null;
  /** Rejects while another tab keeps the database in its older schema; the opening waits on. */
  let held: Promise<never> | null = null;
  const opened = (): Promise<IDBPDatabase<Schema>> => {
    if (database === null) {
      let refuse = (): void => undefined;
      held = new Promise<never>((_, reject) => {
        refuse = () => reject(heldElsewhere());
      });
      held.catch(() => undefined);
      const made = open(() => setTimeout(refuse, HELD_MS));
      database = made;
      const forget = (): void => {
        if (database === made) database = null;
      };
      made.then((db) => {
        // From now on nobody waits against it: a promise that lives on remembers every race.
        if (database === made) held = null;
        db.addEventListener("close", forget);
      }, forget);
    }
    // What has opened counts, whatever was said while it waited.
    return held === null ? database : Promise.race([database, held]);
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
        const change = db.transaction(["records", "details"], "readwrite");
        // What refuses ends the transaction, whose end tells why.
        putRecords(change, session, records, null).catch(() => undefined);
        await change.done;
      }),
    details: (session, id) =>
      use("details", async (db) => (await db.get("details", [session, id]))?.details ?? null),
    whole: async (session, records, take) => {
      for (let i = 0; i < records.length; i += AT_ONCE) {
        const some = records.slice(i, i + AT_ONCE);
        const whole = await use("details", async (db) => {
          const { store } = db.transaction("details");
          return await Promise.all(
            some.map(async (record) =>
              withDetails(record, (await store.get([session, record.id]))?.details ?? null),
            ),
          );
        });
        await take(whole);
      }
    },
    saveResult: (session, record, step, report) =>
      use("result", async (db) => {
        const change = db.transaction(["records", "details", "reports"], "readwrite", {
          durability: "strict",
        });
        const { id } = record;
        putRecords(change, session, [record], step).catch(() => undefined);
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
        const change = db.transaction(OF_MOVIES, "readwrite");
        for (const id of ids) {
          for (const store of ["records", "details", "thumbnails"] as const)
            void change.objectStore(store).delete([session, id]);
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
        const change = db.transaction(EVERY, "readwrite");
        void change.objectStore("sessions").delete(id);
        for (const store of [...OF_MOVIES, "outputs"] as const)
          void change.objectStore(store).delete(within(id));
        await change.done;
      }),
  };
}
