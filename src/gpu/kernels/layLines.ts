import code from "#shaders/layLines.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel } from "../kernel.ts";

export interface LayLines {
  /** Rows or columns of an image as lines, masked pixels marked. Twin: src/math/transpose.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly image: GPUBuffer;
      /** Bytes, 1 = left out; null = every pixel counts. */
      readonly bad: GPUBuffer | null;
      readonly lines: GPUBuffer;
      readonly width: number;
      readonly height: number;
      readonly columns: boolean;
    },
  ): void;
}

export async function createLayLines(gpu: GpuContext): Promise<LayLines> {
  const kernel = await createKernel(gpu, { label: "layLines", code });
  return {
    encode: (encoder, { image, bad, lines, width, height, columns }) =>
      kernel.encode(encoder, {
        uniforms: { width, height, columns: columns ? 1 : 0, hasBad: bad === null ? 0 : 1 },
        buffers: { image, bad: bad ?? image, lines },
        groups: [Math.ceil(width / 16), Math.ceil(height / 16), 1],
      }),
  };
}
