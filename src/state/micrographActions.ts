import { PREPROCESS_DEFAULTS } from "#src/domain/preprocess.ts";
import type {
  PreprocessArithmetic,
  PreprocessOperationName,
  PreprocessParameters,
} from "#src/domain/preprocess.ts";
import type { MicrographResult } from "#src/domain/preprocessPreview.ts";
import { toFailure } from "#src/domain/errors.ts";
import type { Failure } from "#src/domain/errors.ts";
import type { Outcome } from "#src/domain/session.ts";
import { folderTarget, pickOutputFolder, zipTarget } from "#src/platform/saveTarget.ts";
import type { SaveTarget } from "#src/platform/saveTarget.ts";
import type { MovieWorkerApi } from "#workers/contracts.ts";
import type { ActionContext } from "./context.ts";
import { createPreviewer } from "./micrographPreview.ts";
import {
  PRESETS,
  formKey,
  micrographsOf,
  micrographsToProcess,
  problemsOf,
  recipeOf,
  switchesOf,
} from "./micrographSlice.ts";
import type { MicrographForm, MicrographState, PresetId } from "./micrographSlice.ts";
import { followMicrographs } from "./micrographFollow.ts";
import { rowOfFile } from "./micrographInputs.ts";
import type { FileListener } from "./sessionSlice.ts";
import { keySource } from "./stepKeys.ts";

export interface MicrographActions {
  readonly setMicrographView: (
    change: Partial<Pick<MicrographState, "open" | "scope" | "compare" | "regionAt" | "follow">>,
  ) => void;
  readonly switchOperation: (name: PreprocessOperationName, on: boolean) => void;
  readonly setOperation: <Name extends PreprocessOperationName>(
    name: Name,
    change: Partial<PreprocessParameters[Name]>,
  ) => void;
  readonly resetOperation: (name: PreprocessOperationName) => void;
  readonly setPreset: (preset: PresetId) => void;
  readonly setArithmetic: (arithmetic: PreprocessArithmetic) => void;
  readonly undoMicrograph: () => void;
  /** Computes the whole of the selected micrograph for the viewer. */
  readonly previewWhole: () => Promise<void>;
  /** Processes the given micrographs, or all. */
  readonly applyOperations: (ids?: readonly string[]) => Promise<void>;
  /** The same for a session that writes results and tables by itself. */
  readonly applyInto: (save: SaveTarget, ids: readonly string[]) => Promise<void>;
  readonly chooseOutputFolder: () => Promise<void>;
  readonly useZip: () => void;
  /** Processes all micrographs of the session again, not those of a table. */
  readonly leaveTable: () => void;
}

/** A result that was written, and the recipe that made it. */
interface WrittenResult {
  readonly result: MicrographResult;
  readonly key: string;
  /** The name it would have had if nothing had been in its way. */
  readonly wanted: string;
}

const MOST_UNDO = 100;
/** Changes of one number within this time are one step back. */
const SAME_STEP_MS = 900;
const POLL_MS = 400;

export function createMicrographActions(context: ActionContext): MicrographActions {
  const { store, queue, steps, update, log } = context;
  const previewer = createPreviewer(context);
  /** The chosen folder with what was written into it: its tables hold all that one recipe made. */
  let folder: { readonly target: SaveTarget; readonly written: Map<string, WrittenResult> } | null =
    null;
  let lastChange = { what: "", time: 0 };

  const change = (what: string, make: (form: MicrographForm) => MicrographForm): void => {
    const now = Date.now();
    const same = what === lastChange.what && now - lastChange.time < SAME_STEP_MS;
    lastChange = { what, time: now };
    update("micrograph", ({ form, past }) => ({
      form: make(form),
      past: same ? past : [...past.slice(1 - MOST_UNDO), form],
    }));
  };

  /** Whether a file is one of the session's, by name, size and time. */
  const isInput = ({ name, size, lastModified }: File): boolean =>
    store
      .getState()
      .session.files.some(
        (file) => file.name === name && file.size === size && file.lastModified === lastModified,
      );

  const target = (count: number): SaveTarget =>
    folder === null
      ? zipTarget(`preprocessed_${count}_${count === 1 ? "micrograph" : "micrographs"}.zip`)
      : folder.target;

  /** Fetches what the worker has finished, writes it and marks its rows. */
  const take = async (
    api: MovieWorkerApi,
    runId: string,
    key: string,
    save: SaveTarget,
    finished: WrittenResult[],
  ): Promise<readonly { readonly id: string; readonly outcome: Outcome<MicrographResult> }[]> => {
    const news = await api.micrograph.takeBatch(runId);
    if (!news.ok) return [];
    const ended: { id: string; outcome: Outcome<MicrographResult> }[] = [];
    const failed = (id: string, error: unknown): void => {
      ended.push({ id, outcome: { ok: false, failure: fail(id, error) } });
    };
    for (const { result, mrc } of news.value.done) {
      let name: string;
      const wanted = save.nameOf?.(result.output) ?? result.output;
      try {
        name = await save.write(wanted, mrc);
      } catch (error) {
        failed(result.fileId, error);
        continue;
      }
      if (name !== wanted)
        log(`${wanted} is there already and is none of ours; the result is called ${name}.`, {
          level: "warning",
          file: result.input,
        });
      const written = { ...result, output: name };
      finished.push({ result: written, key, wanted });
      ended.push({ id: result.fileId, outcome: { ok: true, value: written } });
      for (const warning of result.warnings) log(warning, { level: "warning", file: result.input });
      update("micrograph", ({ results, madeWith }) => ({
        results: { ...results, [result.fileId]: { ...result, output: name } },
        madeWith: { ...madeWith, [result.fileId]: key },
      }));
    }
    for (const { fileId, failure } of news.value.failed) failed(fileId, failure);
    return ended;
  };

  const fail = (fileId: string, error: unknown): Failure => {
    const failure =
      error instanceof Error ? toFailure(error) : (error as ReturnType<typeof toFailure>);
    log(failure.message, { level: "error", file: failure.file ?? "" });
    update("micrograph", ({ failures }) => ({ failures: { ...failures, [fileId]: failure } }));
    return failure;
  };

  const apply = async (ids?: readonly string[], into?: SaveTarget): Promise<void> => {
    const state = store.getState();
    const { form } = state.micrograph;
    // A session names its micrographs itself, whatever a table says.
    const candidates = into === undefined ? micrographsToProcess(state) : micrographsOf(state);
    const files = candidates.filter(({ fileId }) => ids?.includes(fileId) ?? true);
    if (files.length === 0 || problemsOf(form, null).length > 0) return;
    const recipe = recipeOf(form);
    const key = formKey(form);
    const save = into ?? target(files.length);
    const keys = keySource(state);
    const began = performance.now();
    const held = into === undefined ? folder : null;
    const others = [...(held?.written ?? [])].filter(
      ([fileId]) => !files.some((file) => file.fileId === fileId),
    );
    const finished: WrittenResult[] = [];
    const chosen = files.map(({ fileId, path, source, pixelSizeA }) => ({
      ...{ fileId, name: path, source, pixelSizeA },
    }));
    update("micrograph", ({ failures }) => ({
      failures: Object.fromEntries(
        Object.entries(failures).filter(([id]) => !files.some(({ fileId }) => fileId === id)),
      ),
    }));
    const title = `Preprocessing ${files.length === 1 ? files[0].name : `${files.length} micrographs`}`;
    await queue.add({
      title,
      step: "preprocess",
      ...(files.length === 1 ? { fileId: files[0].fileId, fileName: files[0].name } : {}),
      ask: async (api, runId, callbacks) => {
        // One fetch after the other: a result is written before the next is asked for.
        let fetching = Promise.resolve();
        const fetch = (): Promise<void> => {
          fetching = fetching.then(async () => {
            const ended = await take(api, runId, key, save, finished);
            const seconds = (performance.now() - began) / 1000 / files.length;
            for (const { id, outcome } of ended)
              await steps.done({
                step: "preprocess",
                id,
                key: keys(id).preprocess,
                seconds,
                outcome,
              });
          });
          return fetching;
        };
        const timer = setInterval(() => void fetch().catch(() => undefined), POLL_MS);
        try {
          return await api.micrograph.runBatch(
            runId,
            callbacks,
            chosen,
            recipe,
            others.map(([, { wanted }]) => wanted),
          );
        } finally {
          clearInterval(timer);
          await fetch();
        }
      },
    });
    if (into !== undefined || finished.length === 0) return;
    for (const one of finished) held?.written.set(one.result.fileId, one);
    // A folder's tables hold everything in it that was made in this way, in the order of the session.
    const all = held === null ? finished : [...held.written.values()].filter((w) => w.key === key);
    await complete(
      all.map(({ result }) => result),
      recipe,
      save,
    );
  };

  /** Tables and provenance of what was finished, then the zip. */
  const complete = async (
    results: readonly MicrographResult[],
    recipe: ReturnType<typeof recipeOf>,
    save: SaveTarget,
  ): Promise<void> => {
    const state = store.getState();
    const { table } = state.micrograph;
    const inputs = new Map(
      micrographsToProcess(state).map((input, i) => [input.fileId, { input, i }]),
    );
    const sorted = [...results].sort(
      (a, b) => (inputs.get(a.fileId)?.i ?? Infinity) - (inputs.get(b.fileId)?.i ?? Infinity),
    );
    const rows = sorted.flatMap(({ fileId }) => inputs.get(fileId)?.input.row ?? []);
    const from =
      table !== null && rows.length === sorted.length ? { table: table.fileId, rows } : null;
    if (table !== null && from === null)
      log(`Some results are not in ${table.name}, so its columns were not carried over.`, {
        level: "warning",
      });
    try {
      const texts = await context.client.call((api) => api.micrograph.tables(sorted, recipe, from));
      if (texts.ok) for (const [name, content] of texts.value) await save.write(name, content);
      else log(texts.failure.message, { level: "error" });
      await save.finish();
    } catch (error) {
      log(toFailure(error).message, { level: "error" });
    }
  };

  followMicrographs(context, apply);

  return {
    setMicrographView: (view) => update("micrograph", () => view),
    switchOperation: (name, on) => {
      change(`switch ${name}`, (form) => ({ ...form, on: { ...form.on, [name]: on } }));
      if (on) update("micrograph", () => ({ open: name }));
    },
    setOperation: (name, parameters) =>
      change(`${name} ${Object.keys(parameters).join()}`, (form) => ({
        ...form,
        parameters: {
          ...form.parameters,
          [name]: { ...form.parameters[name], ...parameters },
        },
      })),
    resetOperation: (name) =>
      change(`reset ${name}`, (form) => ({
        ...form,
        parameters: { ...form.parameters, [name]: PREPROCESS_DEFAULTS[name] },
      })),
    setPreset: (id) => {
      const preset = PRESETS.find((known) => known.id === id);
      if (preset === undefined) return;
      change(`preset ${id}`, (form) => ({ ...form, on: switchesOf(preset.on) }));
    },
    setArithmetic: (arithmetic) => change("arithmetic", (form) => ({ ...form, arithmetic })),
    undoMicrograph: () => {
      lastChange = { what: "", time: 0 };
      update("micrograph", ({ form, past }) => ({
        form: past.at(-1) ?? form,
        past: past.slice(0, -1),
      }));
    },
    previewWhole: () => previewer.whole(),
    applyOperations: (ids) => apply(ids),
    applyInto: (save, ids) => apply(ids, save),
    chooseOutputFolder: async () => {
      try {
        const chosen = await pickOutputFolder();
        if (chosen === null) return;
        folder = { target: folderTarget(chosen, isInput), written: new Map() };
        update("micrograph", () => ({ folder: chosen.name }));
      } catch (error) {
        log(toFailure(error).message, { level: "error" });
      }
    },
    useZip: () => {
      folder = null;
      update("micrograph", () => ({ folder: null }));
    },
    leaveTable: () => update("micrograph", () => ({ table: null })),
  };
}

/**
 * A table that names micrographs says from then on which are processed, and gives their pixel sizes. A table of CTF
 * estimates goes to Sampling; it serves here too when it names what is open.
 */
export function createMicrographFileListener({
  store,
  client,
  update,
  log,
}: ActionContext): FileListener {
  return (file) => {
    if (file.kind !== "micrographs" && file.kind !== "table") return;
    void (async () => {
      const outcome = await client.call((api) => api.micrograph.readTable(file.id));
      if (!outcome.ok) {
        log(outcome.failure.message, { level: "error", file: file.name });
        if (file.kind === "micrographs")
          update("session", () => ({ notice: outcome.failure.message }));
        return;
      }
      if (outcome.value === null) return;
      const table = { fileId: file.id, name: file.name, ...outcome.value };
      const { session } = store.getState();
      const named = session.files.some((other) => rowOfFile(table, other) !== null);
      if (file.kind === "table" && !named) return;
      update("micrograph", () => ({ table }));
      if (file.kind === "micrographs") update("view", () => ({ workspace: "micrograph" as const }));
    })();
  };
}
