import type { ComputeBackend, ComputeCapabilities } from "./backend.ts";
import { createCpuCorrection } from "./cpuCorrection.ts";
import { createCpuFilters } from "./cpuFilters.ts";
import { createCpuFourier } from "./cpuFourier.ts";
import { createCpuGain } from "./cpuGain.ts";
import { createCpuMotion } from "./cpuMotion.ts";
import { createCpuPixels } from "./cpuPixels.ts";
import type { WorkerPool } from "./pool.ts";

/** Default of the memory budget of the CPU backend. */
export const DEFAULT_CPU_BUDGET = 2 * 1024 ** 3;

/** Every capability of the CPU backend; a new one is added to this table. */
const capabilitiesOf = (pool: WorkerPool): ComputeCapabilities => ({
  pixels: createCpuPixels(pool),
  fourier: createCpuFourier(pool),
  correction: createCpuCorrection(pool),
  gain: createCpuGain(pool),
  filters: createCpuFilters(pool),
  motion: createCpuMotion(pool),
});

/** The kernels' twins over a worker pool. */
export function createCpuBackend(
  pool: WorkerPool,
  options: { readonly budgetBytes?: number; readonly reason?: string } = {},
): ComputeBackend {
  return {
    ...capabilitiesOf(pool),
    pool,
    info: {
      kind: "cpu",
      name: pool.size === 1 ? "1 core" : `${pool.size} cores`,
      software: false,
      reason: options.reason ?? "The CPU backend was asked for.",
      budgetBytes: options.budgetBytes ?? DEFAULT_CPU_BUDGET,
    },
    recover: () => Promise.resolve(false),
    dispose: () => {
      pool.dispose();
      return Promise.resolve();
    },
  };
}
