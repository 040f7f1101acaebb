import { parentPort } from "node:worker_threads";
import { createPoolServer } from "#src/compute/poolServer.ts";
import { jobDefinitions } from "#src/compute/jobs.ts";
import type { PoolRequest } from "#src/compute/pool.ts";

/** A worker of the pool in Node. */
const port = parentPort;
if (port === null) throw new Error("poolWorker runs as a worker thread only");
const serve = createPoolServer(jobDefinitions, (message, transfer) =>
  port.postMessage(message, [...transfer]),
);
port.on("message", (request: PoolRequest) => void serve(request));
