import code from "#shaders/taperImage.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import { requireBytes } from "../requireBytes.ts";

export interface TaperImage {
  /** Window and padding of a whole frame; twin: src/math/motion/frameSpectrum.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly image: GPUBuffer;
      /** Along x, then along y. */
      readonly tapers: GPUBuffer;
      readonly tapered: GPUBuffer;
      readonly width: number;
      readonly height: number;
      readonly paddedWidth: number;
      readonly paddedHeight: number;
    },
  ): void;
}

export async function createTaperImage(gpu: GpuContext): Promise<TaperImage> {
  const kernel = await createKernel(gpu, { label: "taperImage", code });
  return {
    encode: (encoder, { image, tapers, tapered, width, height, paddedWidth, paddedHeight }) => {
      requireBytes("taperImage", image, 4 * width * height);
      requireBytes("taperImage", tapers, 4 * (width + height));
      requireBytes("taperImage", tapered, 4 * paddedWidth * paddedHeight);
      kernel.encode(encoder, {
        uniforms: { width, height, paddedWidth, paddedHeight },
        buffers: { image, tapers, tapered },
        groups: gridOf(Math.ceil((paddedWidth * paddedHeight) / 256)),
      });
    },
  };
}
