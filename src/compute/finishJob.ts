import type { Float32Pixels } from "#src/domain/movie.ts";
import { prefilterImage } from "#src/math/bspline.ts";
import { addWeightedSpectrum, fourierCrop } from "#src/math/fourierCrop.ts";
import { createRealFft2, halfWidth } from "#src/math/fft.ts";
import type { RadialTable } from "#src/math/fourierCrop.ts";
import type { JobDefinition } from "./pool.ts";

export interface FinishSizes {
  readonly width: number;
  readonly height: number;
  readonly cropWidth: number;
  readonly cropHeight: number;
}

/**
 * `finish`: prefilter of a sum, Fourier crop and a factor, gives the image. `weigh`: prefilter, weights by
 * frequency, added to the spectrum that the worker keeps. `spectra`: the inverse of kept spectra, added up.
 */
export type FinishTask =
  | {
      readonly kind: "finish";
      readonly sum: Float32Pixels;
      readonly prefilter: boolean;
      readonly factor: number;
    }
  | { readonly kind: "weigh"; readonly sum: Float32Pixels; readonly table: RadialTable }
  | { readonly kind: "spectra"; readonly spectra: readonly Float32Pixels[] };

/** Work on whole sums after the frames are in. */
export const finishJob: JobDefinition<
  FinishSizes,
  FinishTask,
  Float32Pixels | null,
  Float32Pixels | null
> = {
  name: "finish-sums",
  create: ({ width, height, cropWidth, cropHeight }) => {
    let kept: Float32Pixels | null = null;
    return {
      run: (task) => {
        if (task.kind === "weigh") {
          prefilterImage(task.sum, width, height, "half");
          kept ??= new Float32Array(2 * halfWidth(cropWidth) * cropHeight);
          addWeightedSpectrum(kept, task.sum, width, height, cropWidth, cropHeight, task.table);
          return { value: null };
        }
        if (task.kind === "spectra") {
          const [total, ...others] = task.spectra;
          for (const other of others) for (let i = 0; i < total.length; i++) total[i] += other[i];
          const image = createRealFft2(cropWidth, cropHeight).inverse(total);
          return { value: image, transfer: [image.buffer] };
        }
        if (task.prefilter) prefilterImage(task.sum, width, height, "half");
        const image = fourierCrop(task.sum, width, height, cropWidth, cropHeight);
        if (task.factor !== 1) for (let i = 0; i < image.length; i++) image[i] *= task.factor;
        return { value: image, transfer: [image.buffer] };
      },
      finish: () => ({ value: kept, transfer: kept === null ? [] : [kept.buffer] }),
    };
  },
};
