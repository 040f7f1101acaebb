import code from "#shaders/halveRows.wgsl?raw";
import { HALVING_TAPS } from "#src/math/motion/binFrame.ts";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import { requireBytes } from "../requireBytes.ts";

export interface HalveRows {
  /** Box means, halved along x; twin: src/math/motion/binFrame.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly image: GPUBuffer;
      readonly halved: GPUBuffer;
      readonly width: number;
      readonly height: number;
      readonly box: number;
      readonly halvedWidth: number;
    },
  ): void;
}

export async function createHalveRows(gpu: GpuContext): Promise<HalveRows> {
  const kernel = await createKernel(gpu, { label: "halveRows", code });
  return {
    encode: (encoder, { image, halved, width, height, box, halvedWidth }) => {
      requireBytes("halveRows", image, 4 * width * height);
      requireBytes("halveRows", halved, 4 * halvedWidth * Math.floor(height / box));
      kernel.encode(encoder, {
        uniforms: { width, height, box, halvedWidth, taps: HALVING_TAPS.slice(0, 4) },
        buffers: { image, halved },
        groups: gridOf(Math.ceil((halvedWidth * Math.floor(height / box)) / 256)),
      });
    },
  };
}
