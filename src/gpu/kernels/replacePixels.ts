import code from "#shaders/replacePixels.wgsl?raw";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";

export interface ReplacePixels {
  /** `frame[place[n]] = value[n]` for n < count; twin: src/math/replacePixels.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly frame: GPUBuffer;
      readonly place: GPUBuffer;
      readonly value: GPUBuffer;
      readonly count: number;
    },
  ): void;
}

export async function createReplacePixels(gpu: GpuContext): Promise<ReplacePixels> {
  const kernel = await createKernel(gpu, { label: "replacePixels", code });
  return {
    encode: (encoder, { frame, place, value, count }) => {
      if (place.size < 4 * count || value.size < 4 * count)
        throw new CryoloupeError(
          "internal",
          `replacePixels: fewer than ${count} places or values.`,
        );
      kernel.encode(encoder, {
        uniforms: { count },
        buffers: { place, value, frame },
        groups: gridOf(Math.ceil(count / 256)),
      });
    },
  };
}
