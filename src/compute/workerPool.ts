import { CryoloupeError, fromFailure } from "#src/domain/errors.ts";
import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { CancelSignal } from "#src/domain/cancel.ts";
import type { JobDefinition, PoolJob, PoolRequest, WorkerPool, WorkerPort } from "./pool.ts";
import { createPoolServer } from "./poolServer.ts";

interface Call {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
  readonly job: number;
}

interface Queued {
  readonly start: (worker: number) => void;
  readonly fail: (error: Error) => void;
  readonly job: number;
  /** Workers that may run it. */
  readonly among: readonly number[];
}

/** A pool over the given ports. A worker that dies rejects its calls; a fresh one takes its place. */
export function createWorkerPool(makePort: () => WorkerPort, size: number): WorkerPool {
  const calls = new Map<number, Call & { readonly worker: number }>();
  const busy = new Array<boolean>(size).fill(false);
  const queue: Queued[] = [];
  const ports: WorkerPort[] = [];
  let nextCall = 1;
  let nextJob = 1;
  let disposed = false;

  const connect = (worker: number): WorkerPort => {
    const port = makePort();
    port.onMessage((message) => {
      const call = calls.get(message.call);
      if (call === undefined) return;
      calls.delete(message.call);
      if (message.ok) call.resolve(message.value as never);
      else call.reject(fromFailure(message.failure));
    });
    port.onDeath((reason) => {
      if (disposed || ports[worker] !== port) return;
      const error = new CryoloupeError("worker-died", `A compute worker stopped: ${reason}`);
      for (const [id, call] of calls)
        if (call.worker === worker) {
          calls.delete(id);
          call.reject(error);
        }
      ports[worker] = connect(worker);
    });
    return port;
  };
  for (let w = 0; w < size; w++) ports.push(connect(w));

  const send = <T>(
    worker: number,
    job: number,
    make: (call: number) => PoolRequest,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const id = nextCall++;
      calls.set(id, { resolve: resolve, reject, job, worker });
      try {
        ports[worker].post(make(id), transfer);
      } catch (error) {
        calls.delete(id);
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });

  const pump = (): void => {
    for (let i = 0; i < queue.length;) {
      const free = queue[i].among.find((worker) => !busy[worker]);
      if (free === undefined) {
        i++;
        continue;
      }
      const [item] = queue.splice(i, 1);
      busy[free] = true;
      item.start(free);
    }
  };

  const open = async <Init, Task, Result, Final>(
    definition: JobDefinition<Init, Task, Result, Final>,
    init: Init,
    options: { workers?: number } = {},
  ): Promise<PoolJob<Task, Result, Final>> => {
    if (disposed) throw new CryoloupeError("internal", "The worker pool has been closed.");
    const job = nextJob++;
    const workers = Math.min(options.workers ?? size, size);
    await Promise.all(
      Array.from({ length: workers }, (_, w) =>
        send(w, job, (call) => ({ kind: "open", call, job, name: definition.name, init })),
      ),
    );
    const holders = Array.from({ length: workers }, (_, w) => w);

    const run = (
      task: Task,
      taskOptions: {
        transfer?: readonly ArrayBuffer[];
        worker?: number;
        signal?: CancelSignal;
      } = {},
    ): Promise<Result> =>
      new Promise<Result>((resolve, reject) => {
        const start = (worker: number): void => {
          const done = (): void => {
            busy[worker] = false;
            pump();
          };
          try {
            throwIfCancelled(taskOptions.signal);
          } catch (error) {
            done();
            reject(error instanceof Error ? error : new Error(String(error)));
            return;
          }
          send<Result>(
            worker,
            job,
            (call) => ({ kind: "run", call, job, task }),
            taskOptions.transfer,
          )
            .then(resolve, reject)
            .finally(done);
        };
        const among = taskOptions.worker === undefined ? holders : [taskOptions.worker];
        queue.push({ start, fail: reject, job, among });
        pump();
      });

    const close = (): void => {
      const cancelled = new CryoloupeError("cancelled", "Cancelled.");
      for (let i = queue.length - 1; i >= 0; i--)
        if (queue[i].job === job) queue.splice(i, 1)[0].fail(cancelled);
      for (const [id, call] of calls)
        if (call.job === job) {
          calls.delete(id);
          call.reject(cancelled);
        }
      for (let w = 0; w < workers; w++) ports[w].post({ kind: "close", job }, []);
    };

    const finish = (): Promise<Final[]> =>
      Promise.all(
        Array.from({ length: workers }, (_, w) =>
          send<Final>(w, job, (call) => ({ kind: "finish", call, job })),
        ),
      );

    return { size: workers, run, finish, close };
  };

  const dispose = (): void => {
    disposed = true;
    const gone = new CryoloupeError("cancelled", "The worker pool has been closed.");
    for (const item of queue.splice(0)) item.fail(gone);
    for (const call of calls.values()) call.reject(gone);
    calls.clear();
    for (const port of ports) port.terminate();
  };

  return { size, open, dispose };
}

/**
 * A port to jobs in this thread: for tests, and where workers cannot be made. Messages are cloned and
 * buffers moved as between threads, so that what holds here holds there.
 */
export function createInlinePort(definitions: Parameters<typeof createPoolServer>[0]): WorkerPort {
  let listener: Parameters<WorkerPort["onMessage"]>[0] = () => undefined;
  const serve = createPoolServer(definitions, (message, transfer) =>
    listener(structuredClone(message, { transfer: [...transfer] })),
  );
  return {
    post: (message, transfer) => {
      const copy = structuredClone(message, { transfer: [...transfer] });
      void Promise.resolve().then(() => serve(copy));
    },
    onMessage: (l) => {
      listener = l;
    },
    onDeath: () => undefined,
    terminate: () => undefined,
  };
}
