import { Worker } from "node:worker_threads";
import { createWorkerPool } from "#src/compute/workerPool.ts";
import type { WorkerPool, WorkerPort } from "#src/compute/pool.ts";

/** A pool of worker threads; the worker's file stands beside the built command. */
export function createNodePool(size: number): WorkerPool {
  return createWorkerPool(() => {
    const worker = new Worker(new URL("./poolWorker.js", import.meta.url));
    const port: WorkerPort = {
      post: (message, transfer) => worker.postMessage(message, [...transfer]),
      onMessage: (listener) => void worker.on("message", listener),
      onDeath: (listener) => {
        worker.on("error", (error) => listener(error.message));
        worker.on("exit", (code) => listener(`exit code ${code}`));
      },
      terminate: () => void worker.terminate(),
    };
    return port;
  }, size);
}
