/**
 * The structured parts of a log gain g = log G (gain recipe §2): a plane, chip blocks, columns, rows, and
 * the rest pixel by pixel. Held compactly; `totalLogGain` adds them up.
 */
export interface GainParts {
  readonly width: number;
  readonly height: number;
  /** Slope over the whole width and height; the plane is `x·(column/width − ½) + y·(row/height − ½)`. */
  readonly plane: { readonly x: number; readonly y: number };
  readonly chips: ChipGrid;
  /** `[width]` */
  readonly columns: Float64Array;
  /** `[height]` */
  readonly rows: Float64Array;
  /** `[height, width]` */
  readonly pixels: Float32Array<ArrayBuffer>;
}

/** Chip blocks: first column (row) of every block but the first, and a value for each block. */
export interface ChipGrid {
  readonly columnEdges: readonly number[];
  readonly rowEdges: readonly number[];
  /** `[rowEdges + 1, columnEdges + 1]` */
  readonly values: Float64Array;
}

/** Names of the parts, from the smoothest to the finest. */
export const PART_NAMES = ["plane", "chips", "columns", "rows", "pixels"] as const;

export type GainPartName = (typeof PART_NAMES)[number];
