import type { ComputeBackend } from "#src/compute/backend.ts";
import { createBrowserPool } from "./browserPool.ts";
import type { StartOptions } from "./contracts.ts";

/** The backend of the browser. */
export function makeBackend(options: StartOptions): Promise<ComputeBackend> {
  const cores = options.poolSize > 0 ? options.poolSize : navigator.hardwareConcurrency;
  const pool = createBrowserPool(Math.max(1, Math.min(16, cores)));
  return Promise.resolve({
    info: {
      kind: "cpu",
      name: `${pool.size} cores`,
      software: false,
      reason: "The CPU backend was chosen.",
      budgetBytes: options.budgetBytes,
    },
    pool,
    dispose: () => {
      pool.dispose();
      return Promise.resolve();
    },
  });
}
