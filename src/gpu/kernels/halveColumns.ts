import code from "#shaders/halveColumns.wgsl?raw";
import { HALVING_TAPS } from "#src/math/motion/binFrame.ts";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import { requireBytes } from "../requireBytes.ts";

export interface HalveColumns {
  /** An image halved along y; twin: src/math/motion/binFrame.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly image: GPUBuffer;
      readonly halved: GPUBuffer;
      readonly width: number;
      readonly height: number;
      readonly halvedHeight: number;
    },
  ): void;
}

export async function createHalveColumns(gpu: GpuContext): Promise<HalveColumns> {
  const kernel = await createKernel(gpu, { label: "halveColumns", code });
  return {
    encode: (encoder, { image, halved, width, height, halvedHeight }) => {
      requireBytes("halveColumns", image, 4 * width * height);
      requireBytes("halveColumns", halved, 4 * width * halvedHeight);
      kernel.encode(encoder, {
        uniforms: { width, height, halvedHeight, taps: HALVING_TAPS.slice(0, 4) },
        buffers: { image, halved },
        groups: gridOf(Math.ceil((width * halvedHeight) / 256)),
      });
    },
  };
}
