import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { FilterCompute, ImageToFilter } from "#src/compute/filterCompute.ts";
import { orCancelled } from "#src/compute/orCancelled.ts";
import type { PreprocessRecipe } from "#src/domain/preprocess.ts";
import type { GpuContext } from "./device.ts";
import { createGpuChain } from "./gpuChain.ts";

/** {@link FilterCompute} on the device; images wait for each other. A few images are left to `host`. */
export function createGpuFilters(
  context: () => Promise<GpuContext>,
  host: FilterCompute,
): FilterCompute {
  let last: Promise<unknown> = Promise.resolve();
  return {
    lanes: 1,
    preprocess: (image, whole, options = {}) => {
      const { signal, onProgress, enough } = options;
      if (needsHost(image, whole)) return host.preprocess(image, whole, options);
      // Nothing is kept on the device: a first result is one of few iterations.
      const recipe = enough === undefined ? whole : withIterations(whole, enough);
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

function withIterations(recipe: PreprocessRecipe, most: number): PreprocessRecipe {
  const { denoise } = recipe.operations;
  if (denoise === null) return recipe;
  const iterations = Math.min(denoise.iterations, most);
  return { ...recipe, operations: { ...recipe.operations, denoise: { iterations } } };
}

/** Squares of what lies beyond leave single precision. */
const LARGEST = 1e15;
const SMALLEST = 1e-15;

/**
 * What single precision and shaders cannot do: pixels that stay NaN or infinite (in the original's arithmetic
 * only), its denoiser, which needs double precision to come out the same, and values whose squares are too large
 * or too small.
 */
function needsHost(
  { pixels }: ImageToFilter,
  { operations, arithmetic }: PreprocessRecipe,
): boolean {
  const exact = arithmetic === "xmipp";
  if (exact && operations.denoise !== null) return true;
  const c = exact ? (operations.log?.c ?? null) : null;
  let reach = 0;
  for (const x of pixels) {
    const size = Math.abs(x);
    if (size > reach && size < Infinity) reach = size;
    if (exact && (!Number.isFinite(x) || (c !== null && x + c <= 0))) return true;
  }
  return reach > LARGEST || (reach > 0 && reach < SMALLEST);
}
