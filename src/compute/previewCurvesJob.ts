import type { Float32Pixels } from "#src/domain/movie.ts";
import type { PreviewCurves } from "#src/domain/preprocessPreview.ts";
import { previewCurves } from "#src/math/preprocess/comparePower.ts";
import type { JobDefinition } from "./pool.ts";

export interface PreviewCurvesTask {
  readonly pixels: Float32Pixels;
  readonly width: number;
  readonly height: number;
  /** By how much the image was downsampled. */
  readonly factor: number;
}

/** Histogram and radial power of one side of a preview; keeps nothing. */
export const previewCurvesJob: JobDefinition<null, PreviewCurvesTask, PreviewCurves, null> = {
  name: "previewCurves",
  create: () => ({
    run: ({ pixels, width, height, factor }) => ({
      value: previewCurves(pixels, width, height, factor),
    }),
    finish: () => ({ value: null }),
  }),
};
