import { createWorkerPool } from "#src/compute/workerPool.ts";
import type { WorkerPool, WorkerPort } from "#src/compute/pool.ts";

/** A pool of dedicated workers; may be made from the page or from another worker. */
export function createBrowserPool(size: number): WorkerPool {
  return createWorkerPool(() => {
    const worker = new Worker(new URL("./pool.worker.ts", import.meta.url), {
      type: "module",
      name: "cryoloupe-pool",
    });
    const port: WorkerPort = {
      post: (message, transfer) => worker.postMessage(message, [...transfer]),
      onMessage: (listener) => {
        worker.onmessage = (event: MessageEvent<Parameters<typeof listener>[0]>) =>
          listener(event.data);
      },
      onDeath: (listener) => {
        worker.onerror = (event) => listener(event.message);
        worker.onmessageerror = () => listener("a message could not be read");
      },
      terminate: () => worker.terminate(),
    };
    return port;
  }, size);
}
