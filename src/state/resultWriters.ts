import { fromFailure } from "#src/domain/errors.ts";
import { gainNumbers, MOST_GAINS_READ_BACK } from "#src/domain/gainReport.ts";
import type { GainNumbers, GainReport } from "#src/domain/gainReport.ts";
import { RESULT_FILES, resultPath, SAMPLING_KINDS } from "#src/domain/records/resultLayout.ts";
import type { MicrographResult } from "#src/domain/preprocessPreview.ts";
import type { Outcome } from "#src/domain/session.ts";
import type { ResultContent } from "#src/platform/resultsOut.ts";
import type { ActionContext } from "./context.ts";
import { createFolderResults } from "./folderResults.ts";
import { preprocessed } from "./micrographDone.ts";
import { formKey, recipeOf } from "./micrographSlice.ts";
import { sameOrientation } from "./orientationSlice.ts";
import { overviewRows } from "./overviewRows.ts";
import { gainForReport, reportData } from "./reportData.ts";
import type { createReportPictures } from "./reportPictures.ts";
import { moviesOf } from "./sessionState.ts";
import type { SessionKeeper } from "./sessionKeeper.ts";
import { gainAppliedIn } from "./gainApplied.ts";
import { writtenSettings } from "./sessionSettings.ts";
import { keySource } from "./stepKeys.ts";

/** Writes a file; answers its name, which is another one where a foreign file has the name. */
export type Put = (path: string, content: ResultContent) => Promise<string>;

/** Where the final gain was written, from the results folder. */
interface WrittenGain {
  readonly assigned: boolean;
  readonly path: string | null;
  readonly pathAsStored: string | null;
}

const NO_GAIN: WrittenGain = { assigned: false, path: null, pathAsStored: null };

/** What a results folder holds besides the results of single movies. */
export interface ResultWriters {
  /** Gains, tables, sample, session.json. */
  readonly writeAll: (put: Put) => Promise<void>;
  /** SHA-256 of an input, in hexadecimal; null when it is not wanted or cannot be read. */
  readonly hashOf: (id: string) => Promise<string | null>;
  readonly writeReport: (put: Put) => Promise<void>;
  /** session.json as it stands. */
  readonly sessionJson: () => Promise<string | null>;
  /** Another place: everything is written again. `known`: names that are there already and are ours. */
  readonly forget: (known: ReadonlySet<string>) => void;
}

const value = async <T>(outcome: Promise<Outcome<T>>): Promise<T> => {
  const settled = await outcome;
  if (!settled.ok) throw fromFailure(settled.failure);
  return settled.value;
};

export function createResultWriters(
  { store, client, log }: ActionContext,
  keeper: SessionKeeper,
  picturesOf: ReturnType<typeof createReportPictures>,
  /** A file where results are written; null = it is not there. */
  read: (path: string) => Promise<File | null>,
): ResultWriters {
  const inFolder = createFolderResults(() => store.getState().project.id, keeper.db, read);
  let gain: { readonly made: string; readonly written: WrittenGain } | null = null;
  let earlier: ReadonlySet<string> = new Set();
  let sampled: unknown = null;
  let turns = 0;

  /** SHA-256 of references and tables by id; those of movies are in their records. */
  const hashes = new Map<string, string>();

  const hashOf = async (id: string): Promise<string | null> => {
    const { project, session } = store.getState();
    if (!project.plan.hashes || session.files.find((f) => f.id === id)?.simulated !== false)
      return null;
    const outcome = await client.call((api) => api.files.digest(id));
    return outcome.ok ? outcome.value : null;
  };

  const hashReferences = async (): Promise<void> => {
    for (const { id, kind } of store.getState().session.files) {
      if (kind === null || kind === "movie" || hashes.has(id)) continue;
      const hash = await hashOf(id);
      if (hash !== null) hashes.set(id, hash);
    }
  };

  /** Numbers of gains that have left the page, as read from the database; of the result of that time. */
  const numbersKept = new Map<
    string,
    { readonly at: number; readonly numbers: readonly GainNumbers[] }
  >();

  /** Estimates and residuals of all movies; what has left the page comes from the database, once. */
  const numbersOfGains = async (): Promise<readonly GainNumbers[]> => {
    const { project, gain: shown } = store.getState();
    const found: GainNumbers[] = [];
    for (const id of project.order) {
      const both = [shown.sets.estimated[id], shown.sets.residual[id]].filter(
        (report: GainReport | undefined) => report !== undefined,
      );
      found.push(...both.map(gainNumbers));
      const done = project.records[id]?.steps.gain;
      if (both.length > 0 || project.id === null || done?.failure !== null) continue;
      let known = numbersKept.get(id);
      if (known?.at !== done.at) {
        const kept = await keeper.db.report(project.id, id, "gain").catch(() => null);
        const numbers =
          kept === null
            ? await inFolder.gains(project.records[id])
            : [gainNumbers(kept as GainReport)];
        if (numbers.length === 0) continue;
        known = { at: done.at, numbers };
        numbersKept.set(id, known);
      }
      found.push(...known.numbers);
    }
    return found;
  };

  /**
   * Estimates of the gain itself. Where all are of earlier visits and their gain is written, none are needed: as it
   * stands there, since a name that is noted tells no more than that its writing was begun.
   */
  const estimatesOf = async (reports: readonly GainNumbers[]): Promise<readonly GainNumbers[]> => {
    const { gain: shown, session } = store.getState();
    const made = reports.filter(({ residual }) => !residual);
    const known: Readonly<Partial<Record<string, GainReport>>> = shown.sets.estimated;
    if (session.reference !== null || !earlier.has(RESULT_FILES.finalGain)) return made;
    if (made.some(({ id }) => known[id] !== undefined)) return made;
    const names = new Set(made.map(({ name }) => name));
    const held = await inFolder.finalGainOf();
    const whole = held.length >= Math.min(made.length, MOST_GAINS_READ_BACK);
    return held.length > 0 && whole && held.every((name) => names.has(name)) ? [] : made;
  };

  /** The gain that tables assign to the movies, with all that tells of it. */
  const writeGains = async (put: Put, reports: readonly GainNumbers[]): Promise<WrittenGain> => {
    const { session, gain: state, orientation, protocol } = store.getState();
    const movie = moviesOf(session).find((f) => f.header !== null && f.failure === null);
    if (movie === undefined) return gain?.written ?? NO_GAIN;
    const { reference, defects } = session;
    const { report } = orientation;
    const found = report?.reference === reference ? report : null;
    const inUse =
      found?.best != null && found.confident && sameOrientation(found.best, state.orientation);
    const kept = await estimatesOf(reports);
    const pose = state.orientation;
    const normalise = protocol.switches.normalise;
    // Another estimate of the same movie has other pictures.
    const pixels = kept.map(({ pictures: name }) => name);
    const applied = gainAppliedIn(store.getState());
    const made = JSON.stringify([reference, pose, defects, inUse, normalise, pixels, applied]);
    if (gain?.made === made) return gain.written;
    const answer = await value(
      client.call((api) =>
        api.results.gainFiles({
          movie: movie.id,
          reference: reference === null ? null : { id: reference, orientation: pose },
          found,
          inUse,
          estimates: kept.map(({ kept: held, pictures, name, noiseFloor }) => ({
            ...{ held, pictures, name, noiseFloor },
          })),
          ...{ defects, normalise, applied },
        }),
      ),
    );
    if (answer.refused !== null) log(answer.refused, { level: "warning" });
    let { path, pathAsStored } = NO_GAIN;
    for (const { name, bytes } of answer.files) {
      const as = await put(name, bytes);
      if (name === RESULT_FILES.finalGain) path = as;
      if (name === RESULT_FILES.finalGainAsStored) pathAsStored = as;
    }
    // Estimates of an earlier visit have left memory, their gain is in the folder all the same.
    if (path === null && reference === null && earlier.has(RESULT_FILES.finalGain)) {
      path = RESULT_FILES.finalGain;
      if (earlier.has(RESULT_FILES.finalGainAsStored))
        pathAsStored = RESULT_FILES.finalGainAsStored;
    }
    const written = { assigned: applied.source !== "none", path, pathAsStored };
    gain = { made, written };
    return written;
  };

  const texts = async (
    written: WrittenGain,
    gains: readonly GainNumbers[],
  ): Promise<readonly (readonly [path: string, content: string])[]> => {
    const state = store.getState();
    const { project, motion, backend, session } = state;
    const turn = ++turns;
    const rows = new Map(overviewRows(state).map((row) => [row.id, row]));
    const byMovie = new Map<string, GainNumbers[]>();
    for (const numbers of gains)
      byMovie.set(numbers.id, [...(byMovie.get(numbers.id) ?? []), numbers]);
    await keeper.whole(async (records) => {
      const theirs = records.flatMap(({ id }) => rows.get(id) ?? []);
      const numbers = records.flatMap(({ id }) => byMovie.get(id) ?? []);
      await value(client.call((api) => api.report.gather(turn, theirs, records, numbers)));
    });
    return await value(
      client.call((api) =>
        api.report.sessionTables(turn, {
          gain: written,
          voltageKv: motion.parameters.voltageKv,
          session: {
            name: project.name,
            written: new Date().toISOString(),
            backend: backend.info === null ? null : `${backend.info.kind}: ${backend.info.name}`,
            settings: writtenSettings(state),
            gainApplied: gainAppliedIn(state),
            inputs: session.files.map(({ id, path, size, lastModified, kind }) => ({
              ...{ id, path, size, lastModified, kind, sha256: knownHash(id) },
            })),
          },
        }),
      ),
    );
  };

  const knownHash = (id: string): string | null =>
    hashes.get(id) ?? store.getState().project.records[id]?.sha256 ?? null;

  /** Results of preprocessing of earlier visits, read once. */
  const earlierResults = new Map<
    string,
    { readonly key: string; readonly result: MicrographResult }
  >();
  const processedEarlier = async (id: string): Promise<MicrographResult | null> => {
    const { project } = store.getState();
    const key = project.records[id]?.steps.preprocess?.key;
    if (key === undefined || project.id === null) return null;
    const known = earlierResults.get(id);
    if (known?.key === key) return known.result;
    const kept = await keeper.db.report(project.id, id, "preprocess").catch(() => null);
    const result =
      kept === null ? await inFolder.processed(project.records[id]) : (kept as MicrographResult);
    if (result === null) return null;
    earlierResults.set(id, { key, result });
    return result;
  };

  const writeMicrographTables = async (put: Put): Promise<void> => {
    const state = store.getState();
    const { micrograph, motion, project } = state;
    const { voltageKv } = motion.parameters;
    const keys = keySource(state);
    const results: Readonly<Partial<Record<string, MicrographResult>>> = micrograph.results;
    const made: MicrographResult[] = [];
    // In the order of the session, those of earlier visits among them.
    for (const id of project.order) {
      if (preprocessed(micrograph, project.records, keys, id) !== "current") continue;
      const result = results[id] ?? (await processedEarlier(id));
      if (result !== null) made.push(result);
    }
    const ordered = new Set(project.order);
    for (const result of Object.values(micrograph.results))
      if (
        !ordered.has(result.fileId) &&
        micrograph.madeWith[result.fileId] === formKey(micrograph.form)
      )
        made.push(result);
    if (made.length === 0) return;
    const named = made.map((result) => ({
      ...result,
      output: resultPath("micrographs", result.output),
    }));
    const recipe = recipeOf(micrograph.form);
    const tables = await value(
      client.call((api) => api.micrograph.tables(named, recipe, null, voltageKv)),
    );
    for (const [name, content] of tables) await put(resultPath("micrographs", name), content);
  };

  const writeSample = async (put: Put): Promise<void> => {
    const { files, csvColumns, sample, options } = store.getState().sampling;
    if (sample === null || sample === sampled) return;
    const request = { files, csvColumns, sample, options, kinds: SAMPLING_KINDS };
    const made = await value(client.call((api) => api.ctf.export(request)));
    for (const { name, bytes } of made) await put(resultPath("sampling", name), bytes);
    sampled = sample;
  };

  return {
    hashOf,
    writeAll: async (put) => {
      await hashReferences();
      const reports = await numbersOfGains();
      const written = await writeGains(put, reports);
      for (const [path, content] of await texts(written, reports)) await put(path, content);
      await writeMicrographTables(put);
      await writeSample(put);
    },
    writeReport: async (put) => {
      const state = store.getState();
      const { leaveOut } = state.report;
      const estimate = await gainForReport(state, keeper.db);
      const shown = leaveOut.includes("pictures") ? [] : await picturesOf(state, estimate);
      const data = reportData(store.getState(), shown, leaveOut, estimate, knownHash);
      const page = await value(client.call((api) => api.report.make(data)));
      await put(RESULT_FILES.report, page.html);
    },
    sessionJson: async () => {
      const all = await texts(gain?.written ?? NO_GAIN, await numbersOfGains());
      return all.find(([path]) => path === RESULT_FILES.session)?.[1] ?? null;
    },
    forget: (known) => {
      gain = null;
      numbersKept.clear();
      inFolder.forget();
      sampled = null;
      earlier = known;
    },
  };
}
