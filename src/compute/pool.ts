import type { Failure } from "#src/domain/errors.ts";
import type { CancelSignal } from "#src/domain/cancel.ts";

/**
 * Work on many cores, the same in the browser and in Node. A *job* is a small stateful actor that lives
 * once in every worker: it is created with an `init` message (sent to each worker), runs tasks, and at
 * the end gives up what it has gathered. So constants (a gain, tables) travel once, accumulators stay
 * where they grow, and frames travel by transfer. No SharedArrayBuffer (docs/adr).
 */
export interface JobInstance<Task, Result, Final> {
  /** Runs one task. List buffers of the result that may be moved in `transfer`. */
  run(task: Task): Answer<Result> | Promise<Answer<Result>>;
  /** What the job has gathered, asked for once from every worker. */
  finish(): Answer<Final>;
}

export interface Answer<T> {
  readonly value: T;
  readonly transfer?: readonly ArrayBuffer[];
}

/** How a job is made from its `init` message; `name` is unique over the program. */
export interface JobDefinition<Init, Task, Result, Final> {
  readonly name: string;
  create(init: Init): JobInstance<Task, Result, Final>;
}

/** A job that is open on the pool. */
export interface PoolJob<Task, Result, Final> {
  /** Workers that hold an instance. */
  readonly size: number;
  /** Runs a task on the next free worker, or on a given one where state was left there. */
  run(
    task: Task,
    options?: { transfer?: readonly ArrayBuffer[]; worker?: number; signal?: CancelSignal },
  ): Promise<Result>;
  /** Asks every instance what it has gathered, then closes the job. Index = worker. */
  finish(): Promise<Final[]>;
  /** Drops the job without asking. Pending tasks reject with `cancelled`. */
  close(): void;
}

export interface WorkerPool {
  readonly size: number;
  open<Init, Task, Result, Final>(
    definition: JobDefinition<Init, Task, Result, Final>,
    init: Init,
    options?: { workers?: number },
  ): Promise<PoolJob<Task, Result, Final>>;
  dispose(): void;
}

/** Messages between the pool and a worker. */
export type PoolRequest =
  | {
      readonly kind: "open";
      readonly call: number;
      readonly job: number;
      readonly name: string;
      readonly init: unknown;
    }
  | { readonly kind: "run"; readonly call: number; readonly job: number; readonly task: unknown }
  | { readonly kind: "finish"; readonly call: number; readonly job: number }
  | { readonly kind: "close"; readonly job: number };

export type PoolResponse =
  | { readonly call: number; readonly ok: true; readonly value: unknown }
  | { readonly call: number; readonly ok: false; readonly failure: Failure };

/** One worker as the host sees it: browser `Worker`, Node `worker_threads`, or inline. */
export interface WorkerPort {
  post(message: PoolRequest, transfer: readonly ArrayBuffer[]): void;
  onMessage(listener: (message: PoolResponse) => void): void;
  /** Called once when the worker has died. */
  onDeath(listener: (reason: string) => void): void;
  terminate(): void;
}
