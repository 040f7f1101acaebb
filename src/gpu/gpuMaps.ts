import { mapWaves } from "#src/math/motion/mapWaves.ts";
import type { MapGrid, SpectrumShape } from "#src/math/motion/displacementMaps.ts";
import type { BufferHolder } from "./bufferHolder.ts";
import type { GpuContext } from "./device.ts";
import { createMapColumns } from "./kernels/mapColumns.ts";
import { createMapRows } from "./kernels/mapRows.ts";

/** Correlation maps of one shape and grid on the device. */
export interface GpuMaps {
  readonly mapWidth: number;
  readonly mapHeight: number;
  /**
   * Maps `[count][mapHeight][mapWidth]` of cross spectra, into `maps`; `cross` may be the same buffer,
   * `partial` holds the sums over ky in between.
   */
  encode(
    encoder: GPUCommandEncoder,
    buffers: {
      readonly cross: GPUBuffer;
      readonly partial: GPUBuffer;
      readonly maps: GPUBuffer;
    },
    count: number,
  ): void;
}

/** Uploads the tables of a grid (src/math/motion/mapWaves.ts). */
export async function createGpuMaps(
  gpu: GpuContext,
  held: BufferHolder,
  shape: SpectrumShape,
  grid: MapGrid,
  options: { readonly scale?: number; readonly prefilter?: boolean } = {},
): Promise<GpuMaps> {
  const [alongColumns, alongRows] = await Promise.all([createMapColumns(gpu), createMapRows(gpu)]);
  const tables = mapWaves(shape, grid, options);
  const columns = await held.with(tables.columns, "waves along y");
  const rows = await held.with(tables.rows, "waves along x");
  const { kx, ky } = shape;
  const mapWidth = 2 * grid.radiusX + 1;
  const mapHeight = 2 * grid.radiusY + 1;
  return {
    mapWidth,
    mapHeight,
    encode: (encoder, { cross, partial, maps }, count) => {
      alongColumns.encode(encoder, { cross, waves: columns, partial, count, kx, ky, mapHeight });
      alongRows.encode(encoder, { partial, waves: rows, maps, count, kx, mapWidth, mapHeight });
    },
  };
}
