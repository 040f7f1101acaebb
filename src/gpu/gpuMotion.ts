import { CryoloupeError } from "#src/domain/errors.ts";
import { createCpuMotion } from "#src/compute/cpuMotion.ts";
import type { MotionCompute } from "#src/compute/motionCompute.ts";
import type { WorkerPool } from "#src/compute/pool.ts";
import { openHolding } from "./bufferHolder.ts";
import type { BufferHolder } from "./bufferHolder.ts";
import type { GpuContext } from "./device.ts";
import { openGpuPreparation } from "./gpuMotionFrames.ts";
import { openGpuPatches } from "./gpuMotionPatches.ts";
import { openGpuSpectra } from "./gpuMotionSpectra.ts";

/**
 * {@link MotionCompute} by shaders; each part that is too large for the device or the budget by the twins.
 * A software adapter shares the cores of the pool and is several times slower on these kernels than its jobs:
 * there all of it is left to the pool, unless `softwareToo`.
 */
export function createGpuMotion(
  context: () => Promise<GpuContext>,
  pool: WorkerPool,
  softwareToo: boolean,
): MotionCompute {
  const cpu = createCpuMotion(pool);
  const open = async <T>(
    onDevice: (gpu: GpuContext, held: BufferHolder) => Promise<T>,
    onCpu: () => Promise<T>,
  ): Promise<T> => {
    const gpu = await context();
    if (gpu.software && !softwareToo) return await onCpu();
    try {
      return await openHolding(gpu, (held) => onDevice(gpu, held));
    } catch (error) {
      if (error instanceof CryoloupeError && error.code === "limit-exceeded") return await onCpu();
      throw error;
    }
  };
  return {
    openPreparation: (plan, workers) =>
      open(
        (gpu, held) => openGpuPreparation(gpu, held, pool, plan),
        () => cpu.openPreparation(plan, workers),
      ),
    openSpectra: (shape, spectra) =>
      open(
        (gpu, held) => openGpuSpectra(gpu, held, shape, spectra),
        () => cpu.openSpectra(shape, spectra),
      ),
    openPatches: (width, height, frames, reach) =>
      open(
        (gpu, held) => openGpuPatches(gpu, held, width, height, frames),
        () => cpu.openPatches(width, height, frames, reach),
      ),
  };
}
