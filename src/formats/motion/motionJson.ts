import type { MotionEstimate } from "#src/domain/motion.ts";
import { globalShifts, gridPlaces, sampleField } from "#src/math/motionField.ts";

/** Places along a side at which a field with local motion is sampled. */
const GRID = 21;

/** `<movie>_motion.json`. Displacements against the reference frame, indexed by the place in each frame. */
export interface MotionJson {
  readonly version: 1;
  readonly file: string;
  readonly width: number;
  readonly height: number;
  /** Aligned frames, and which of the movie's they are (from 0). */
  readonly frames: number;
  readonly frameIndices: readonly number[];
  readonly pixelSizeA: number | null;
  readonly referenceFrame: number;
  readonly gridX: readonly number[];
  readonly gridY: readonly number[];
  /** `[t][y][x]`, px of the unbinned movie. */
  readonly dx: readonly (readonly (readonly number[])[])[];
  readonly dy: readonly (readonly (readonly number[])[])[];
  readonly globalShifts: readonly (readonly [number, number])[];
  readonly model: Readonly<Record<string, unknown>>;
  readonly quality: Readonly<Record<string, unknown>>;
}

/** Samples the field as files hold it: 21 × 21 places with local motion, one without. */
export function motionJson(
  estimate: MotionEstimate,
  movie: { readonly file: string; readonly pixelSizeA: number | null },
  extra: {
    readonly model?: Readonly<Record<string, unknown>>;
    readonly quality?: Readonly<Record<string, unknown>>;
  } = {},
): MotionJson {
  const { field, quality, chosen } = estimate;
  const count = field.local === null ? 1 : GRID;
  const gridX = gridPlaces(field.width, count);
  const gridY = gridPlaces(field.height, count);
  const sampled = sampleField(field, "displacement", gridX, gridY);
  const rows = (values: readonly Float64Array[]): number[][][] =>
    values.map((plane) =>
      gridY.map((_, j) => Array.from(plane.subarray(j * count, (j + 1) * count), rounded)),
    );
  const global = globalShifts(field);
  return {
    version: 1,
    file: movie.file,
    width: field.width,
    height: field.height,
    frames: field.frameIndices.length,
    frameIndices: [...field.frameIndices],
    pixelSizeA: movie.pixelSizeA,
    referenceFrame: field.referenceFrame,
    gridX: gridX.map(rounded),
    gridY: gridY.map(rounded),
    dx: rows(sampled.x),
    dy: rows(sampled.y),
    globalShifts: global.x.map((x, t) => [rounded(x), rounded(global.y[t])] as const),
    model: {
      kind: field.local === null ? "global" : "cubic B-splines",
      ...(field.local === null
        ? {}
        : {
            controlPoints: field.local.controlPoints,
            coefficientsX: Array.from(field.local.coefficientsX, rounded),
            coefficientsY: Array.from(field.local.coefficientsY, rounded),
          }),
      chosen,
      ...extra.model,
    },
    quality: { ...quality, ...extra.quality },
  };
}

/** Five decimals: 1e−5 px is a thousandth of the best estimate's error. */
function rounded(value: number): number {
  return Math.round(value * 1e5) / 1e5 + 0;
}
