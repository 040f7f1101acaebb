import code from "#shaders/findOutliers.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import { requireBytes } from "../requireBytes.ts";

export interface FindOutliers {
  /**
   * Lists indices of pixels strictly outside [low, high], in no order, after their number; `found` must
   * start with a zero and holds 1 + capacity words. Twin: `findOutliers` of src/math/preprocess/badPixels.ts.
   */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly pixels: GPUBuffer;
      readonly found: GPUBuffer;
      readonly count: number;
      readonly capacity: number;
      readonly low: number;
      readonly high: number;
    },
  ): void;
}

export async function createFindOutliers(gpu: GpuContext): Promise<FindOutliers> {
  const kernel = await createKernel(gpu, { label: "findOutliers", code });
  return {
    encode: (encoder, { pixels, found, count, capacity, low, high }) => {
      requireBytes("findOutliers", pixels, 4 * count);
      requireBytes("findOutliers", found, 4 * (capacity + 1));
      kernel.encode(encoder, {
        uniforms: { count, capacity, low, high },
        buffers: { pixels, found },
        groups: gridOf(Math.ceil(count / 256)),
      });
    },
  };
}
