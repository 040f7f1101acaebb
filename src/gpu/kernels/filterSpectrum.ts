import code from "#shaders/filterSpectrum.wgsl?raw";
import type { FourierFilter, ImageSize } from "#src/math/preprocess/fourierFilter.ts";
import type { GpuContext } from "../device.ts";
import { createKernel } from "../kernel.ts";
import { requireBytes } from "../requireBytes.ts";

export interface FilterSpectrum {
  /**
   * Low frequencies of a smaller (or equal) image, times filters and scale, from one half-spectrum to
   * another buffer; twin: src/math/preprocess/fourierFilter.ts.
   */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly spectrum: GPUBuffer;
      readonly filtered: GPUBuffer;
      /** Columns of the given spectrum: at least those of the smaller image. */
      readonly fromColumns: number;
      readonly from: ImageSize;
      readonly to: ImageSize;
      readonly filter: FourierFilter | null;
      readonly scale: number;
    },
  ): void;
}

const halfSpectrumBytes = ({ width, height }: ImageSize): number => 8 * ((width >> 1) + 1) * height;

export async function createFilterSpectrum(gpu: GpuContext): Promise<FilterSpectrum> {
  const kernel = await createKernel(gpu, { label: "filterSpectrum", code });
  return {
    encode: (encoder, { spectrum, filtered, fromColumns, from, to, filter, scale }) => {
      requireBytes("filterSpectrum", spectrum, 8 * fromColumns * from.height);
      requireBytes("filterSpectrum", filtered, halfSpectrumBytes(to));
      kernel.encode(encoder, {
        uniforms: {
          width: to.width,
          height: to.height,
          fromColumns,
          fromHeight: from.height,
          scale,
          gaussian: filter?.gaussian ?? 0,
          highCutoff: filter?.highPass?.cutoff ?? -1,
          highTransition: filter?.highPass?.transition ?? 0,
          lowCutoff: filter?.lowPass?.cutoff ?? 2,
          lowTransition: filter?.lowPass?.transition ?? 0,
        },
        buffers: { spectrum, filtered },
        groups: [Math.ceil(((to.width >> 1) + 1) / 64), to.height, 1],
      });
    },
  };
}
