import type { MovieRecord, MovieStepName, StepKeys } from "#src/domain/records/movieRecord.ts";
import type { Outcome } from "#src/domain/session.ts";
import { stepsDue } from "#src/math/movieState.ts";
import type { AppState } from "./appState.ts";
import type { ActionContext } from "./context.ts";
import { isOwnEstimate } from "./sessionState.ts";
import { keySource } from "./stepKeys.ts";

/** What carries a step out: the same actions that the workspaces' buttons have. */
export interface StepActions {
  readonly findOrientation: () => Promise<void>;
  readonly estimateGain: (ids: readonly string[]) => Promise<void>;
  readonly correctMotion: (ids: readonly string[]) => Promise<void>;
  readonly applyOperations: (ids: readonly string[]) => Promise<void>;
  /** Sees to it that a movie's corrected micrograph is in memory; the failure says why it cannot be. */
  readonly bringMicrograph: (id: string) => Promise<Outcome<null>>;
  readonly sample: () => void;
  /** Whether movies cannot be read because their folder cannot be. */
  readonly anyLost: () => Promise<boolean>;
  /** Whether the folder of the results cannot be used now. */
  readonly resultsAway: () => Promise<boolean>;
}

/** The folder cannot be read for now: nothing is begun until it can be. */
const waitsForFolder = ({ project }: AppState): boolean =>
  project.watching.state === "permission" || project.watching.state === "gone";

export interface Work {
  readonly id: string;
  readonly step: MovieStepName;
}

/** The first step of the plan that is due; null = none is, or the one before it has failed. */
function runnable(state: AppState, record: MovieRecord, keys: StepKeys): MovieStepName | null {
  const [step] = stepsDue(record, state.project.plan, keys);
  if (step !== "preprocess") return step ?? null;
  // Without a micrograph there is nothing to work on: its motion is due first, or has failed.
  const { motion } = record.steps;
  if (motion === undefined) return "motion";
  return motion.failure === null ? step : null;
}

/** Settings have to stay for so long before anything is done with them: a number is typed digit by digit. */
const STEADY_MS = 1500;

/** Time between two looks for a folder that is away. */
const LOOK_AGAIN_MS = 2000;

const isSearching = ({ runs }: AppState): boolean =>
  [runs.active, ...runs.waiting].some((run) => run?.step === "orientation");

/** Whether what the steps lean on is there: references are open, the pose has been searched. */
function isReady({ session, orientation, project }: AppState): "ready" | "search" | "wait" {
  const { reference, dark, defects, files } = session;
  for (const id of [reference, dark, defects]) {
    if (id === null) continue;
    const file = files.find((f) => f.id === id);
    if (file === undefined || (file.kind === null && file.failure === null)) return "wait";
  }
  if (reference === null || !project.plan.steps.orientation) return "ready";
  if (isOwnEstimate(session, reference)) return "ready";
  return orientation.report?.reference === reference || orientation.failure !== null
    ? "ready"
    : "search";
}

/**
 * The next step of the session: what the user looks at first, then by order of arrival; a movie is
 * finished before the next is begun. null = nothing is due, or nothing can be done now.
 */
export function nextWork(state: AppState, keys: (id: string) => StepKeys): Work | null {
  const { records, order } = state.project;
  const open = new Set<string>();
  for (const file of state.session.files)
    if (file.kind === "movie" && file.failure === null) open.add(file.id);
  const of = (id: string | null): Work | null => {
    const record = id === null ? undefined : records[id];
    if (record === undefined || !open.has(record.id)) return null;
    const step = runnable(state, record, keys(record.id));
    return step === null ? null : { id: record.id, step };
  };
  const looked = of(state.session.selected);
  if (looked !== null) return looked;
  for (const id of order) {
    const work = of(id);
    if (work !== null) return work;
  }
  return null;
}

/**
 * Works the plan off, one step at a time through the run queue, for as long as the session runs. Each
 * step is begun when the one before is kept and written: that is the back-pressure.
 */
export function createSessionRunner({ store, update, log }: ActionContext, act: StepActions): void {
  let busy = false;
  let asked = false;
  let blocked = false;
  let keysBefore: unknown = null;
  let changedAt = -Infinity;

  const step = async (): Promise<boolean> => {
    const state = store.getState();
    const { project, session } = state;
    if (project.run !== "running" || project.access !== "own") return false;
    if (blocked || waitsForFolder(state)) return false;
    const ready = isReady(state);
    if (ready === "wait") return false;
    const hasMovie = session.files.some((f) => f.kind === "movie" && f.failure === null);
    if (ready === "search" && hasMovie) {
      // Somebody else may have asked for the search already.
      if (isSearching(state)) return false;
      await act.findOrientation();
      if (store.getState().orientation.failure?.code === "file-changed" && (await act.anyLost())) {
        update("orientation", () => ({ failure: null }));
        return false;
      }
      if (isReady(store.getState()) === "search") wait();
      return true;
    }
    if (session.reference !== null && !state.gain.residual && project.plan.steps.gain)
      update("gain", () => ({ residual: true }));
    const now = store.getState();
    const keys = keySource(now);
    if (keys !== keysBefore) {
      if (keysBefore !== null) changedAt = performance.now();
      keysBefore = keys;
    }
    const left = STEADY_MS - (performance.now() - changedAt);
    if (left > 0) {
      setTimeout(() => void pump(), left);
      return false;
    }
    const work = nextWork(now, keys);
    if (work === null) {
      sampleWhenDue();
      return false;
    }
    const before = now.project.records[work.id]?.steps;
    await run(work);
    const after = store.getState().project.records[work.id]?.steps;
    if (blocked || waitsForFolder(store.getState())) return false;
    // Cancelled by the user, or left undone: it would be taken up again at once.
    if (after === before && store.getState().project.run === "running") wait();
    return true;
  };

  const wait = (): void => {
    update("project", () => ({ run: "paused" as const }));
    log("The run plan waits: its step was cancelled.");
  };

  /** Nothing is begun until the folder of the results can be used again. */
  const block = (why: string): void => {
    const message = `The run plan waits: ${why}`;
    blocked = true;
    log(message, { level: "warning" });
    update("session", () => ({ notice: message }));
    const look = async (): Promise<void> => {
      if (await act.resultsAway()) {
        setTimeout(() => void look(), LOOK_AGAIN_MS);
        return;
      }
      blocked = false;
      update("session", ({ notice }) => (notice === message ? { notice: null } : {}));
      await pump();
    };
    setTimeout(() => void look(), LOOK_AGAIN_MS);
  };

  const run = async ({ id, step: name }: Work): Promise<void> => {
    switch (name) {
      case "gain":
        await act.estimateGain([id]);
        return;
      case "motion":
        await act.correctMotion([id]);
        return;
      case "preprocess":
        await preprocess(id);
        return;
    }
  };

  /** Works on the micrograph as it was made; only where that is nowhere any more, the motion is done again. */
  const preprocess = async (id: string): Promise<void> => {
    if (store.getState().project.results.kind === "locked") {
      block("micrographs are written into the results folder, where a cryoloupe command works.");
      return;
    }
    const brought = await act.bringMicrograph(id);
    if (brought.ok || brought.failure.code === "worker-died") {
      await act.applyOperations([id]);
      return;
    }
    const { records, results } = store.getState().project;
    const name = records[id]?.name ?? "";
    const place = results.name ?? "the results folder";
    // Allowing the folder takes a click, a disk is put back; making its micrographs again takes hours.
    if (results.kind === "permission") {
      block(
        `corrected micrographs are read from ${place}, which this browser may not use yet. Choose “Allow the folder” in the run plan; it then goes on.`,
      );
      return;
    }
    if (results.kind === "folder" && (await act.resultsAway())) {
      block(
        `corrected micrographs are read from ${place}, which is away. It goes on when that is back.`,
      );
      return;
    }
    log(`${name}: its corrected micrograph is made again. ${brought.failure.message}`, {
      level: "warning",
      file: name,
    });
    await act.correctMotion([id]);
  };

  const sampleWhenDue = (): void => {
    const { project, sampling } = store.getState();
    const { table, sample, loading } = sampling;
    if (!project.plan.steps.sampling || table === null || sample !== null || loading) return;
    if (table.estimates.length >= project.plan.minimumForSampling) act.sample();
  };

  const pump = async (): Promise<void> => {
    if (busy) {
      asked = true;
      return;
    }
    busy = true;
    try {
      for (let again = true; again;) {
        asked = false;
        again = await step();
        again ||= asked;
      }
    } finally {
      busy = false;
    }
  };

  let planned = false;
  store.subscribe((state, before) => {
    if (state.project.run !== "running" || planned) return;
    const { project, session, sampling } = state;
    const same =
      project.records === before.project.records &&
      project.order === before.project.order &&
      project.plan === before.project.plan &&
      project.run === before.project.run &&
      project.access === before.project.access &&
      project.watching.state === before.project.watching.state &&
      session.files === before.session.files &&
      session.reference === before.session.reference &&
      session.wishes === before.session.wishes &&
      state.orientation.report === before.orientation.report &&
      sampling.table === before.sampling.table &&
      keySource(before) === keySource(state);
    if (same) return;
    planned = true;
    setTimeout(() => {
      planned = false;
      void pump();
    }, 0);
  });
}
