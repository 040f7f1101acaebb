import { splineBasis } from "#src/math/bspline.ts";
import { solveRobustly } from "./robustSolve.ts";

/** Control points along x, y and t. */
export interface SplinePoints {
  readonly x: number;
  readonly y: number;
  readonly t: number;
}

/** Displacements measured in patches: `[patch][t]`, px, at integer centres. */
export interface PatchTracks {
  readonly centreX: ArrayLike<number>;
  readonly centreY: ArrayLike<number>;
  readonly frames: number;
  readonly dx: Float64Array;
  readonly dy: Float64Array;
}

export interface SplineFit {
  readonly points: SplinePoints;
  /** Coefficients of the displacement, `[t][y][x]`, px. FlexAlign's file has them with the other sign. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Measured − fitted, `[patch][t]`, px. */
  readonly residualX: Float64Array;
  readonly residualY: Float64Array;
  /** Equations that were left out. */
  readonly rejected: number;
}

/**
 * Cubic B-splines of x, y and t through the displacements of patches, by FlexAlign's two-pass least
 * squares (spacing dim/(l − 3), for three control points dim; see {@link splineBasis}).
 */
export function fitPatchSpline(
  tracks: PatchTracks,
  width: number,
  height: number,
  points: SplinePoints,
): SplineFit {
  const { centreX, centreY, frames, dx, dy } = tracks;
  const wx = new Float64Array(4);
  const wy = new Float64Array(4);
  const wt = new Float64Array(4);
  const solution = solveRobustly({
    count: centreX.length * frames,
    unknowns: points.x * points.y * points.t,
    width: 64,
    right: { x: dx, y: dy },
    row: (e, columns, values) => {
      const patch = Math.floor(e / frames);
      const i0 = splineBasis(centreX[patch] / width, points.x, wx);
      const j0 = splineBasis(centreY[patch] / height, points.y, wy);
      const k0 = splineBasis((e % frames) / frames, points.t, wt);
      let entries = 0;
      for (let k = 0; k < 4 && k0 + k < points.t; k++)
        for (let j = 0; j < 4 && j0 + j < points.y; j++)
          for (let i = 0; i < 4 && i0 + i < points.x; i++) {
            columns[entries] = ((k0 + k) * points.y + j0 + j) * points.x + i0 + i;
            values[entries++] = wt[k] * wy[j] * wx[i];
          }
      return entries;
    },
  });
  return {
    points,
    x: solution.x,
    y: solution.y,
    residualX: solution.residuals.x,
    residualY: solution.residuals.y,
    rejected: solution.weights.reduce((sum, w) => sum + 1 - w, 0),
  };
}

/**
 * The same spline with at least four control points along each axis: three have the spacing of four whose
 * last is zero, and four sum to one, which the rest of the program counts on.
 */
export function withFourPoints(
  coefficients: Float64Array,
  { x, y, t }: SplinePoints,
): { readonly coefficients: Float64Array; readonly points: SplinePoints } {
  const points = { x: Math.max(4, x), y: Math.max(4, y), t: Math.max(4, t) };
  const out = new Float64Array(points.x * points.y * points.t);
  for (let k = 0; k < t; k++)
    for (let j = 0; j < y; j++)
      for (let i = 0; i < x; i++)
        out[(k * points.y + j) * points.x + i] = coefficients[(k * y + j) * x + i];
  return { coefficients: out, points };
}
