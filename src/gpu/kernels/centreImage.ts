import code from "#shaders/centreImage.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import { requireBytes } from "../requireBytes.ts";

export interface CentreImage {
  /** Subtracts the mean that the partial sums of imageMoments give. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly pixels: GPUBuffer;
      readonly partials: GPUBuffer;
      readonly count: number;
    },
  ): void;
}

export async function createCentreImage(gpu: GpuContext): Promise<CentreImage> {
  const kernel = await createKernel(gpu, { label: "centreImage", code });
  return {
    encode: (encoder, { pixels, partials, count }) => {
      requireBytes("centreImage", pixels, 4 * count);
      requireBytes("centreImage", partials, 16 * Math.ceil(count / 4096));
      kernel.encode(encoder, {
        uniforms: { count },
        buffers: { partials, pixels },
        groups: gridOf(Math.ceil(count / 4096)),
      });
    },
  };
}
