import code from "#shaders/warpFrame.wgsl?raw";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";

export interface WarpFrame {
  /** `total (+)= weight · frame moved by its tiles' displacements`; twin: src/math/warpFrame.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly frame: GPUBuffer;
      readonly shiftX: GPUBuffer;
      readonly shiftY: GPUBuffer;
      readonly total: GPUBuffer;
      readonly width: number;
      readonly height: number;
      readonly tile: number;
      readonly columns: number;
      readonly weight: number;
      readonly replace?: boolean;
    },
  ): void;
}

export async function createWarpFrame(gpu: GpuContext): Promise<WarpFrame> {
  const kernel = await createKernel(gpu, { label: "warpFrame", code });
  return {
    encode: (encoder, args) => {
      const { frame, shiftX, shiftY, total, width, height, tile, columns } = args;
      const tiles = columns * Math.ceil(height / tile);
      const bytes = 4 * width * height;
      if (frame.size < bytes || total.size < bytes || columns * tile < width)
        throw new CryoloupeError(
          "internal",
          `warpFrame: a buffer is smaller than ${width} × ${height} px.`,
        );
      if (shiftX.size < 4 * tiles || shiftY.size < 4 * tiles)
        throw new CryoloupeError("internal", `warpFrame: fewer than ${tiles} displacements.`);
      kernel.encode(encoder, {
        uniforms: {
          width,
          height,
          tile,
          columns,
          weight: args.weight,
          replace: args.replace === true ? 1 : 0,
        },
        buffers: { frame, shiftX, shiftY, total },
        groups: gridOf(Math.ceil((width * height) / 256)),
      });
    },
  };
}
