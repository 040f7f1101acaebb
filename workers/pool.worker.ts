import { createPoolServer } from "#src/compute/poolServer.ts";
import { jobDefinitions } from "#src/compute/jobs.ts";
import type { PoolRequest } from "#src/compute/pool.ts";

/** A worker of the pool in the browser. */
const scope = globalThis as unknown as {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  onmessage: (event: MessageEvent<PoolRequest>) => void;
};
const serve = createPoolServer(jobDefinitions, (message, transfer) =>
  scope.postMessage(message, [...transfer]),
);
scope.onmessage = (event) => void serve(event.data);
