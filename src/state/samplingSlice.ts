import { astigmatismA, defaultSampleOptions, samplingDefocus } from "#src/domain/ctf.ts";
import type {
  CsvColumns,
  CsvQuestion,
  CtfEstimate,
  CtfTable,
  DefocusSample,
  SampleExport,
  SampleOptions,
} from "#src/domain/ctf.ts";
import { fromFailure, toFailure } from "#src/domain/errors.ts";
import type { Failure } from "#src/domain/errors.ts";
import type { SessionFile } from "#src/domain/session.ts";
import { leftOutReasons, sampleEstimates, sampleReadiness } from "#src/math/defocusSample.ts";
import { createRandom } from "#src/math/random.ts";
import { copyIntoFolder, saveFiles } from "#src/platform/saveFiles.ts";
import { watchFile } from "#src/platform/watchFile.ts";
import type { FileWatch } from "#src/platform/watchFile.ts";
import type { ActionContext } from "./context.ts";
import type { SessionActions } from "./sessionSlice.ts";

export interface SamplingState {
  /** Files of kind "table" that are sampled together, by id. */
  readonly files: readonly string[];
  readonly table: CtfTable | null;
  readonly question: CsvQuestion | null;
  readonly csvColumns: CsvColumns | null;
  readonly failure: Failure | null;
  readonly loading: boolean;
  readonly options: SampleOptions;
  /** Why each estimate of the table is left out, or null. */
  readonly reasons: readonly (string | null)[];
  readonly sample: DefocusSample | null;
  /** Why there is no sample although there should be. */
  readonly sampleFailure: Failure | null;
  /** Estimates in the table when the sample was drawn. */
  readonly sampledOf: number;
  /** "63 of 100 arrived", while too few are there and the user has not closed the table. */
  readonly waiting: string | null;
  /** The user does not wait for more. */
  readonly closed: boolean;
  /** Name of the table that is watched. */
  readonly watching: string | null;
  /** The row of the table that keyboard and viewer follow. */
  readonly current: number | null;
  readonly scatter: "resolution" | "astigmatism" | "order";
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
  reasons: [],
  sample: null,
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
  readonly stopWatching: () => void;
  readonly saveSample: (kinds: readonly SampleExport[]) => Promise<void>;
  readonly copySampled: () => Promise<void>;
  /** Shows the next (1) or previous (−1) sampled micrograph. */
  readonly stepSampled: (step: number) => void;
}

/** A file name without folder and endings. */
export function fileStem(path: string): string {
  const name = path.replace(/:mrc$/, "");
  const base = name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
  return base.replace(/\.(?:mrcs?|tiff?|eer|ctf|st|map)$/i, "");
}

/** What a micrograph and its spectrum share with the session's files. */
export function bareName(path: string): string {
  return fileStem(path.replace(/^\d+@/, "")).toLowerCase();
}

/** Session files by bare name, spectra (`.ctf`, `_PS`) apart from micrographs. */
export function picturesByName(files: readonly SessionFile[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const file of files)
    if (file.header !== null)
      found.set(`${/\.ctf$/i.test(file.name) ? "ctf/" : ""}${bareName(file.name)}`, file.id);
  return found;
}

/** Session files of a micrograph and of its power spectrum, where they are open. */
export function picturesOf(
  estimate: CtfEstimate,
  byName: ReadonlyMap<string, string>,
): { readonly micrograph: string | null; readonly spectrum: string | null } {
  const micrograph = byName.get(bareName(estimate.micrograph)) ?? null;
  const path = estimate.spectrumFile;
  if (path === null) return { micrograph, spectrum: null };
  const prefix = /\.ctf(?::mrc)?$/i.test(path) ? "ctf/" : "";
  const spectrum = byName.get(`${prefix}${bareName(path)}`) ?? null;
  return { micrograph, spectrum: spectrum === micrograph ? null : spectrum };
}

/** Time of acquisition in the name, as EPU and SerialEM write it (…_20190118_1420…), in ms; null where there is none. */
export function acquisitionTime(name: string): number | null {
  const match = /(20\d\d)(\d\d)(\d\d)[_-]?(\d\d)(\d\d)(\d\d)?(?!\d)/.exec(name);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0));
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59) return null;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

export type SortKey = "name" | "defocus" | "astigmatism" | "resolution" | "score";

/** Rows (null = all) in the order of a column, missing values last; in table order without a column. */
export function sortedRows(
  table: CtfTable,
  rows: readonly number[] | null,
  key: SortKey | null,
  down: boolean,
): readonly number[] {
  const given = rows ?? table.estimates.map((e) => e.row);
  if (key === null) return given;
  const sign = down ? -1 : 1;
  if (key === "name")
    return given
      .slice()
      .sort(
        (a, b) =>
          sign *
          bareName(table.estimates[a].micrograph).localeCompare(
            bareName(table.estimates[b].micrograph),
            "en",
            { numeric: true },
          ),
      );
  const value = (e: CtfEstimate): number => {
    const found = {
      defocus: e.failure === null ? samplingDefocus(e) : null,
      astigmatism: e.failure === null ? astigmatismA(e) : null,
      resolution: e.resolutionA,
      score: e.figureOfMerit,
    }[key];
    return found === null || !Number.isFinite(found) ? Infinity : sign * found;
  };
  const keys = new Map(given.map((row) => [row, value(table.estimates[row])]));
  return given.slice().sort((a, b) => {
    const [x, y] = [keys.get(a) ?? 0, keys.get(b) ?? 0];
    return x === y ? a - b : x < y ? -1 : 1;
  });
}

/** What the scatter shows over defocus: values by row, null where there is none. */
export function scatterValues(
  table: CtfTable,
  kind: SamplingState["scatter"],
): { readonly values: readonly (number | null)[]; readonly title: string } {
  if (kind === "resolution")
    return { values: table.estimates.map((e) => e.resolutionA), title: "rings fitted to, Å" };
  if (kind === "astigmatism")
    return {
      values: table.estimates.map((e) => {
        const difference = astigmatismA(e);
        return difference === null ? null : difference / 10;
      }),
      title: "astigmatism, nm",
    };
  const times = table.estimates.map((e) => acquisitionTime(e.micrograph));
  const known = times.filter((t) => t !== null);
  if (known.length > 0.9 * times.length && times.length > 1) {
    const first = known.reduce((a, b) => Math.min(a, b));
    return {
      values: times.map((t) => (t === null ? null : (t - first) / 3.6e6)),
      title: "time since the first, h",
    };
  }
  return { values: table.estimates.map((_, i) => i + 1), title: "place in the table" };
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
  let watch: FileWatch | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;

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
      if (!ready) return { ...change, reasons, sample: null, waiting: note, sampleFailure: null };
      try {
        const sample = sampleEstimates(table.estimates, options, reasons);
        return {
          ...change,
          reasons,
          sample,
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

  const setOptions = (change: Partial<SampleOptions>): void =>
    draw({ options: { ...store.getState().sampling.options, ...change } });

  const rowsShown = (): readonly number[] => store.getState().sampling.sample?.rows ?? [];

  const actions: SamplingActions = {
    setSampling: (change) => update("sampling", () => change),
    setSampleOptions: setOptions,
    sampleAgain: () => {
      const { options } = store.getState().sampling;
      setOptions({ seed: createRandom(options.seed).integer(1_000_000) });
    },
    sampleNow: () => draw({ closed: true }),
    toggleLock: (micrograph) => {
      const { options } = store.getState().sampling;
      const locked = options.locked.includes(micrograph)
        ? options.locked.filter((name) => name !== micrograph)
        : [...options.locked, micrograph];
      // Locking changes what may happen next, not the sample that is shown.
      update("sampling", () => ({ options: { ...options, locked } }));
    },
    leaveOut: (micrographs) => {
      const { excluded, locked } = store.getState().sampling.options;
      const gone = new Set(micrographs);
      setOptions({
        excluded: [...new Set([...excluded, ...micrographs])],
        locked: locked.filter((name) => !gone.has(name)),
      });
    },
    takeBack: () => setOptions({ excluded: [] }),
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
    stopWatching: () => {
      watch?.stop();
      watch = null;
      update("sampling", () => ({ watching: null }));
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
    const { files: known } = store.getState().sampling;
    const older = known.filter(
      (id) => sessionFiles.find((f) => f.id === id)?.path === file.path && id !== file.id,
    );
    update("sampling", ({ files }) => ({
      files: [...files.filter((id) => !older.includes(id) && id !== file.id), file.id],
    }));
    for (const id of older) session.removeFile(id);
    update("view", () => ({ workspace: "sampling" as const }));
    // Many small files come one after the other: they are read together.
    if (timer !== null) clearTimeout(timer);
    update("sampling", () => ({ loading: true }));
    timer = setTimeout(() => void read(), 60);
  };
  return { actions, onFile };
}
