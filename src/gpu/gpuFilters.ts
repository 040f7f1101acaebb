import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { FilterCompute, ImageToFilter } from "#src/compute/filterCompute.ts";
import { orCancelled } from "#src/compute/orCancelled.ts";
import type { PreprocessRecipe } from "#src/domain/preprocess.ts";
import type { GpuContext } from "./device.ts";
import { createGpuChain } from "./gpuChain.ts";

/**
 * {@link FilterCompute} on the device; images wait for each other. Shaders must not meet NaN or infinity,
 * so images that keep them (in the original's arithmetic) are left to `host`.
 */
export function createGpuFilters(
  context: () => Promise<GpuContext>,
  host: FilterCompute,
): FilterCompute {
  let last: Promise<unknown> = Promise.resolve();
  return {
    lanes: 1,
    preprocess: (image, recipe, { signal, onProgress } = {}) => {
      if (keepsUndefined(image, recipe))
        return host.preprocess(image, recipe, {
          ...(signal === undefined ? {} : { signal }),
          ...(onProgress === undefined ? {} : { onProgress }),
        });
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

/** Whether pixels stay NaN or infinite on the way, as they do in the original's arithmetic only. */
function keepsUndefined({ pixels }: ImageToFilter, recipe: PreprocessRecipe): boolean {
  if (recipe.arithmetic !== "xmipp") return false;
  const c = recipe.operations.log?.c ?? null;
  return !pixels.every((x) => Number.isFinite(x) && (c === null || x + c > 0));
}
