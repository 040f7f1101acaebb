import { createCpuMotion } from "#src/compute/cpuMotion.ts";
import type { MotionCompute } from "#src/compute/motionCompute.ts";
import type { WorkerPool } from "#src/compute/pool.ts";
import type { GpuContext } from "./device.ts";

/** {@link MotionCompute} of the WebGPU backend. */
export function createGpuMotion(
  _context: () => Promise<GpuContext>,
  pool: WorkerPool,
): MotionCompute {
  return createCpuMotion(pool);
}
