import code from "#shaders/accumulate.wgsl?raw";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";

export interface Accumulate {
  /** `total += frame · correction` (or `=` with `replace`); twin: src/math/accumulate.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly frame: GPUBuffer;
      /** {@link packedType} of the frame. */
      readonly pixelType: number;
      readonly correction: GPUBuffer | null;
      readonly total: GPUBuffer;
      readonly count: number;
      readonly replace?: boolean;
      /** Divide by the correction instead of multiplying. */
      readonly divide?: boolean;
    },
  ): void;
}

export async function createAccumulate(gpu: GpuContext): Promise<Accumulate> {
  const kernel = await createKernel(gpu, { label: "accumulate", code });
  return {
    encode: (
      encoder,
      { frame, pixelType, correction, total, count, replace = false, divide = false },
    ) => {
      const bytes = [1, 1, 2, 2, 4, 4, 4][pixelType] * count;
      if (
        frame.size < bytes ||
        total.size < 4 * count ||
        (correction?.size ?? 4 * count) < 4 * count
      )
        throw new CryoloupeError(
          "internal",
          `accumulate: a buffer is smaller than ${count} pixels.`,
        );
      kernel.encode(encoder, {
        uniforms: {
          count,
          pixelType,
          usage: correction === null ? 0 : divide ? 2 : 1,
          replace: replace ? 1 : 0,
        },
        // A binding may not be absent: the frame stands in for a correction that is not read.
        buffers: { frame, correction: correction ?? frame, total },
        groups: gridOf(Math.ceil(count / 256)),
      });
    },
  };
}
