import { fromFailure, toFailure } from "#src/domain/errors.ts";
import type { GainReport } from "#src/domain/gainReport.ts";
import type { MotionReport } from "#src/domain/motionReport.ts";
import type { MicrographResult } from "#src/domain/preprocessPreview.ts";
import type { MovieRecord } from "#src/domain/records/movieRecord.ts";
import {
  gainEstimateName,
  processedName,
  RESULT_FILES,
  resultPath,
} from "#src/domain/records/resultLayout.ts";
import type { Outcome } from "#src/domain/session.ts";
import { askToUse, mayUse, reach } from "#src/platform/folderAccess.ts";
import { folderSink } from "#src/platform/resultsOut.ts";
import type { ResultContent, ResultsSink } from "#src/platform/resultsOut.ts";
import { pickOutputFolder } from "#src/platform/saveTarget.ts";
import type { SaveTarget } from "#src/platform/saveTarget.ts";
import { forgetWaiting, waitingFolder, zipSink } from "#src/platform/zipOut.ts";
import type { ZipSink } from "#src/platform/zipOut.ts";
import type { ActionContext } from "./context.ts";
import type { createReportPictures } from "./reportPictures.ts";
import { createResultsLock } from "./resultsLock.ts";
import { createFreeName } from "./resultNames.ts";
import { createResultWriters } from "./resultWriters.ts";
import { saveText } from "./saving.ts";
import type { SessionKeeper } from "./sessionKeeper.ts";
import type { StepDone } from "./stepResults.ts";

export interface SessionResultsActions {
  /** Results are written into a folder as they come, those that are there already too. */
  readonly chooseResultsFolder: () => Promise<void>;
  /** Results are gathered for one zip. */
  readonly useResultsZip: () => void;
  /** No command works in the folder, whatever its lock says: results are written. */
  readonly writeAllTheSame: () => Promise<void>;
  readonly saveResultsZip: () => Promise<void>;
  /** session.json as a download: settings, movies, numbers. */
  readonly exportSession: () => Promise<void>;
}

export interface SessionResults {
  readonly actions: SessionResultsActions;
  readonly writeResult: (done: StepDone, record: MovieRecord) => Promise<readonly string[]>;
  /** SHA-256 of an input; null when results are not written or hashes are not wanted. */
  readonly hashOf: (id: string) => Promise<string | null>;
  /** Where the preprocessing of the session puts its micrographs. */
  readonly micrographs: SaveTarget;
  /** A file that was written there, by its path; null = it is not there. May reject. */
  readonly read: (path: string) => Promise<File | null>;
  /** Results below a watched folder are no input. */
  readonly isResultFolder: (folder: FileSystemDirectoryHandle) => Promise<boolean>;
  /** Goes on writing where the session wrote before. */
  readonly reopen: (place: FileSystemDirectoryHandle | "zip" | null, ask: boolean) => Promise<void>;
  readonly useFolder: (folder: FileSystemDirectoryHandle) => Promise<void>;
  /** Writes what could not be written while a disk was away, as far as it is in memory still. */
  readonly catchUp: () => Promise<void>;
  /** The folder of the results cannot be used now: its disk is away, or the browser has to be asked. */
  readonly away: () => Promise<boolean>;
}

/** Time between two looks whether a folder may be used again. */
const LOOK_AGAIN_MS = 2000;
/** Tables are written anew at most so often while results come. */
const TABLES_MS = 5000;
/** Tables of ten thousand movies are megabytes: they are written every twenty seconds. */
const TABLES_MS_A_MOVIE = 2;
/** The report is, while work goes on. */
const REPORT_MS = 60_000;

/** Writes what the session makes into a folder or a zip, in the layout of the command. */
export function createSessionResults(
  context: ActionContext,
  keeper: SessionKeeper,
  picturesOf: ReturnType<typeof createReportPictures>,
): SessionResults {
  const { store, client, update, log } = context;
  let sink: ResultsSink | null = null;
  let zip: ZipSink | null = null;
  let folder: FileSystemDirectoryHandle | null = null;
  let own = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  let waiting = false;

  const value = async <T>(outcome: Promise<Outcome<T>>): Promise<T> => {
    const settled = await outcome;
    if (!settled.ok) throw fromFailure(settled.failure);
    return settled.value;
  };

  /** While a command works in the folder nothing is written; results of it are read all the same. */
  const lock = createResultsLock(context, () => void attempt(writeEarlier));

  const freeName = createFreeName({ store, update, log });

  /** Writes a file; its name is noted before, so that it is known for ours after a crash. */
  const put = async (path: string, content: ResultContent): Promise<string> => {
    const into = sink;
    if (into === null || (await lock.held())) return path;
    const name = await freeName(into, path, own);
    if (!own.has(name)) {
      own.add(name);
      const { id } = store.getState().project;
      if (id !== null && into !== zip)
        await keeper.db.saveOutputs(id, [name]).catch(() => undefined);
    }
    await into.write(name, content);
    update("project", ({ results }) => ({
      results: { ...results, files: own.size, failure: null },
    }));
    return name;
  };

  const writers = createResultWriters(
    context,
    keeper,
    picturesOf,
    async (path) => (await sink?.read(path).catch(() => null)) ?? null,
  );
  let reported = -Infinity;

  const writeTables = async (last = false): Promise<void> => {
    const { project, session } = store.getState();
    if (sink === null || project.access !== "own" || (await lock.held())) return;
    // Results that are only looked at stay as they were written: nothing is new without a movie.
    if (!last && session.files.every(({ kind }) => kind !== "movie")) {
      whenMoviesCome();
      return;
    }
    try {
      await writers.writeAll(put);
      // The report takes longer than tables do: now and then, and when nothing runs any more.
      const idle = store.getState().runs.active === null;
      if (!last && !idle && performance.now() - reported < REPORT_MS) return;
      reported = performance.now();
      await writers.writeReport(put);
    } catch (error) {
      fail(error);
    }
  };

  /** A visit may have ended before its tables were written: they are as soon as a movie is open. */
  const whenMoviesCome = (): void => {
    if (waiting) return;
    waiting = true;
    const stop = store.subscribe(({ session }) => {
      if (session.files.every(({ kind }) => kind !== "movie")) return;
      stop();
      waiting = false;
      tablesSoon();
    });
  };

  const fail = (error: unknown): void => {
    const failure = toFailure(error);
    if (store.getState().project.results.failure?.message !== failure.message)
      log(failure.message, { level: "error" });
    update("project", ({ results }) => ({ results: { ...results, failure } }));
  };

  const tablesSoon = (): void => {
    const { order } = store.getState().project;
    timer ??= setTimeout(
      () => {
        timer = null;
        void writeTables();
      },
      Math.max(TABLES_MS, order.length * TABLES_MS_A_MOVIE),
    );
  };

  const writeResult: SessionResults["writeResult"] = async (done, record) => {
    if (sink === null || !done.outcome.ok || (await lock.held())) return [];
    const names: string[] = [];
    if (done.step === "motion") {
      const report = done.outcome.value as MotionReport;
      for (const { name } of report.files)
        names.push(
          await put(
            resultPath("aligned", name),
            await value(client.call((api) => api.motion.file(done.id, name))),
          ),
        );
    }
    if (done.step === "gain") {
      const report = done.outcome.value as GainReport;
      const base = resultPath(
        "gain",
        gainEstimateName(record.base ?? report.name, report.residual),
      );
      names.push(
        await put(
          `${base}.mrc`,
          await value(client.call((api) => api.gain.exportMrc(report.kept, "C"))),
        ),
        await put(
          `${base}.json`,
          await value(client.call((api) => api.gain.exportText([report.kept], "json"))),
        ),
      );
    }
    // Written by the step itself, under this name.
    if (done.step === "preprocess")
      names.push(resultPath("micrographs", (done.outcome.value as MicrographResult).output));
    tablesSoon();
    return names;
  };

  /** What was made before there was a place for it, as far as it is in memory still. */
  const writeEarlier = async (): Promise<void> => {
    const { project, gain, motion } = store.getState();
    for (const id of project.order) {
      const record = project.records[id];
      for (const step of ["gain", "motion"] as const) {
        const report = step === "gain" ? gain.reports[id] : motion.reports[id];
        const made = record?.steps[step];
        if (record === undefined || made === undefined || report === undefined) continue;
        if (made.failure !== null || made.files.length > 0) continue;
        // Names of files are put away with the record's other details.
        const kept =
          project.id === null ? null : await keeper.db.details(project.id, id).catch(() => null);
        if ((kept?.files[step] ?? []).length > 0) continue;
        try {
          const { key, seconds } = made;
          const done = { step, id, key, seconds, outcome: { ok: true, value: report } } as const;
          const files = await writeResult(done, record);
          update("project", ({ records }) => {
            const now = records[id];
            const result = now?.steps[step];
            return now === undefined || result === undefined
              ? {}
              : {
                  records: {
                    ...records,
                    [id]: { ...now, steps: { ...now.steps, [step]: { ...result, files } } },
                  },
                };
          });
        } catch (error) {
          fail(error);
        }
      }
    }
    await writeTables();
  };

  const begin = async (kind: "folder" | "zip", into: ResultsSink): Promise<void> => {
    sink = null;
    const { id } = store.getState().project;
    // What waits for a zip is all ours, that of earlier visits too.
    own = new Set(
      kind === "zip"
        ? await zip?.names()
        : id === null
          ? []
          : await keeper.db.outputs(id).catch(() => []),
    );
    writers.forget(own);
    reported = -Infinity;
    update("project", () => ({
      results: { kind, name: into.name, files: own.size, renamed: [], failure: null },
    }));
    await lock.use(kind === "folder" ? folder : null);
    sink = into;
    tablesSoon();
  };

  const useFolder = async (chosen: FileSystemDirectoryHandle): Promise<void> => {
    const { id } = store.getState().project;
    const inputs = keeper.row()?.folders ?? [];
    for (const input of inputs)
      if (await input.isSameEntry(chosen)) {
        const message = `${chosen.name} is the folder of the movies. Choose another one, or a folder inside it: results are never written among inputs.`;
        log(message, { level: "error" });
        update("session", () => ({ notice: message }));
        return;
      }
    // Names that were ours in another folder are not ours in this one.
    if (folder !== null && !(await folder.isSameEntry(chosen)) && id !== null)
      await keeper.db.forgetOutputs(id).catch(() => undefined);
    folder = chosen;
    const waiting = zip;
    zip = null;
    keeper.setRow({ results: chosen });
    await begin("folder", folderSink(chosen));
    if (waiting !== null) await moveWaiting(waiting);
    await writeEarlier();
  };

  /** What waited for a zip goes into the folder that was chosen instead. */
  const moveWaiting = async (waiting: ZipSink): Promise<void> => {
    const { id } = store.getState().project;
    for (const name of await waiting.names()) {
      const file = await waiting.read(name);
      if (file !== null) await put(name, new Uint8Array(await file.arrayBuffer()));
    }
    if (id !== null) await forgetWaiting(id);
  };

  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      fail(error);
    }
  };

  const useZip = async (): Promise<void> => {
    const { id, name } = store.getState().project;
    const waiting = id === null ? null : await waitingFolder(id);
    zip = zipSink(`${name || "session"}_results.zip`, waiting);
    folder = null;
    keeper.setRow({ results: "zip" });
    await begin("zip", zip);
    await writeEarlier();
  };

  /** Goes on writing by itself when the browser lets it again. */
  const awaitPermission = (place: FileSystemDirectoryHandle): void => {
    setTimeout(() => {
      void attempt(async () => {
        if (folder !== place || store.getState().project.results.kind !== "permission") return;
        if (await mayUse(place, "readwrite")) {
          await begin("folder", folderSink(place));
          await writeEarlier();
        } else awaitPermission(place);
      });
    }, LOOK_AGAIN_MS);
  };

  return {
    writeResult,
    hashOf: async (id) => (sink === null ? null : await writers.hashOf(id)),
    useFolder,
    away: async () =>
      ["permission", "locked"].includes(store.getState().project.results.kind) ||
      (folder !== null && ["gone", "refused"].includes(await reach(folder))),
    catchUp: async () => {
      if (sink !== null && store.getState().project.results.failure !== null) await writeEarlier();
    },
    read: async (path) => (sink === null ? null : await sink.read(path)),
    micrographs: {
      nameOf: processedName,
      write: async (name, content) => {
        const path = await put(resultPath("micrographs", name), content);
        return path.slice(resultPath("micrographs", "").length);
      },
      finish: () => Promise.resolve(),
    },
    isResultFolder: async (candidate) =>
      folder !== null && (await candidate.isSameEntry(folder).catch(() => false)),
    reopen: async (place, ask) => {
      if (place === null) return;
      if (place === "zip") {
        void attempt(useZip);
        return;
      }
      folder = place;
      const allowed = ask ? await askToUse(place, "readwrite") : await mayUse(place, "readwrite");
      if (allowed) await begin("folder", folderSink(place));
      else {
        update("project", ({ results }) => ({
          results: { ...results, kind: "permission" as const, name: place.name },
        }));
        awaitPermission(place);
      }
    },
    actions: {
      chooseResultsFolder: () =>
        attempt(async () => {
          // A folder that only needs to be allowed again is not asked for twice.
          const { kind } = store.getState().project.results;
          if (kind === "permission" && folder !== null && (await askToUse(folder, "readwrite"))) {
            await begin("folder", folderSink(folder));
            await writeEarlier();
            return;
          }
          const chosen = await pickOutputFolder();
          if (chosen !== null) await useFolder(chosen);
        }),
      useResultsZip: () => void attempt(useZip),
      writeAllTheSame: () => attempt(lock.override),
      saveResultsZip: () =>
        attempt(async () => {
          if (zip === null) return;
          await writeTables(true);
          await zip.save();
        }),
      exportSession: () =>
        attempt(async () => {
          const json = await writers.sessionJson();
          if (json !== null) saveText(RESULT_FILES.session, json, "application/json");
        }),
    },
  };
}
