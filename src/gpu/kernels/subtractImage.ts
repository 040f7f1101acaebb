import code from "#shaders/subtractImage.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import { requireBytes } from "../requireBytes.ts";

export interface SubtractImage {
  /** Takes an image out of every frame of a slab; twin: src/math/motion/patchEngine.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly slab: GPUBuffer;
      readonly image: GPUBuffer;
      readonly slabFrames: number;
      readonly pixels: number;
    },
  ): void;
}

export async function createSubtractImage(gpu: GpuContext): Promise<SubtractImage> {
  const kernel = await createKernel(gpu, { label: "subtractImage", code });
  return {
    encode: (encoder, { slab, image, slabFrames, pixels }) => {
      requireBytes("subtractImage", slab, 4 * slabFrames * pixels);
      requireBytes("subtractImage", image, 4 * pixels);
      kernel.encode(encoder, {
        uniforms: { slabFrames, pixels },
        buffers: { slab, image },
        groups: gridOf(Math.ceil((slabFrames * pixels) / 256)),
      });
    },
  };
}
