import { prefilterLine } from "../bspline.ts";
import type { MapGrid, SpectrumShape } from "./displacementMaps.ts";

/**
 * A correlation map (displacementMaps.ts) as two products of matrices, which is how shaders take it:
 *
 *   map[y][x] = Re Σ_kx (Σ_ky X[ky][kx] columns[y][ky]) rows[x][kx]
 *
 * with columns = e^{2πi ky δy/height} and rows = scale·m·e^{2πi kx δx/width}, m = 1 for kx = 0, else 2.
 * Any linear filter of the map along its axes is a filter of these tables: `prefilter` makes the result the
 * cubic B-spline coefficients of the map.
 */
export interface MapWaves {
  /** `[2·radiusY + 1][2·ky + 1]` complex, ky from −ky to ky. */
  readonly columns: Float32Array<ArrayBuffer>;
  /** `[2·radiusX + 1][kx + 1]` complex. */
  readonly rows: Float32Array<ArrayBuffer>;
}

/** `[2·radius + 1][last − first + 1]` complex factors e^{2πi k·i·step/size}. */
function waves(
  first: number,
  last: number,
  radius: number,
  step: number,
  size: number,
): Float64Array {
  const count = last - first + 1;
  const out = new Float64Array(2 * (2 * radius + 1) * count);
  let at = 0;
  for (let i = -radius; i <= radius; i++)
    for (let k = first; k <= last; k++) {
      const angle = (2 * Math.PI * ((k * i * step) % size)) / size;
      out[at++] = Math.cos(angle);
      out[at++] = Math.sin(angle);
    }
  return out;
}

export function mapWaves(
  shape: SpectrumShape,
  { radiusX, radiusY, step }: MapGrid,
  { scale = 1, prefilter = false } = {},
): MapWaves {
  const columns = waves(-shape.ky, shape.ky, radiusY, step, shape.height);
  const rows = waves(0, shape.kx, radiusX, step, shape.width);
  if (prefilter) {
    filterLines(columns, 2 * radiusY + 1);
    filterLines(rows, 2 * radiusX + 1);
  }
  const width = 2 * (shape.kx + 1);
  return {
    columns: Float32Array.from(columns),
    rows: Float32Array.from(rows, (v, i) => v * scale * (i % width < 2 ? 1 : 2)),
  };
}

/** Prefilters each column of a table `[lines][…]`. */
function filterLines(table: Float64Array, lines: number): void {
  const stride = table.length / lines;
  for (let i = 0; i < stride; i++) prefilterLine(table, i, stride, lines);
}
