import { toFailure } from "#src/domain/errors.ts";
import type { GainReport } from "#src/domain/gainReport.ts";
import type { MotionReport } from "#src/domain/motionReport.ts";
import { STEP_VERSIONS } from "#src/domain/records/movieRecord.ts";
import type { MovieRecord, StepResult } from "#src/domain/records/movieRecord.ts";
import { NO_METRICS } from "#src/domain/records/metrics.ts";
import { resultBase } from "#src/domain/records/resultLayout.ts";
import { withoutDetails } from "#src/domain/records/recordDetails.ts";
import type { MicrographResult } from "#src/domain/preprocessPreview.ts";
import type { SessionFile } from "#src/domain/session.ts";
import { gainMetrics, motionMetrics } from "#src/math/movieMetrics.ts";
import type { ActionContext } from "./context.ts";
import { gainSettingsKey, withReports } from "./gainSlice.ts";
import { formKey } from "./micrographSlice.ts";
import { motionSettingsKey } from "./motionSlice.ts";
import type { SessionKeeper } from "./sessionKeeper.ts";
import { keySource } from "./stepKeys.ts";
import type { StepDone } from "./stepResults.ts";

/** A record of a file that has just come. */
function newRecord(file: SessionFile, order: number, base: string): MovieRecord {
  const { id, path, name, size, lastModified } = file;
  return {
    ...{ id, path, name, size, lastModified, order, base },
    hand: null,
    failure: null,
    metrics: NO_METRICS,
    track: null,
    steps: {},
    sampled: false,
    image: null,
  };
}

/** What a file's header adds to its record. */
function withFile(record: MovieRecord, { header, failure }: SessionFile): MovieRecord {
  if (header === null) return { ...record, failure };
  const { width, height, frames, pixelSizeA } = header;
  const image = { width, height, frames, pixelSizeA };
  const same = record.failure === null && JSON.stringify(record.image) === JSON.stringify(image);
  return same ? record : { ...record, failure: null, image };
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** What a result adds to its movie's record. */
export function withResult(
  record: MovieRecord,
  { step, key, seconds, outcome }: StepDone,
  about: { readonly backend: string; readonly files: readonly string[]; readonly at: number },
): MovieRecord {
  const result: StepResult = {
    key,
    at: about.at,
    seconds: round(seconds),
    backend: about.backend,
    flags: [],
    files: about.files,
    failure: outcome.ok ? null : outcome.failure,
    version: STEP_VERSIONS[step],
  };
  const put = (change: Partial<MovieRecord>, flags: readonly string[] = []): MovieRecord => ({
    ...record,
    ...change,
    steps: { ...record.steps, [step]: { ...result, flags } },
  });
  if (!outcome.ok) return put({});
  if (step === "gain") {
    const report = outcome.value as GainReport;
    return put(
      { metrics: { ...record.metrics, ...gainMetrics(report) } },
      report.cautions.map(({ text }) => text),
    );
  }
  if (step === "motion") {
    const report = outcome.value as MotionReport;
    const { globalX: _x, globalY: _y, ...row } = report.corrected;
    // A file whose name was taken has been written under another.
    const written = (name: string): string =>
      about.files[report.files.findIndex((file) => file.name === name)]?.replace(
        /^aligned\//,
        "",
      ) ?? name;
    const corrected = {
      ...row,
      micrographName: written(row.micrographName),
      unweightedName: row.unweightedName === null ? null : written(row.unweightedName),
      metadataName: written(row.metadataName),
    };
    const { width, height, pixelSizeA, doseWeighted } = report.micrograph;
    return put(
      {
        corrected,
        micrograph: { width, height, pixelSizeA, doseWeighted },
        metrics: { ...record.metrics, ...motionMetrics(report) },
        track: { x: report.globalX.map(round), y: report.globalY.map(round) },
      },
      report.flags,
    );
  }
  return put({});
}

export interface ProjectEngine {
  readonly onOpened: (files: readonly SessionFile[]) => void;
  /** Puts full reports of a movie back that left memory or were made on an earlier visit. */
  readonly recall: (id: string) => Promise<void>;
}

/** What is done with a result besides keeping it. */
export interface ResultHooks {
  /** Writes the files of a result where results go; answers their names. */
  readonly writeResult: (done: StepDone, record: MovieRecord) => Promise<readonly string[]>;
  /** SHA-256 of an input for the provenance; null when results are not written or it is not wanted. */
  readonly hashOf: (id: string) => Promise<string | null>;
  /** What a movie's file holds, by which a copy is known again; null = it is not at hand. */
  readonly printOf: (id: string) => Promise<string | null>;
  /** Keeps pictures that no folder holds: of a movie's correction, or its gain by the names of its pictures. */
  readonly keepPictures: (id: string, gain: string | null) => Promise<void>;
  /** Whether movies cannot be read because their folder cannot be: they wait for it and have not failed. */
  readonly anyLost: () => Promise<boolean>;
}

/**
 * Keeps the records of the session: a movie that is opened gets one, a step that ends writes into it, and
 * both go into the database.
 */
export function createProjectEngine(
  { store, steps, pictures, update, log }: ActionContext,
  keeper: SessionKeeper,
  { writeResult, hashOf, printOf, keepPictures, anyLost }: ResultHooks,
): ProjectEngine {
  /** Full reports that the page holds; older ones are in the database. */
  const recent: string[] = [];

  const forgetOldReports = (id: string): void => {
    const at = recent.indexOf(id);
    if (at >= 0) recent.splice(at, 1);
    recent.push(id);
    const { selected } = store.getState().session;
    while (recent.length > MOST_REPORTS) {
      const oldest = recent.findIndex((other) => other !== selected);
      const [gone] = recent.splice(oldest, 1);
      update("motion", ({ reports, madeWith }) => ({
        reports: without(reports, gone),
        madeWith: without(madeWith, gone),
      }));
    }
  };

  /** Puts full reports of the movie that is looked at back, where they left memory or were made before. */
  const recall = async (id: string): Promise<void> => {
    const { project } = store.getState();
    const record = project.records[id];
    if (record === undefined || project.id === null) return;
    for (const step of ["motion", "gain", "preprocess"] as const) {
      const result = record.steps[step];
      const { motion, gain, micrograph } = store.getState();
      const here = { motion: motion.reports, gain: gain.reports, preprocess: micrograph.results }[
        step
      ][id];
      if (result?.failure !== null || here !== undefined) continue;
      const report = await keeper.db.report(project.id, id, step).catch(() => null);
      const state = store.getState();
      if (report === null || state.project.records[id]?.steps[step] !== result) continue;
      const current = result.key === keySource(state)(id)[step];
      if (step === "motion") {
        const madeWith = current ? motionSettingsKey(state, id) : "";
        update("motion", (old) => ({
          reports: { ...old.reports, [id]: report as MotionReport },
          madeWith: { ...old.madeWith, [id]: madeWith },
        }));
        forgetOldReports(id);
      } else if (step === "preprocess") {
        const madeWith = current ? formKey(state.micrograph.form) : "";
        update("micrograph", (old) => ({
          results: { ...old.results, [id]: report as MicrographResult },
          madeWith: { ...old.madeWith, [id]: madeWith },
        }));
      } else {
        const made = report as GainReport;
        const madeWith = current ? gainSettingsKey(state.gain, state.session, made.residual) : "";
        update("gain", (old) => ({
          ...withReports(old, [made]),
          madeWith: { ...old.madeWith, [made.kept]: madeWith },
        }));
      }
    }
  };
  store.subscribe((state, before) => {
    const { selected } = state.session;
    const other = selected !== before.session.selected || state.project.id !== before.project.id;
    if (selected !== null && other) void recall(selected);
  });

  pictures.keepThumbnails({
    get: (id) => {
      const { project } = store.getState();
      return project.id === null || project.records[id] === undefined
        ? Promise.resolve(null)
        : keeper.db.thumbnail(project.id, id);
    },
    put: async (id, grey) => {
      const { project } = store.getState();
      if (project.id === null || project.access !== "own" || project.records[id] === undefined)
        return;
      await keeper.db.saveThumbnail(project.id, id, grey);
    },
  });

  steps.listen(async (done) => {
    const { id, step, outcome } = done;
    const { project, backend } = store.getState();
    const record = project.records[id];
    if (record === undefined || project.id === null || project.access !== "own") return;
    // Cancelled is no result: the step stays due.
    if (!outcome.ok && outcome.failure.code === "cancelled") return;
    if (!outcome.ok && outcome.failure.code === "file-changed" && (await anyLost())) {
      if (step === "motion") update("motion", (s) => ({ failures: without(s.failures, id) }));
      if (step === "gain") update("gain", (s) => ({ failures: without(s.failures, id) }));
      return;
    }
    let files: readonly string[] = [];
    // The file has just been read, so it is still at hand.
    const hashing = outcome.ok && record.sha256 === undefined ? hashOf(id) : Promise.resolve(null);
    try {
      if (outcome.ok) files = await writeResult(done, record);
    } catch (error) {
      const failure = toFailure(error, { file: record.name });
      log(failure.message, { level: "error", file: record.name });
      update("project", ({ results }) => ({ results: { ...results, failure } }));
    }
    const sha256 = await hashing;
    const print = outcome.ok && record.print === undefined ? await printOf(id) : null;
    const known = store.getState().project.records[id];
    if (known === undefined) return;
    const now = {
      ...known,
      ...(sha256 === null ? {} : { sha256 }),
      ...(print === null ? {} : { print }),
    };
    const about = { backend: backend.info?.kind ?? "", files, at: Date.now() };
    const made = withResult(now, done, about);
    const kept = await keeper.saveResult(made, step, outcome.ok ? outcome.value : null);
    // What the database has need not be held; without one it is held here.
    const held = kept ? withoutDetails(made) : made;
    update("project", ({ records }) => {
      const last = records[id];
      if (last === undefined) return {};
      if (kept) keeper.settled(held);
      // A choice by hand may have come in between.
      const { hand } = last;
      return { records: { ...records, [id]: hand === held.hand ? held : { ...held, hand } } };
    });
    if (step === "preprocess" || !outcome.ok) return;
    if (step === "motion") forgetOldReports(id);
    const { kind } = store.getState().project.results;
    // A folder has them, and so does what waits for a zip.
    if ((kind === "folder" || kind === "zip") && files.length > 0) return;
    await keepPictures(id, step === "gain" ? (outcome.value as GainReport).pictures : null);
  });

  return {
    recall,
    onOpened: (files) => {
      const movies = files.filter(
        (file) => !file.simulated && (file.kind === "movie" || isUnreadMovie(file)),
      );
      if (movies.length === 0) return;
      update("project", ({ records, order }) => {
        const fresh = movies.filter((file) => records[file.id] === undefined);
        const taken = new Set(Object.values(records).map((record) => record.base));
        const freeBase = (name: string): string => {
          const plain = resultBase(name);
          let base = plain;
          for (let n = 2; taken.has(base); n++) base = `${plain}_${n}`;
          taken.add(base);
          return base;
        };
        let place = order.reduce((most, id) => Math.max(most, records[id]?.order ?? 0), -1);
        const changed = Object.fromEntries(
          movies.map((file) => {
            const record = records[file.id] ?? newRecord(file, ++place, freeBase(file.name));
            return [file.id, withFile(record, file)];
          }),
        );
        return {
          records: { ...records, ...changed },
          order: fresh.length === 0 ? order : [...order, ...fresh.map(({ id }) => id)],
        };
      });
    },
  };
}

/** Movies whose full reports stay in the page's memory. */
const MOST_REPORTS = 48;

const without = <T>(record: Readonly<Record<string, T>>, id: string): Record<string, T> => {
  const { [id]: _gone, ...rest } = record;
  return rest;
};

const MOVIE_NAME = /\.(?:mrcs?|st|tiff?|eer|dm[34])$/i;

/** A file that could not be read and whose name says that it should be a movie. */
function isUnreadMovie(file: SessionFile): boolean {
  return file.kind === null && file.failure !== null && MOVIE_NAME.test(file.name);
}
