import code from "#shaders/mapColumns.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import { requireBytes } from "../requireBytes.ts";

export interface MapColumns {
  /** The sum over ky of correlation maps; twin: src/math/motion/displacementMaps.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly cross: GPUBuffer;
      readonly waves: GPUBuffer;
      readonly partial: GPUBuffer;
      readonly count: number;
      readonly kx: number;
      readonly ky: number;
      readonly mapHeight: number;
    },
  ): void;
}

export async function createMapColumns(gpu: GpuContext): Promise<MapColumns> {
  const kernel = await createKernel(gpu, { label: "mapColumns", code });
  return {
    encode: (encoder, { cross, waves, partial, count, kx, ky, mapHeight }) => {
      requireBytes("mapColumns", cross, 8 * count * (2 * ky + 1) * (kx + 1));
      requireBytes("mapColumns", waves, 8 * mapHeight * (2 * ky + 1));
      requireBytes("mapColumns", partial, 8 * count * mapHeight * (kx + 1));
      kernel.encode(encoder, {
        uniforms: { count, kx, ky, mapHeight },
        buffers: { cross, waves, partial },
        groups: gridOf(Math.ceil((count * Math.ceil(mapHeight / 4) * (kx + 1)) / 64)),
      });
    },
  };
}
