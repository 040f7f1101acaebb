import code from "#shaders/takeLogarithm.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import { requireBytes } from "../requireBytes.ts";

export interface TakeLogarithm {
  /**
   * `pixels = a − b·ln(max(pixels + c, smallest))` in place, `smallest` > 0; twin:
   * src/math/preprocess/logarithm.ts.
   */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly pixels: GPUBuffer;
      readonly count: number;
      readonly a: number;
      readonly b: number;
      readonly c: number;
      readonly smallest: number;
    },
  ): void;
}

export async function createTakeLogarithm(gpu: GpuContext): Promise<TakeLogarithm> {
  const kernel = await createKernel(gpu, { label: "takeLogarithm", code });
  return {
    encode: (encoder, { pixels, count, a, b, c, smallest }) => {
      requireBytes("takeLogarithm", pixels, 4 * count);
      kernel.encode(encoder, {
        uniforms: { count, a, b, c, smallest },
        buffers: { pixels },
        groups: gridOf(Math.ceil(count / 256)),
      });
    },
  };
}
