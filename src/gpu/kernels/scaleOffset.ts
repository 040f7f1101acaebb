import code from "#shaders/scaleOffset.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import { requireBytes } from "../requireBytes.ts";

export interface ScaleOffset {
  /** `pixels = scale·pixels + offset` in place; twin: src/math/preprocess/pointwise.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly pixels: GPUBuffer;
      readonly count: number;
      readonly scale: number;
      readonly offset: number;
    },
  ): void;
}

export async function createScaleOffset(gpu: GpuContext): Promise<ScaleOffset> {
  const kernel = await createKernel(gpu, { label: "scaleOffset", code });
  return {
    encode: (encoder, { pixels, count, scale, offset }) => {
      requireBytes("scaleOffset", pixels, 4 * count);
      kernel.encode(encoder, {
        uniforms: { count, scale, offset },
        buffers: { pixels },
        groups: gridOf(Math.ceil(count / 256)),
      });
    },
  };
}
