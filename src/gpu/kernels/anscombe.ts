import code from "#shaders/anscombe.wgsl?raw";
import { ANSCOMBE_OFFSET } from "#src/math/preprocess/denoise.ts";
import type { DenoiseScale } from "#src/math/preprocess/denoise.ts";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import { requireBytes } from "../requireBytes.ts";

export interface Anscombe {
  /** Transformed data Y and, equal to it, the first estimate; twin: src/math/preprocess/denoise.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly pixels: GPUBuffer;
      readonly transformed: GPUBuffer;
      readonly estimate: GPUBuffer;
      readonly count: number;
      readonly scale: DenoiseScale;
    },
  ): void;
}

export async function createAnscombe(gpu: GpuContext): Promise<Anscombe> {
  const kernel = await createKernel(gpu, { label: "anscombe", code });
  return {
    encode: (encoder, { pixels, transformed, estimate, count, scale }) => {
      for (const buffer of [pixels, transformed, estimate])
        requireBytes("anscombe", buffer, 4 * count);
      kernel.encode(encoder, {
        uniforms: {
          count,
          least: scale.min,
          range: scale.range,
          offset: ANSCOMBE_OFFSET,
          s: scale.s,
        },
        buffers: { pixels, transformed, estimate },
        groups: gridOf(Math.ceil(count / 256)),
      });
    },
  };
}
