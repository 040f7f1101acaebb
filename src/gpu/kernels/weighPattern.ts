import code from "#shaders/weighPattern.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import { requireBytes } from "../requireBytes.ts";

export interface WeighPattern {
  /** Spectra of what is at rest in patches, two patches to a complex image; twin: src/math/motion/patchEngine.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly sums: GPUBuffer;
      /** (N/P, N/S) by coefficient; a negative N/P: no pattern. */
      readonly ratios: GPUBuffer;
      readonly pairs: GPUBuffer;
      readonly side: number;
      readonly items: number;
      readonly frames: number;
      readonly kept: number;
    },
  ): void;
}

export async function createWeighPattern(gpu: GpuContext): Promise<WeighPattern> {
  const kernel = await createKernel(gpu, { label: "weighPattern", code });
  return {
    encode: (encoder, { sums, ratios, pairs, side, items, frames, kept }) => {
      const plane = (2 * kept + 1) * (kept + 1);
      requireBytes("weighPattern", sums, 32 * items * plane);
      requireBytes("weighPattern", ratios, 8 * plane);
      requireBytes("weighPattern", pairs, 8 * Math.ceil(items / 2) * side * side);
      kernel.encode(encoder, {
        uniforms: { side, items, frames, kept },
        buffers: { sums, ratios, pairs },
        groups: gridOf(Math.ceil((Math.ceil(items / 2) * side * side) / 64)),
      });
    },
  };
}
