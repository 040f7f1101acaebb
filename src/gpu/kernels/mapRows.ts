import code from "#shaders/mapRows.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import { requireBytes } from "../requireBytes.ts";

export interface MapRows {
  /** The sum over kx of correlation maps; twin: src/math/motion/displacementMaps.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly partial: GPUBuffer;
      readonly waves: GPUBuffer;
      readonly maps: GPUBuffer;
      readonly count: number;
      readonly kx: number;
      readonly mapWidth: number;
      readonly mapHeight: number;
    },
  ): void;
}

export async function createMapRows(gpu: GpuContext): Promise<MapRows> {
  const kernel = await createKernel(gpu, { label: "mapRows", code });
  return {
    encode: (encoder, { partial, waves, maps, count, kx, mapWidth, mapHeight }) => {
      requireBytes("mapRows", partial, 8 * count * mapHeight * (kx + 1));
      requireBytes("mapRows", waves, 8 * mapWidth * (kx + 1));
      requireBytes("mapRows", maps, 4 * count * mapHeight * mapWidth);
      kernel.encode(encoder, {
        uniforms: { count, kx, mapWidth, mapHeight },
        buffers: { partial, waves, maps },
        groups: gridOf(Math.ceil((count * mapHeight * Math.ceil(mapWidth / 4)) / 64)),
      });
    },
  };
}
