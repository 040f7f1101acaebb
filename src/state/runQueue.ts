import type { StoreApi } from "zustand/vanilla";
import type { Progress } from "#src/domain/progress.ts";
import type { StepName } from "#src/domain/records/movieRecord.ts";
import type { Outcome } from "#src/domain/session.ts";
import type { MovieClient } from "#src/platform/movieClient.ts";
import type { MovieWorkerApi, RunCallbacks } from "#workers/contracts.ts";
import type { AppState } from "./appState.ts";

/** A step that waits or runs. */
export interface RunInfo {
  readonly id: string;
  /** What the status bar says: "Estimating the gain of movie_3.tif". */
  readonly title: string;
  /** The file it works on, to mark its row. */
  readonly fileId: string | null;
  readonly fileName: string | null;
  /** The step of a run plan that it is, if it is one. */
  readonly step: StepName | null;
  readonly startedAt: number | null;
  readonly progress: Progress | null;
  readonly cancelling: boolean;
}

export interface FinishedRun {
  readonly title: string;
  readonly seconds: number;
  readonly result: "done" | "failed" | "cancelled";
}

export interface RunsState {
  readonly active: RunInfo | null;
  readonly waiting: readonly RunInfo[];
  readonly last: FinishedRun | null;
}

export const initialRuns: RunsState = { active: null, waiting: [], last: null };

export interface RunTask<T> {
  readonly title: string;
  readonly fileId?: string;
  readonly fileName?: string;
  readonly step?: StepName;
  /** The worker call; pass `runId` and `callbacks` through. */
  ask(api: MovieWorkerApi, runId: string, callbacks: RunCallbacks): Promise<Outcome<T>>;
}

/**
 * Steps run one after the other: the compute worker owns one device. A step whose worker died is run
 * once more on the fresh one. One failed step never stops the others.
 */
export interface RunQueue {
  /** Settles when the step has ended, never rejects. `first`: before the others that wait. */
  add<T>(task: RunTask<T>, options?: { first?: boolean }): Promise<Outcome<T>>;
  cancel(runId: string): void;
  cancelAll(): void;
}

interface Waiting {
  readonly info: RunInfo;
  start(): Promise<void>;
  drop(): void;
}

const CANCELLED = { ok: false, failure: { code: "cancelled", message: "Cancelled." } } as const;

export function createRunQueue(
  store: StoreApi<AppState>,
  client: MovieClient,
  log: (text: string, level: "info" | "error", file: string | null) => void,
): RunQueue {
  const waiting: Waiting[] = [];
  let running = false;
  let count = 0;

  const setRuns = (change: (runs: RunsState) => Partial<RunsState>): void =>
    store.setState((s) => ({ runs: { ...s.runs, ...change(s.runs) } }));
  const showWaiting = (): void => setRuns(() => ({ waiting: waiting.map((w) => w.info) }));

  const pump = async (): Promise<void> => {
    if (running) return;
    running = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      showWaiting();
      await next.start();
    }
    running = false;
  };

  const add: RunQueue["add"] = (task, options = {}) =>
    new Promise((resolve) => {
      const info: RunInfo = {
        id: `run-${++count}`,
        title: task.title,
        fileId: task.fileId ?? null,
        fileName: task.fileName ?? null,
        step: task.step ?? null,
        startedAt: null,
        progress: null,
        cancelling: false,
      };
      const once = () =>
        client.run(
          info.id,
          {
            onProgress: (progress) =>
              setRuns(({ active }) =>
                active?.id === info.id ? { active: { ...active, progress } } : {},
              ),
            onLog: (text) => log(text, "info", info.fileName),
          },
          (api, runId, callbacks) => task.ask(api, runId, callbacks),
        );
      const start = async (): Promise<void> => {
        const startedAt = Date.now();
        setRuns(() => ({ active: { ...info, startedAt } }));
        log(`${task.title}.`, "info", info.fileName);
        let outcome = await once();
        const cancelling = store.getState().runs.active?.cancelling === true;
        if (!outcome.ok && outcome.failure.code === "worker-died" && !cancelling) {
          log("The step is run once more.", "info", info.fileName);
          outcome = await once();
        }
        const seconds = (Date.now() - startedAt) / 1000;
        const result = outcome.ok
          ? "done"
          : outcome.failure.code === "cancelled"
            ? "cancelled"
            : "failed";
        if (!outcome.ok && result === "failed")
          log(outcome.failure.message, "error", info.fileName);
        else log(`${task.title}: ${result} after ${seconds.toFixed(1)} s.`, "info", info.fileName);
        setRuns(() => ({ active: null, last: { title: task.title, seconds, result } }));
        resolve(outcome);
      };
      const item: Waiting = { info, start, drop: () => resolve(CANCELLED) };
      if (options.first === true) waiting.unshift(item);
      else waiting.push(item);
      showWaiting();
      void pump();
    });

  const cancel = (runId: string): void => {
    const at = waiting.findIndex((w) => w.info.id === runId);
    if (at >= 0) {
      const [dropped] = waiting.splice(at, 1);
      dropped.drop();
      showWaiting();
      return;
    }
    setRuns(({ active }) =>
      active?.id === runId ? { active: { ...active, cancelling: true } } : {},
    );
    client.cancel(runId);
  };

  return {
    add,
    cancel,
    cancelAll: () => {
      for (const item of waiting.splice(0)) item.drop();
      showWaiting();
      const { active } = store.getState().runs;
      if (active !== null) cancel(active.id);
    },
  };
}

/** Seconds left of a run, from the part that is done; null while that says nothing. */
export function secondsLeft(run: RunInfo, now: number): number | null {
  const { progress, startedAt } = run;
  if (progress === null || startedAt === null || progress.total === 0 || progress.done === 0)
    return null;
  const elapsed = (now - startedAt) / 1000;
  return elapsed < 1 ? null : (elapsed * (progress.total - progress.done)) / progress.done;
}
