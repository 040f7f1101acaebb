import code from "#shaders/scatterPixels.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import { requireBytes } from "../requireBytes.ts";

export interface ScatterPixels {
  /** `pixels[places[n]] = values[n]`. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly pixels: GPUBuffer;
      readonly places: GPUBuffer;
      readonly values: GPUBuffer;
      readonly count: number;
    },
  ): void;
}

export async function createScatterPixels(gpu: GpuContext): Promise<ScatterPixels> {
  const kernel = await createKernel(gpu, { label: "scatterPixels", code });
  return {
    encode: (encoder, { pixels, places, values, count }) => {
      requireBytes("scatterPixels", places, 4 * count);
      requireBytes("scatterPixels", values, 4 * count);
      kernel.encode(encoder, {
        uniforms: { count },
        buffers: { pixels, places, values },
        groups: gridOf(Math.ceil(count / 256)),
      });
    },
  };
}
