import code from "#shaders/gatherWindows.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import { requireBytes } from "../requireBytes.ts";

/** Values fetched around each place: 5 × 5. */
export const WINDOW_VALUES = 25;

export interface GatherWindows {
  /** Copies the 5 × 5 windows around listed pixels, 0 outside the image. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly pixels: GPUBuffer;
      readonly places: GPUBuffer;
      readonly windows: GPUBuffer;
      readonly width: number;
      readonly height: number;
      readonly count: number;
    },
  ): void;
}

export async function createGatherWindows(gpu: GpuContext): Promise<GatherWindows> {
  const kernel = await createKernel(gpu, { label: "gatherWindows", code });
  return {
    encode: (encoder, { pixels, places, windows, width, height, count }) => {
      requireBytes("gatherWindows", pixels, 4 * width * height);
      requireBytes("gatherWindows", places, 4 * count);
      requireBytes("gatherWindows", windows, 4 * WINDOW_VALUES * count);
      kernel.encode(encoder, {
        uniforms: { width, height, count },
        buffers: { pixels, places, windows },
        groups: gridOf(Math.ceil((WINDOW_VALUES * count) / 256)),
      });
    },
  };
}
