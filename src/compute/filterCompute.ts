import type { CancelSignal } from "#src/domain/cancel.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import type { PreprocessRecipe } from "#src/domain/preprocess.ts";
import type { ImageSize } from "#src/math/preprocess/fourierFilter.ts";
import type { ChainPosition, PreprocessedImage } from "#src/math/preprocess/runStages.ts";

export interface FilterOptions {
  /**
   * Names the pixels. Where the name is the same as in the call before, so are the pixels, and a backend may take
   * from that call what does not depend on the part of the recipe that has changed: for previews.
   */
  readonly reuse?: string;
  /** With `reuse`: the denoiser may stop after this many iterations (the report says after how many it did). */
  readonly enough?: number;
  readonly signal?: CancelSignal;
  readonly onProgress?: (position: ChainPosition) => void;
}

/** An image to be processed, `[height, width]`, row 0 first. */
export interface ImageToFilter extends ImageSize {
  readonly pixels: Float32Pixels;
}

/** The ten operations on a micrograph. */
export interface FilterCompute {
  /** Images that are best processed at the same time. */
  readonly lanes: number;
  /**
   * Runs a recipe (checked by the caller) over an image, whose buffer may be moved away. Stops within a
   * stage's portion after cancelling, and rejects at once.
   */
  preprocess(
    image: ImageToFilter,
    recipe: PreprocessRecipe,
    options?: FilterOptions,
  ): Promise<PreprocessedImage>;
}
