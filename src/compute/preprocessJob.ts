import { CryoloupeError } from "#src/domain/errors.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import type { DenoiseReport, PreprocessRecipe } from "#src/domain/preprocess.ts";
import type { ImageSize } from "#src/math/preprocess/fourierFilter.ts";
import { createChainMemory } from "#src/math/preprocess/chainMemory.ts";
import { createPreprocessChain } from "#src/math/preprocess/runStages.ts";
import type {
  ChainPosition,
  LentImage,
  PreprocessChain,
  PreprocessedImage,
} from "#src/math/preprocess/runStages.ts";
import { createRealTransform } from "#src/math/preprocess/realTransform.ts";
import type { JobDefinition } from "./pool.ts";

export type PreprocessTask =
  | {
      readonly kind: "open";
      readonly image: number;
      readonly pixels: Float32Pixels;
      readonly size: ImageSize;
      readonly recipe: PreprocessRecipe;
      /** Names the pixels for the worker's memory of the last image; null = nothing is remembered. */
      readonly reuse: string | null;
      /** With `reuse`: iterations of the denoiser that are enough for now; null = all. */
      readonly enough: number | null;
    }
  /** Runs the next portions; the answer says what comes then. */
  | { readonly kind: "advance"; readonly image: number }
  /** Gives the image that is to be denoised away; null = there is none, or the denoiser has begun. */
  | { readonly kind: "lend"; readonly image: number }
  | {
      readonly kind: "giveBack";
      readonly image: number;
      readonly pixels: Float32Pixels;
      readonly denoise: DenoiseReport;
    }
  /** Gives the result away and forgets the image. */
  | { readonly kind: "take"; readonly image: number }
  | { readonly kind: "drop"; readonly image: number };

export type PreprocessAnswer =
  | { readonly position: ChainPosition }
  | { readonly result: PreprocessedImage }
  | { readonly lent: LentImage | null }
  | null;

/** Portions are run one after the other for this long before the host is answered, ms. */
const ANSWER_EVERY_MS = 30;

/** At the end, and before a denoiser begins: it may run elsewhere. */
const pausesAt = ({ stage, done }: ChainPosition): boolean =>
  stage === "done" || (stage === "denoise" && done === 0);

/** Keeps whole images in a worker and runs their chains in portions. */
export const preprocessJob: JobDefinition<null, PreprocessTask, PreprocessAnswer, null> = {
  name: "preprocess",
  create: () => {
    const chains = new Map<number, PreprocessChain>();
    const transform = createRealTransform();
    const memory = createChainMemory();
    const chainOf = (image: number): PreprocessChain => {
      const chain = chains.get(image);
      if (chain === undefined)
        throw new CryoloupeError("internal", `Image ${image} is not in this worker.`);
      return chain;
    };
    return {
      run: (task) => {
        switch (task.kind) {
          case "open": {
            const { pixels, size, recipe, reuse, enough } = task;
            const remembered =
              reuse === null
                ? undefined
                : { memory, key: reuse, ...(enough === null ? {} : { enough }) };
            const chain = createPreprocessChain(pixels, size, recipe, transform, remembered);
            chains.set(task.image, chain);
            return { value: { position: chain.position } };
          }
          case "advance": {
            const chain = chainOf(task.image);
            const until = performance.now() + ANSWER_EVERY_MS;
            do chain.advance();
            while (!pausesAt(chain.position) && performance.now() < until);
            return { value: { position: chain.position } };
          }
          case "lend": {
            const lent = chainOf(task.image).lend();
            return { value: { lent }, transfer: lent === null ? [] : [lent.pixels.buffer] };
          }
          case "giveBack": {
            const chain = chainOf(task.image);
            chain.giveBack(task.pixels, task.denoise);
            return { value: { position: chain.position } };
          }
          case "take": {
            const result = chainOf(task.image).result();
            chains.delete(task.image);
            return { value: { result }, transfer: [result.pixels.buffer] };
          }
          case "drop":
            chains.delete(task.image);
            return { value: null };
        }
      },
      finish: () => ({ value: null }),
    };
  },
};
