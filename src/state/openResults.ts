import { CryoloupeError } from "#src/domain/errors.ts";
import { MOVIE_STEP_NAMES } from "#src/domain/records/movieRecord.ts";
import type { MovieRecord } from "#src/domain/records/movieRecord.ts";
import { withDetails } from "#src/domain/records/recordDetails.ts";
import { RESULT_FILES, resultPath } from "#src/domain/records/resultLayout.ts";
import type { Dropped } from "#src/platform/dropTarget.ts";
import { pickFiles } from "#src/platform/fileAccess.ts";
import type { PickedFile } from "#src/platform/fileAccess.ts";
import { entriesOf, exceptionName, fileOf } from "#src/platform/folderAccess.ts";
import { pickOutputFolder } from "#src/platform/saveTarget.ts";
import { isSessionFile } from "#src/platform/sessionDrop.ts";
import { createAttempt } from "./attempt.ts";
import type { ActionContext } from "./context.ts";
import { printOfFile } from "./printOfFile.ts";
import type { SessionKeeper } from "./sessionKeeper.ts";
import { parseSession } from "./sessionImport.ts";
import type { ImportedSession } from "./sessionImport.ts";

export interface OpenResultsActions {
  /** Makes a stored session of a session.json and shows it; without a file it is asked for. */
  readonly importSession: (file?: File) => Promise<void>;
  /** Shows the session of a results folder, which page or command wrote; without one it is asked for. */
  readonly openResults: (folder?: FileSystemDirectoryHandle) => Promise<void>;
}

/** Tables beside those of {@link RESULT_FILES}. */
const TABLES = ["micrographs.star", "micrographs.xmd", "preprocess.json"].map((name) =>
  resultPath("micrographs", name),
);

/** Files of a results folder that its session wrote: they may be written anew. */
function outputsOf(records: readonly MovieRecord[], sampling: readonly string[]): string[] {
  const files = records.flatMap(({ steps }) =>
    MOVIE_STEP_NAMES.flatMap((step) => steps[step]?.files ?? []),
  );
  return [...new Set([...Object.values(RESULT_FILES), ...TABLES, ...sampling, ...files])];
}

async function namesIn(folder: FileSystemDirectoryHandle, below: "sampling"): Promise<string[]> {
  try {
    const entries = await entriesOf(await folder.getDirectoryHandle(below));
    return entries.map(([name]) => resultPath(below, name));
  } catch {
    return [];
  }
}

async function sessionFileOf(folder: FileSystemDirectoryHandle): Promise<File> {
  try {
    return await fileOf(await folder.getFileHandle(RESULT_FILES.session));
  } catch (error) {
    if (exceptionName(error) !== "NotFoundError") throw error;
    throw new CryoloupeError(
      "unsupported-format",
      `${folder.name} holds no ${RESULT_FILES.session}: a results folder of Cryoloupe was expected. Choose the folder that the page or the command wrote its results to.`,
      { cause: error },
    );
  }
}

/** Opens sessions that lie in files: a session.json, or a whole results folder. Nothing is begun by it. */
export function createOpenResults(
  { update, log }: ActionContext,
  keeper: SessionKeeper,
  openStored: (id: string) => Promise<void>,
): OpenResultsActions {
  const keep = async (
    session: ImportedSession,
    folder: FileSystemDirectoryHandle | null,
  ): Promise<void> => {
    const { name, settings, records } = session;
    const id = crypto.randomUUID();
    const now = Date.now();
    await keeper.db.saveSession({
      ...{ id, name, created: now, opened: now, folders: [], results: folder, imported: true },
      movies: records.length,
      processed: records.filter((r) => Object.keys(r.steps).length > 0).length,
      // Nothing is begun by being read.
      settings: settings === null ? null : { ...settings, run: "off" },
    });
    await keeper.db.saveRecords(id, records);
    if (folder !== null)
      await keeper.db.saveOutputs(id, outputsOf(records, await namesIn(folder, "sampling")));
    await keeper.refreshList();
    await openStored(id);
  };

  const attempt = createAttempt({ update, log });

  return {
    importSession: (given) =>
      attempt(async () => {
        const file = given ?? (await pickFiles())[0]?.file;
        if (file !== undefined) await keep(parseSession(await file.text(), file.name), null);
      }),
    openResults: (given) =>
      attempt(async () => {
        const folder = given ?? (await pickOutputFolder());
        if (folder === null) return;
        for (const row of await keeper.db.rows().catch(() => [])) {
          const { results } = row;
          if (results === null || results === "zip") continue;
          if (!(await results.isSameEntry(folder).catch(() => false))) continue;
          // Work that was begun here is gone on with; what was only looked at is read as it is now.
          if (row.imported !== true || row.folders.length > 0) {
            await openStored(row.id);
            return;
          }
          await keeper.db.remove(row.id);
        }
        const file = await sessionFileOf(folder);
        await keep(parseSession(await file.text(), `${folder.name}/${file.name}`), folder);
      }),
  };
}

/**
 * Opens what was dropped and is a session, as the buttons do: a results folder, or a session.json of page or
 * command. Answers the rest.
 */
export function takeSessions(
  open: OpenResultsActions,
  log: ActionContext["log"],
): (dropped: Dropped) => Promise<Dropped> {
  return async ({ files, folders }) => {
    const found: { readonly name: string; readonly open: () => Promise<void> }[] = [];
    for (const { name, handle, session } of folders)
      if (session != null)
        found.push({
          name,
          open: () => (handle === null ? open.importSession(session) : open.openResults(handle)),
        });
    const rest: PickedFile[] = [];
    for (const picked of files)
      if (await isSessionFile(picked.file))
        found.push({ name: picked.path, open: () => open.importSession(picked.file) });
      else rest.push(picked);
    for (const { name } of found.slice(1))
      log(`${name} was not opened: one session is open at a time.`, { level: "warning" });
    await found.at(0)?.open();
    return { files: rest, folders: folders.filter(({ session }) => session == null) };
  };
}

/**
 * Whether a file of another time is the movie of a record: what it holds is the same. Of records that do not tell,
 * as those of older programs, path and size count where the session was opened from its results.
 */
export async function isCopy(
  record: MovieRecord | undefined,
  file: File,
  imported: boolean,
): Promise<boolean> {
  if (record?.size !== file.size) return false;
  return record.print === undefined ? imported : (await printOfFile(file)) === record.print;
}

/**
 * Movies of an earlier visit, or of an opened session, whose files are found with the same path and size and another time, as copies
 * have it: they keep their results under the ids that they have now.
 */
export async function adoptCopies(
  { store, update, log }: Pick<ActionContext, "store" | "update" | "log">,
  keeper: SessionKeeper,
  copies: readonly { readonly older: string; readonly id: string; readonly lastModified: number }[],
): Promise<void> {
  const { project } = store.getState();
  if (copies.length === 0 || project.id === null) return;
  const known = copies.flatMap(({ older }) => project.records[older] ?? []);
  const whole = new Map<string, MovieRecord>();
  const session = project.id;
  await keeper.db
    .whole(session, known, (some) => {
      for (const record of some) whole.set(record.id, record);
    })
    .catch(() => undefined);
  const now = new Map(copies.map((copy) => [copy.older, copy]));
  update("project", ({ records, order }) => {
    const next = Object.fromEntries(
      Object.entries(records).map(([id, record]) => {
        const copy = now.get(id);
        if (copy === undefined) return [id, record];
        const { lastModified } = copy;
        const full = whole.get(id) ?? withDetails(record, null);
        return [copy.id, { ...full, hand: record.hand, id: copy.id, lastModified }];
      }),
    );
    return { records: next, order: order.map((id) => now.get(id)?.id ?? id) };
  });
  const some = copies.length === 1 ? "1 movie has" : `${copies.length} movies have`;
  log(
    `${some} another time than before, as copies do: taken for the same, since path, size and what is known of the content agree.`,
    { level: "warning" },
  );
}

/** Whether a session is shown whose movies nobody has opened or asked for. */
export function moviesAreMissing({
  project,
  session,
}: {
  readonly project: {
    readonly order: readonly string[];
    readonly access: string;
    readonly waitingFiles: number;
    readonly watching: { readonly state: string };
  };
  readonly session: { readonly files: readonly { readonly kind: string | null }[] };
}): boolean {
  return (
    project.order.length > 0 &&
    project.access === "own" &&
    project.watching.state === "off" &&
    project.waitingFiles === 0 &&
    session.files.every(({ kind }) => kind !== "movie")
  );
}
