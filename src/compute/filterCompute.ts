import type { CancelSignal } from "#src/domain/cancel.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import type { PreprocessRecipe } from "#src/domain/preprocess.ts";
import type { ImageSize } from "#src/math/preprocess/fourierFilter.ts";
import type { ChainPosition, PreprocessedImage } from "#src/math/preprocess/runStages.ts";

export interface FilterOptions {
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
