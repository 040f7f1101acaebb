import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { FilterCompute } from "#src/compute/filterCompute.ts";
import { orCancelled } from "#src/compute/orCancelled.ts";
import type { GpuContext } from "./device.ts";
import { createGpuChain } from "./gpuChain.ts";

/** {@link FilterCompute} on the device; images wait for each other. */
export function createGpuFilters(context: () => Promise<GpuContext>): FilterCompute {
  let last: Promise<unknown> = Promise.resolve();
  return {
    lanes: 1,
    preprocess: (image, recipe, { signal, onProgress } = {}) => {
      const work = last.then(async () => {
        throwIfCancelled(signal);
        const gpu = await context();
        const chain = await createGpuChain(gpu, image, recipe);
        try {
          while (chain.position.stage !== "done") {
            throwIfCancelled(signal);
            onProgress?.(chain.position);
            await chain.advance();
          }
          return await chain.result();
        } finally {
          chain.release();
        }
      });
      last = work.catch(() => undefined);
      return orCancelled(work, signal);
    },
  };
}
