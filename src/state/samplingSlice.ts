import { defaultSampleOptions } from "#src/domain/ctf.ts";
import type {
  CsvColumns,
  CsvQuestion,
  CtfTable,
  DefocusSample,
  SampleExport,
  SampleOptions,
} from "#src/domain/ctf.ts";
import { CryoloupeError, fromFailure, toFailure } from "#src/domain/errors.ts";
import type { Failure } from "#src/domain/errors.ts";
import type { SessionFile } from "#src/domain/session.ts";
import {
  leftOutReasons,
  sampleEstimates,
  sampleReadiness,
  undrawnSample,
} from "#src/math/defocusSample.ts";
import { createRandom } from "#src/math/random.ts";
import { copyIntoFolder, saveFiles } from "#src/platform/saveFiles.ts";
import { pickFolderHandle } from "#src/platform/fileAccess.ts";
import { watchFile } from "#src/platform/watchFile.ts";
import { watchFolder } from "#src/platform/watchFolder.ts";
import type { ActionContext } from "./context.ts";
import { picturesByName, picturesOf } from "./samplingRows.ts";
import type { ScatterKind } from "./samplingRows.ts";
import type { SessionActions } from "./sessionState.ts";

export interface SamplingState {
  /** Files of kind "table" that are sampled together, by id. */
  readonly files: readonly string[];
  readonly table: CtfTable | null;
  readonly question: CsvQuestion | null;
  readonly csvColumns: CsvColumns | null;
  readonly failure: Failure | null;
  readonly loading: boolean;
  readonly options: SampleOptions;
  /** Earlier options, the latest last. */
  readonly past: readonly SampleOptions[];
  /** Why each estimate of the table is left out, or null. */
  readonly reasons: readonly (string | null)[];
  readonly sample: DefocusSample | null;
  /** What could be drawn from, while more is waited for: nothing is selected in it. */
  readonly population: DefocusSample | null;
  /** Why there is no sample although there should be. */
  readonly sampleFailure: Failure | null;
  /** Estimates in the table when the sample was drawn. */
  readonly sampledOf: number;
  /** "63 of 100 arrived", while too few are there and the user has not closed the table. */
  readonly waiting: string | null;
  /** The user does not wait for more. */
  readonly closed: boolean;
  /** Name of the table or folder that is watched. */
  readonly watching: string | null;
  /** The row of the table that keyboard and viewer follow. */
  readonly current: number | null;
  readonly scatter: ScatterKind;
  readonly list: "sampled" | "all";
  readonly shown: "plots" | "viewer";
}

export const initialSampling: SamplingState = {
  files: [],
  table: null,
  question: null,
  csvColumns: null,
  failure: null,
  loading: false,
  options: defaultSampleOptions,
  past: [],
  reasons: [],
  sample: null,
  population: null,
  sampleFailure: null,
  sampledOf: 0,
  waiting: null,
  closed: false,
  watching: null,
  current: null,
  scatter: "resolution",
  list: "sampled",
  shown: "plots",
};

export interface SamplingActions {
  readonly setSampling: (
    change: Partial<Pick<SamplingState, "scatter" | "list" | "shown" | "current">>,
  ) => void;
  readonly setSampleOptions: (change: Partial<SampleOptions>) => void;
  /** The same question with another seed. */
  readonly sampleAgain: () => void;
  /** Closes the table: samples what is there. */
  readonly sampleNow: () => void;
  readonly toggleLock: (micrograph: string) => void;
  readonly leaveOut: (micrographs: readonly string[]) => void;
  readonly takeBack: () => void;
  readonly answerColumns: (columns: CsvColumns | null) => void;
  readonly watchTable: () => Promise<void>;
  /** Takes what comes into a folder: tables, one for each micrograph or one for all, and pictures. */
  readonly watchFolder: () => Promise<void>;
  /** One step back in options, limits, locks and exclusions. */
  readonly undoSampling: () => void;
  /** Closes the stream: what is waited for is sampled from what has come. */
  readonly stopWatching: () => void;
  readonly saveSample: (kinds: readonly SampleExport[]) => Promise<void>;
  readonly copySampled: () => Promise<void>;
  /** Shows the next (1) or previous (−1) sampled micrograph. */
  readonly stepSampled: (step: number) => void;
}

const MOST_UNDO = 100;
/** Changes of one option within this time are one step back. */
const SAME_STEP_MS = 900;

/** Files that come within this time of each other are read together, for so long at most. */
const SETTLE_MS = 60;
const LONGEST_WAIT_MS = 1500;

function lostFolder(name: string, error: unknown): CryoloupeError {
  const reason = error instanceof Error ? error.message : String(error);
  return new CryoloupeError(
    "permission-denied",
    `The folder ${name} can no longer be read: ${reason}. What came from it is kept; watch it again.`,
    { cause: error },
  );
}

export function createSamplingActions(
  { store, client, update, log }: ActionContext,
  session: {
    readonly openDropped: SessionActions["openDropped"];
    readonly fileOf: (id: string) => File | null;
    readonly removeFile: (id: string) => void;
    readonly report: (error: unknown) => void;
  },
): { readonly actions: SamplingActions; readonly onFile: (file: SessionFile) => void } {
  let watch: { stop(): void } | null = null;
  let lastChange = { what: "", time: 0 };
  let timer: ReturnType<typeof setTimeout> | null = null;
  let waitingSince = 0;

  /** Draws the sample anew from the table and the options as they are. */
  const draw = (change: Partial<SamplingState> = {}): void =>
    update("sampling", (old) => {
      const state = { ...old, ...change };
      const { table, options } = state;
      if (table === null) return change;
      const reasons = leftOutReasons(table.estimates, options);
      const usable = reasons.filter((r) => r === null).length;
      const closed = state.closed || old.sample !== null;
      const { ready, note } = sampleReadiness(usable, options.minImages, closed);
      if (!ready)
        return {
          ...change,
          reasons,
          sample: null,
          population: undrawnSample(table.estimates, options, reasons),
          waiting: note,
          sampleFailure: null,
        };
      try {
        const sample = sampleEstimates(table.estimates, options, reasons);
        return {
          ...change,
          reasons,
          sample,
          population: null,
          sampledOf: table.estimates.length,
          waiting: null,
          sampleFailure: null,
        };
      } catch (error) {
        return { ...change, reasons, sample: null, waiting: null, sampleFailure: toFailure(error) };
      }
    });

  const read = async (): Promise<void> => {
    const { files, csvColumns } = store.getState().sampling;
    if (files.length === 0) return;
    update("sampling", () => ({ loading: true, failure: null }));
    const outcome = await client.call((api) => api.ctf.open(files, csvColumns));
    if (store.getState().sampling.files !== files) return;
    if (!outcome.ok) {
      log(outcome.failure.message, { level: "error" });
      update("sampling", () => ({ loading: false, failure: outcome.failure }));
      return;
    }
    if (outcome.value.kind === "question") {
      const { question } = outcome.value;
      update("sampling", () => ({ loading: false, question }));
      return;
    }
    const { table, refused } = outcome.value;
    for (const text of table.warnings) log(text, { level: "warning" });
    for (const { message } of refused) log(message, { level: "error" });
    const { sample } = store.getState().sampling;
    const arrived = { table, loading: false, question: null, failure: refused[0] ?? null };
    // A sample that is drawn stays as it is when more arrives: "outdated", until it is asked for again.
    if (sample !== null && table.estimates.length > 0)
      update("sampling", ({ options }) => ({
        ...arrived,
        reasons: leftOutReasons(table.estimates, options),
      }));
    else draw(arrived);
  };

  /** Remembers the options as they are; changes of the same within a moment are one step back. */
  const remember = (what: string): readonly SampleOptions[] => {
    const { options, past } = store.getState().sampling;
    const now = Date.now();
    const same = what === lastChange.what && now - lastChange.time < SAME_STEP_MS;
    lastChange = { what, time: now };
    return same ? past : [...past.slice(1 - MOST_UNDO), options];
  };

  const setOptions = (
    change: Partial<SampleOptions>,
    what = Object.keys(change).join(),
    old = store.getState().sampling.options,
  ): void => draw({ past: remember(what), options: { ...old, ...change } });

  const rowsShown = (): readonly number[] => store.getState().sampling.sample?.rows ?? [];

  const actions: SamplingActions = {
    setSampling: (change) => update("sampling", () => change),
    setSampleOptions: (change) => setOptions(change),
    undoSampling: () => {
      lastChange = { what: "", time: 0 };
      const { past } = store.getState().sampling;
      const options = past.at(-1);
      if (options !== undefined) draw({ options, past: past.slice(0, -1) });
    },
    sampleAgain: () => {
      const { options } = store.getState().sampling;
      setOptions({ seed: createRandom(options.seed).integer(1_000_000) }, `again ${options.seed}`);
    },
    sampleNow: () => draw({ closed: true }),
    toggleLock: (micrograph) => {
      const { options } = store.getState().sampling;
      const locked = options.locked.includes(micrograph)
        ? options.locked.filter((name) => name !== micrograph)
        : [...options.locked, micrograph];
      // Locking changes what may happen next, not the sample that is shown.
      const past = remember(`lock ${micrograph}`);
      update("sampling", () => ({ past, options: { ...options, locked } }));
    },
    leaveOut: (micrographs) => {
      const { excluded, locked } = store.getState().sampling.options;
      const gone = new Set(micrographs);
      setOptions(
        {
          excluded: [...new Set([...excluded, ...micrographs])],
          locked: locked.filter((name) => !gone.has(name)),
        },
        `leave out ${excluded.length}`,
      );
    },
    takeBack: () => setOptions({ excluded: [] }, "take back"),
    answerColumns: (columns) => {
      if (columns === null) {
        update("sampling", ({ table }) => ({
          question: null,
          files: table === null ? [] : store.getState().sampling.files,
        }));
        return;
      }
      update("sampling", () => ({ csvColumns: columns, question: null }));
      void read();
    },
    watchTable: async () => {
      try {
        const started = await watchFile(
          (file) => void session.openDropped({ files: [{ path: file.name, file }], folders: [] }),
          session.report,
        );
        if (started === null) return;
        watch?.stop();
        watch = started;
        update("sampling", () => ({ watching: started.name }));
      } catch (error) {
        session.report(error);
      }
    },
    watchFolder: async () => {
      try {
        const folder = await pickFolderHandle();
        if (folder === null) return;
        watch?.stop();
        watch = watchFolder(folder, {
          onFiles: (files) => session.openDropped({ files, folders: [] }),
          onError: (error) => {
            update("sampling", () => ({ watching: null }));
            session.report(lostFolder(folder.name, error));
          },
        });
        update("sampling", () => ({ watching: folder.name }));
      } catch (error) {
        session.report(error);
      }
    },
    stopWatching: () => {
      watch?.stop();
      watch = null;
      if (store.getState().sampling.waiting === null)
        update("sampling", () => ({ watching: null }));
      else draw({ watching: null, closed: true });
    },
    saveSample: async (kinds) => {
      const { files, csvColumns, sample, options } = store.getState().sampling;
      if (sample === null) return;
      const outcome = await client.call((api) =>
        api.ctf.export({ files, csvColumns, sample, options, kinds }),
      );
      if (!outcome.ok) {
        session.report(fromFailure(outcome.failure));
        return;
      }
      await saveFiles(outcome.value, "sampled.zip");
      log(`Saved ${outcome.value.map((f) => f.name).join(", ")}, seed ${options.seed}.`);
    },
    copySampled: async () => {
      const state = store.getState();
      const { table, sample } = state.sampling;
      if (table === null || sample === null) return;
      const byName = picturesByName(state.session.files);
      const found = sample.rows
        .map((row) => picturesOf(table.estimates[row], byName).micrograph)
        .map((id) => (id === null ? null : session.fileOf(id)))
        .filter((file) => file !== null);
      try {
        const folder = await copyIntoFolder(found, () => undefined);
        if (folder !== null)
          log(
            `Copied ${found.length} of ${sample.rows.length} sampled micrographs into ${folder}.`,
          );
      } catch (error) {
        session.report(error);
      }
    },
    stepSampled: (step) => {
      const rows = rowsShown();
      const at = rows.indexOf(store.getState().sampling.current ?? -1);
      const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
      if (next !== undefined) update("sampling", () => ({ current: next }));
    },
  };

  /** A table joins the others; one of the same path takes the place of its older self. */
  const onFile = (file: SessionFile): void => {
    if (file.kind !== "table") return;
    const { files: sessionFiles } = store.getState().session;
    const older = sessionFiles
      .filter((f) => f.path === file.path && f.kind === "table" && f.id !== file.id)
      .map((f) => f.id);
    update("sampling", ({ files }) => ({
      files: [...files.filter((id) => !older.includes(id) && id !== file.id), file.id],
      loading: true,
    }));
    for (const id of older) session.removeFile(id);
    // What a watched folder brings does not take the user away from other work.
    if (store.getState().sampling.watching === null)
      update("view", () => ({ workspace: "sampling" as const }));
    // Many small files come one after the other: they are read together, and now and then in between.
    const now = Date.now();
    if (timer === null) waitingSince = now;
    else if (now - waitingSince < LONGEST_WAIT_MS) clearTimeout(timer);
    else return;
    timer = setTimeout(() => {
      timer = null;
      void read();
    }, SETTLE_MS);
  };
  return { actions, onFile };
}
