import code from "#shaders/correctFrame.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import { requireBytes } from "../requireBytes.ts";

export interface CorrectFrame {
  /** Dark, gain and repair of a frame, its sum and its strays; twin: src/math/motion/binFrame.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly frame: GPUBuffer;
      /** packedType of the frame. */
      readonly pixelType: number;
      readonly correction: GPUBuffer | null;
      readonly dark: GPUBuffer | null;
      /** One byte a pixel: 1 = listed as bad, 2 = never plausible. */
      readonly marks: GPUBuffer | null;
      readonly corrected: GPUBuffer;
      readonly total: GPUBuffer;
      readonly strays: GPUBuffer;
      readonly width: number;
      readonly height: number;
      readonly low: number;
      readonly high: number;
      readonly mean: number;
    },
  ): void;
}

export async function createCorrectFrame(gpu: GpuContext): Promise<CorrectFrame> {
  const kernel = await createKernel(gpu, { label: "correctFrame", code });
  return {
    encode: (
      encoder,
      {
        frame,
        pixelType,
        correction,
        dark,
        marks,
        corrected,
        total,
        strays,
        width,
        height,
        low,
        high,
        mean,
      },
    ) => {
      const count = width * height;
      requireBytes("correctFrame", frame, [1, 1, 2, 2, 4, 4, 4][pixelType] * count);
      requireBytes("correctFrame", correction ?? corrected, 4 * count);
      requireBytes("correctFrame", dark ?? corrected, 4 * count);
      requireBytes("correctFrame", corrected, 4 * count);
      requireBytes("correctFrame", total, 4 * count);
      requireBytes("correctFrame", strays, 4 * count + 4);
      kernel.encode(encoder, {
        uniforms: {
          width,
          height,
          pixelType,
          useCorrection: correction === null ? 0 : 1,
          useDark: dark === null ? 0 : 1,
          useMarks: marks === null ? 0 : 1,
          low,
          high,
          mean,
        },
        buffers: {
          frame,
          correction: correction ?? frame,
          dark: dark ?? frame,
          marks: marks ?? frame,
          corrected,
          total,
          strays,
        },
        groups: gridOf(Math.ceil(count / 256)),
      });
    },
  };
}
