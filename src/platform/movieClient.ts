import { proxy, wrap } from "comlink";
import { CryoloupeError, toFailure } from "#src/domain/errors.ts";
import type { Failure } from "#src/domain/errors.ts";
import type { Progress } from "#src/domain/progress.ts";
import type { Outcome } from "#src/domain/session.ts";
import type {
  BackendInfo,
  FileSource,
  MovieWorkerApi,
  PicturePlace,
  RunCallbacks,
  StartOptions,
} from "#workers/contracts.ts";

/** A run as its caller sees it. */
export interface RunHandlers {
  onProgress?(progress: Progress): void;
  onLog?(message: string): void;
}

/**
 * The page's side of the compute worker. No call can hang: each is raced against the worker's death,
 * after which a fresh worker is started and the open files are registered again.
 */
export interface MovieClient {
  start(options: StartOptions): Promise<Outcome<BackendInfo>>;
  /** A short call. */
  call<T>(ask: (api: MovieWorkerApi) => Promise<Outcome<T>>): Promise<Outcome<T>>;
  /** A call that can be cancelled by `runId` and reports progress. */
  run<T>(
    runId: string,
    handlers: RunHandlers,
    ask: (api: MovieWorkerApi, runId: string, callbacks: RunCallbacks) => Promise<Outcome<T>>,
  ): Promise<Outcome<T>>;
  cancel(runId: string): void;
  /** Remembers a file so that it is open again after a restart. */
  remember(id: string, source: FileSource): void;
  forget(id: string): void;
  /** Who is asked where pictures are whose pixels have left the worker's memory; of a fresh worker too. */
  answer(find: (picture: string) => Promise<PicturePlace | null>): void;
  /** Called after a restart, with the reason. */
  onRestart(listener: (failure: Failure, info: Outcome<BackendInfo>) => void): void;
}

interface Connection {
  readonly worker: Worker;
  readonly api: MovieWorkerApi;
  /** Calls that wait for an answer, each by what makes it fail. */
  readonly waiting: Set<(error: CryoloupeError) => void>;
  /** Why the worker has died; null = it lives. */
  readonly death: () => CryoloupeError | null;
  readonly kill: (failure: Failure) => void;
  /** Begins to watch for a silent death; after the worker's first answer. */
  readonly watch: () => void;
}

const makeComputeWorker = (name: string): Worker =>
  new Worker(new URL("../../workers/movie.worker.ts", import.meta.url), { type: "module", name });

let connections = 0;
/** Workers in a row that died before their first answer, after which no other is started. */
const MOST_EARLY_DEATHS = 3;

export function createMovieClient(makeWorker = makeComputeWorker): MovieClient {
  const files = new Map<string, FileSource>();
  const listeners: ((failure: Failure, info: Outcome<BackendInfo>) => void)[] = [];
  let options: StartOptions = { backend: "auto", budgetBytes: 2 ** 31, poolSize: 0, hint: "" };
  let connection: Connection;
  let earlyDeaths = 0;
  let finder: ((picture: string) => Promise<PicturePlace | null>) | null = null;
  let ready: Promise<unknown> = Promise.resolve();

  const connect = (): Connection => {
    const name = `cryoloupe-compute-${++connections}-${crypto.randomUUID()}`;
    const worker = makeWorker(name);
    const waiting: Connection["waiting"] = new Set();
    let death: CryoloupeError | null = null;
    const kill = (failure: Failure): void => {
      if (death !== null) return;
      const error = new CryoloupeError(failure.code, failure.message);
      death = error;
      worker.terminate();
      for (const fail of waiting) fail(error);
      // A worker that cannot even start is not started for ever.
      if (++earlyDeaths <= MOST_EARLY_DEATHS) restart(failure);
    };
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      kill({
        code: "worker-died",
        message: `The compute worker stopped: ${event.message || "no reason given"}. It was started again; retry.`,
      });
    });
    worker.addEventListener("messageerror", () =>
      kill({
        code: "worker-died",
        message: "A message of the compute worker could not be read. It was started again; retry.",
      }),
    );
    // A worker that is killed says nothing. It holds a lock of its own name for as long as it lives, so
    // that whoever waits for that lock learns of its death.
    let watched = false;
    const watch = (): void => {
      if (watched || death !== null) return;
      watched = true;
      earlyDeaths = 0;
      void navigator.locks.request(name, () =>
        kill({
          code: "worker-died",
          message:
            "The compute worker was stopped, perhaps for want of memory. It was started again; retry.",
        }),
      );
    };
    // Every method of the contract answers with a promise, so the proxy has exactly its type.
    const api = wrap(worker) as unknown as MovieWorkerApi;
    return { worker, api, waiting, death: () => death, kill, watch };
  };

  /**
   * A call that ends when its worker does. No race against a promise that lives as long as the worker:
   * each such race would be remembered by it for ever.
   */
  const raced = <T>(ask: (c: Connection) => Promise<Outcome<T>>): Promise<Outcome<T>> =>
    new Promise((resolve) => {
      const used = connection;
      const fail = (error: unknown): void => resolve({ ok: false, failure: toFailure(error) });
      const death = used.death();
      if (death !== null) {
        fail(death);
        return;
      }
      used.waiting.add(fail);
      void ask(used)
        .then(resolve, fail)
        .finally(() => used.waiting.delete(fail));
    });

  const tell = async (): Promise<void> => {
    const find = finder;
    if (find !== null) await raced(async (c) => await c.api.pictures.findWith(proxy(find)));
  };

  const restart = (failure: Failure): void => {
    connection = connect();
    const fresh = connection;
    ready = (async () => {
      const info = await raced(async (c) => await c.api.host.start(options));
      fresh.watch();
      await tell();
      for (const [id, source] of files) {
        if (connection !== fresh) return;
        await raced(async (c) => await c.api.files.open(id, source));
      }
      for (const listener of listeners) listener(failure, info);
    })();
  };

  connection = connect();

  return {
    start: (wanted) => {
      options = wanted;
      const used = connection;
      const started = raced(async (c) => await c.api.host.start(wanted)).then((info) => {
        used.watch();
        return info;
      });
      ready = started;
      return started;
    },
    call: async (ask) => {
      await ready;
      return await raced(async (c) => await ask(c.api));
    },
    run: async (runId, handlers, ask) => {
      await ready;
      const callbacks = proxy<RunCallbacks>({
        onProgress: (progress) => handlers.onProgress?.(progress),
        onLog: (message) => handlers.onLog?.(message),
      });
      return await raced(async (c) => await ask(c.api, runId, callbacks));
    },
    cancel: (runId) => void connection.api.host.cancel(runId).catch(() => undefined),
    remember: (id, source) => void files.set(id, source),
    forget: (id) => {
      files.delete(id);
      void connection.api.files.close(id).catch(() => undefined);
    },
    answer: (find) => {
      finder = find;
      void tell();
    },
    onRestart: (listener) => void listeners.push(listener),
  };
}
