import type { ByteSource } from "#src/domain/byteSource.ts";
import type { BackendInfo, ComputeBackend } from "#src/compute/backend.ts";
import type { DefectList } from "#src/domain/defects.ts";
import { CryoloupeError, toFailure } from "#src/domain/errors.ts";
import type { MovieReader } from "#src/domain/movie.ts";
import type { Outcome } from "#src/domain/session.ts";
import { withRecovery } from "#src/pipeline/recovery.ts";
import type { StepContext } from "#src/pipeline/stepContext.ts";
import type { RunCallbacks, StartOptions } from "./contracts.ts";
import type { MadeBackend } from "./makeBackend.ts";
import type { PictureStore } from "./pictureStore.ts";

/** What every service of the worker is given. */
export interface WorkerHost {
  /** The backend; made on first use and again after a lost device. */
  backend(): Promise<ComputeBackend>;
  /** The open movie or image of that id, or `internal`. */
  reader(id: string): MovieReader;
  readonly readers: Map<string, MovieReader>;
  /** Files of kind "table" and "micrographs", by id. */
  readonly tables: Map<string, ByteSource>;
  /** Lists of bad pixels, by id. */
  readonly defectLists: Map<string, DefectList>;
  readonly pictures: PictureStore;
  /**
   * Runs a step that the page may cancel by `runId`, with progress and log. A device that is lost on
   * the way is replaced and the step is run once more.
   */
  run<T>(
    runId: string,
    callbacks: RunCallbacks,
    context: { step: string; file?: string },
    work: (context: StepContext) => Promise<T>,
  ): Promise<Outcome<T>>;
  /** Short work without cancel; failures become data. */
  attempt<T>(
    context: { step: string; file?: string },
    work: () => Promise<T> | T,
  ): Promise<Outcome<T>>;
}

export interface HostControl extends WorkerHost {
  start(options: StartOptions): Promise<Outcome<BackendInfo>>;
  cancel(runId: string): void;
  loseDevice(): Promise<void>;
}

export function createWorkerHost(
  makeBackend: (options: StartOptions) => Promise<MadeBackend>,
  pictures: PictureStore,
): HostControl {
  const readers = new Map<string, MovieReader>();
  const tables = new Map<string, ByteSource>();
  const defectLists = new Map<string, DefectList>();
  const runs = new Map<string, AbortController>();
  let options: StartOptions = { backend: "auto", budgetBytes: 2 ** 31, poolSize: 0, hint: "" };
  let current: Promise<MadeBackend> | null = null;

  const made = (): Promise<MadeBackend> => {
    if (current === null) {
      const fresh = makeBackend(options);
      current = fresh;
      fresh.catch(() => {
        if (current === fresh) current = null;
      });
    }
    return current;
  };
  const backend = async (): Promise<ComputeBackend> => (await made()).backend;

  const replaceBackend = async (): Promise<void> => {
    const old = current;
    current = null;
    if (old !== null)
      await old.then(
        (gone) => gone.backend.dispose(),
        () => undefined,
      );
  };

  const attempt: WorkerHost["attempt"] = async (context, work) => {
    try {
      return { ok: true, value: await work() };
    } catch (error) {
      return { ok: false, failure: toFailure(error, context) };
    }
  };

  return {
    backend,
    readers,
    tables,
    defectLists,
    pictures,
    attempt,
    reader: (id) => {
      const found = readers.get(id);
      if (found === undefined)
        throw new CryoloupeError("internal", "This file is no longer open. Open it again.");
      return found;
    },
    run: async (runId, callbacks, context, work) => {
      const controller = new AbortController();
      runs.set(runId, controller);
      try {
        return await attempt(context, async () => {
          const step: StepContext = {
            backend: await backend(),
            signal: controller.signal,
            onProgress: (progress) => callbacks.onProgress(progress),
            log: (message) => callbacks.onLog(message),
          };
          return await withRecovery(step, () => work(step));
        });
      } finally {
        runs.delete(runId);
      }
    },
    start: async (wanted) => {
      options = wanted;
      await replaceBackend();
      return await attempt({ step: "Starting" }, async () => (await backend()).info);
    },
    cancel: (runId) => runs.get(runId)?.abort(),
    loseDevice: async () => {
      await (await made()).gpu?.loseDevice();
    },
  };
}
