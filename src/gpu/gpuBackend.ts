import { CryoloupeError } from "#src/domain/errors.ts";
import type { BackendInfo, ComputeBackend, ComputeCapabilities } from "#src/compute/backend.ts";
import type { HostCache } from "#src/compute/hostCache.ts";
import type { WorkerPool } from "#src/compute/pool.ts";
import { createCpuFilters } from "#src/compute/cpuFilters.ts";
import { openGpu } from "./device.ts";
import type { GpuContext } from "./device.ts";
import { createGpuCorrection } from "./gpuCorrection.ts";
import { createGpuFilters } from "./gpuFilters.ts";
import { createGpuFourier } from "./gpuFourier.ts";
import { createGpuGain } from "./gpuGain.ts";
import { createGpuMotion } from "./gpuMotion.ts";
import { createGpuPixels } from "./gpuPixels.ts";

/** Default of the memory budget: WebGPU tells no size (docs/adr/0004). */
export const DEFAULT_GPU_BUDGET = 2 * 1024 ** 3;
const SMALLEST_BUDGET = 128 * 1024 ** 2;

export interface GpuBackendOptions {
  /** The WebGPU entry: `navigator.gpu`, or Dawn's. */
  readonly entry: GPU;
  readonly pool: WorkerPool;
  readonly budgetBytes?: number;
  /** Remembers the budget of an adapter after it ran out of memory. */
  readonly cache?: HostCache;
  readonly reason?: string;
  /** Runs the kernels of motion on a software adapter too, where jobs are faster: for their tests. */
  readonly softwareMotion?: boolean;
}

export interface GpuBackend extends ComputeBackend {
  /** The device in use; a fresh one after a recovery. */
  context(): Promise<GpuContext>;
  /** Destroys the device as a driver reset would: for tests of the recovery. */
  loseDevice(): Promise<void>;
}

/** Every capability of the WebGPU backend; a new one is added to this table. */
const capabilitiesOf = (
  context: () => Promise<GpuContext>,
  pool: WorkerPool,
  softwareMotion: boolean,
): ComputeCapabilities => ({
  pixels: createGpuPixels(context),
  fourier: createGpuFourier(context),
  correction: createGpuCorrection(context),
  gain: createGpuGain(context, pool),
  filters: createGpuFilters(context, createCpuFilters(pool)),
  motion: createGpuMotion(context, pool, softwareMotion),
});

export async function createGpuBackend(options: GpuBackendOptions): Promise<GpuBackend> {
  const { entry, pool, cache } = options;
  const wanted = options.budgetBytes ?? DEFAULT_GPU_BUDGET;
  let current = await openGpu(entry, wanted);
  const key = `gpu-budget:${current.adapterName}`;
  const remembered = Number((await cache?.get(key)) ?? NaN);
  if (Number.isFinite(remembered) && remembered < current.buffers.budgetBytes) {
    current.destroy();
    current = await openGpu(entry, Math.max(SMALLEST_BUDGET, remembered));
  }
  let disposed = false;

  const context = (): Promise<GpuContext> => {
    if (disposed)
      return Promise.reject(new CryoloupeError("internal", "The WebGPU backend has been closed."));
    return Promise.resolve(current);
  };
  const info = (): BackendInfo => ({
    kind: "webgpu",
    name: current.adapterName,
    software: current.software,
    reason:
      options.reason ??
      (current.software
        ? "WebGPU on a software adapter: no graphics processor was found."
        : "WebGPU on a graphics processor."),
    budgetBytes: current.buffers.budgetBytes,
  });

  return {
    ...capabilitiesOf(context, pool, options.softwareMotion === true),
    pool,
    get info() {
      return info();
    },
    context,
    loseDevice: async () => {
      current.device.destroy();
      await current.device.lost;
    },
    recover: async () => {
      if (disposed) return false;
      const budget = Math.max(SMALLEST_BUDGET, Math.floor(current.buffers.budgetBytes / 2));
      current.destroy();
      try {
        current = await openGpu(entry, budget);
      } catch {
        return false;
      }
      await cache?.set(key, String(budget));
      return true;
    },
    dispose: () => {
      disposed = true;
      current.destroy();
      pool.dispose();
      return Promise.resolve();
    },
  };
}
