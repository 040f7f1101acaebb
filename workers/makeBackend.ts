import { createCpuBackend } from "#src/compute/cpuBackend.ts";
import { chooseBackend } from "#src/compute/chooseBackend.ts";
import type { ComputeBackend } from "#src/compute/backend.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import { createGpuBackend } from "#src/gpu/gpuBackend.ts";
import type { GpuBackend } from "#src/gpu/gpuBackend.ts";
import { createBrowserPool } from "./browserPool.ts";
import type { StartOptions } from "./contracts.ts";
import { createDatabaseCache } from "./databaseCache.ts";

/** The backend of the browser, and the device behind it where it is WebGPU. */
export interface MadeBackend {
  readonly backend: ComputeBackend;
  readonly gpu: GpuBackend | null;
}

export async function makeBackend(options: StartOptions): Promise<MadeBackend> {
  const cores = options.poolSize > 0 ? options.poolSize : navigator.hardwareConcurrency;
  const size = Math.max(1, Math.min(16, cores));
  const { budgetBytes, hint } = options;
  const cache = createDatabaseCache();
  let gpu: GpuBackend | null = null;
  const backend = await chooseBackend(options.backend, {
    webgpu: async (reason) => {
      const entry = (navigator as { gpu?: GPU }).gpu;
      if (entry === undefined)
        throw new CryoloupeError("no-webgpu", "This browser offers no WebGPU.");
      const pool = createBrowserPool(size);
      try {
        gpu = await createGpuBackend({
          entry,
          pool,
          cache,
          budgetBytes,
          ...(reason === undefined ? {} : { reason }),
        });
        return gpu;
      } catch (error) {
        pool.dispose();
        throw error;
      }
    },
    cpu: (reason) =>
      Promise.resolve(createCpuBackend(createBrowserPool(size), { reason, budgetBytes })),
    cache,
    hint,
  });
  return { backend, gpu: backend.info.kind === "webgpu" ? gpu : null };
}
