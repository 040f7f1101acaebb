import { CryoloupeError } from "#src/domain/errors.ts";
import { createCpuMotion } from "#src/compute/cpuMotion.ts";
import type { MotionCompute } from "#src/compute/motionCompute.ts";
import type { WorkerPool } from "#src/compute/pool.ts";
import { openHolding } from "./bufferHolder.ts";
import type { GpuContext } from "./device.ts";
import { openGpuPreparation } from "./gpuMotionFrames.ts";
import { openGpuPatches } from "./gpuMotionPatches.ts";
import { openGpuSpectra } from "./gpuMotionSpectra.ts";

/** What does not fit into the device's limits or the budget runs on the CPU. */
async function orOnCpu<T>(onDevice: () => Promise<T>, onCpu: () => Promise<T>): Promise<T> {
  try {
    return await onDevice();
  } catch (error) {
    if (error instanceof CryoloupeError && error.code === "limit-exceeded") return await onCpu();
    throw error;
  }
}

/** {@link MotionCompute} by shaders; each part that is too large for the device by the twins. */
export function createGpuMotion(
  context: () => Promise<GpuContext>,
  pool: WorkerPool,
): MotionCompute {
  const cpu = createCpuMotion(pool);
  return {
    openPreparation: (plan) =>
      orOnCpu(
        async () => {
          const gpu = await context();
          return await openHolding(gpu, (held) => openGpuPreparation(gpu, held, pool, plan));
        },
        () => cpu.openPreparation(plan),
      ),
    openSpectra: (shape, spectra) =>
      orOnCpu(
        async () => {
          const gpu = await context();
          return await openHolding(gpu, (held) => openGpuSpectra(gpu, held, shape, spectra));
        },
        () => cpu.openSpectra(shape, spectra),
      ),
    openPatches: (width, height, frames, reach) =>
      orOnCpu(
        async () => {
          const gpu = await context();
          return await openHolding(gpu, (held) => openGpuPatches(gpu, held, width, height, frames));
        },
        () => cpu.openPatches(width, height, frames, reach),
      ),
  };
}
