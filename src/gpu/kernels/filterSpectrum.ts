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
          highCutoff: filter?.highPass == null ? -1 : edgeOf(filter.highPass, 1),
          highTransition: filter?.highPass?.transition ?? 0,
          lowCutoff: filter?.lowPass == null ? 2 : edgeOf(filter.lowPass, -1),
          lowTransition: filter?.lowPass?.transition ?? 0,
        },
        buffers: { spectrum, filtered },
        groups: [Math.ceil(((to.width >> 1) + 1) / 64), to.height, 1],
      });
    },
  };
}

/** A frequency of the grid, in single precision, lies within this of the one in double. */
const ROUNDING = 4e-7;

/**
 * The cutoff for the device. A sharp filter takes away what lies exactly on its cutoff, as frequencies of the
 * grid often do (20/200 at 0.1): the edge moves outwards by what single precision may be off.
 */
function edgeOf(
  { cutoff, transition }: { readonly cutoff: number; readonly transition: number },
  side: 1 | -1,
): number {
  return transition > 0 ? cutoff : cutoff * (1 + side * ROUNDING);
}
