import type { GainParts } from "#src/domain/gainParts.ts";

export type { ChipGrid, GainParts } from "#src/domain/gainParts.ts";

/** A log gain of nothing: all parts zero. */
export function emptyParts(width: number, height: number): GainParts {
  return {
    width,
    height,
    plane: { x: 0, y: 0 },
    chips: { columnEdges: [], rowEdges: [], values: new Float64Array(1) },
    columns: new Float64Array(width),
    rows: new Float64Array(height),
    pixels: new Float32Array(width * height),
  };
}

/** Block index along one axis for every position. */
export function blockIndex(edges: readonly number[], length: number): Int32Array {
  const index = new Int32Array(length);
  let block = 0;
  for (let i = 0; i < length; i++) {
    while (block < edges.length && i >= edges[block]) block++;
    index[i] = block;
  }
  return index;
}

/** Which parts to leave out of a sum. */
export interface PartChoice {
  readonly plane?: boolean;
  readonly chips?: boolean;
  readonly columns?: boolean;
  readonly rows?: boolean;
  readonly pixels?: boolean;
}

/** Sum of the parts, `[height, width]`; a part named `false` is left out. */
export function totalLogGain(parts: GainParts, use: PartChoice = {}): Float32Array<ArrayBuffer> {
  const { width, height, plane, chips, columns, rows, pixels } = parts;
  const out = new Float32Array(width * height);
  const across = new Float64Array(width);
  const blockX = blockIndex(chips.columnEdges, width);
  const blockY = blockIndex(chips.rowEdges, height);
  const blocks = chips.columnEdges.length + 1;
  for (let x = 0; x < width; x++) {
    if (use.plane !== false) across[x] += plane.x * (x / width - 0.5);
    if (use.columns !== false) across[x] += columns[x];
  }
  for (let y = 0; y < height; y++) {
    let down = 0;
    if (use.plane !== false) down += plane.y * (y / height - 0.5);
    if (use.rows !== false) down += rows[y];
    const row = y * width;
    const block = blockY[y] * blocks;
    for (let x = 0; x < width; x++) {
      let v = across[x] + down;
      if (use.chips !== false) v += chips.values[block + blockX[x]];
      if (use.pixels !== false) v += pixels[row + x];
      out[row + x] = v;
    }
  }
  return out;
}

/** One part alone as a picture, `[height, width]`, of log G: what it adds to ln of the pixel gain. */
export function partPicture(parts: GainParts, name: keyof PartChoice): Float32Array<ArrayBuffer> {
  const use: PartChoice = {
    plane: name === "plane",
    chips: name === "chips",
    columns: name === "columns",
    rows: name === "rows",
    pixels: name === "pixels",
  };
  return totalLogGain(parts, use);
}

/** Population standard deviation of each part over the image: how much of the gain it is. */
export function partDeviations(parts: GainParts): Record<keyof PartChoice, number> {
  return {
    plane: deviation(partPicture(parts, "plane")),
    chips: deviation(partPicture(parts, "chips")),
    columns: deviation(parts.columns),
    rows: deviation(parts.rows),
    pixels: deviation(parts.pixels),
  };
}

function deviation(values: ArrayLike<number>): number {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i];
    squares += values[i] * values[i];
  }
  const mean = sum / values.length;
  return Math.sqrt(Math.max(0, squares / values.length - mean * mean));
}
