import { Matrix, pseudoInverse } from "ml-matrix";
import type { MotionField } from "#src/domain/motion.ts";
import { splineBasis } from "#src/math/bspline.ts";
import { globalShifts } from "#src/math/motionField.ts";
import { makeTable } from "../star/starTable.ts";
import type { StarTable } from "../star/starTable.ts";
import { formatXmdVector, writeXmd } from "../xmd/writeXmd.ts";

export interface XmippMovie {
  /** Movie as Xmipp shall find it; frames are named `000001@movie`. */
  readonly movieName: string;
  readonly frames: number;
  readonly binning: number;
  readonly patches: { readonly x: number; readonly y: number } | null;
  /** Shifts of whole frames (displacements) where they are not the field's own: FlexAlign's global stage. */
  readonly frameDisplacements?: {
    readonly x: ArrayLike<number>;
    readonly y: ArrayLike<number>;
  };
  /**
   * Rows in Xmipp's order, which does not reverse those of TIFF files: y shifts change sign and the
   * coefficients are mirrored.
   */
  readonly flipRows: boolean;
}

/**
 * `<movie>_shifts.xmd` as FlexAlign writes it. Shifts are the *correction to apply* (minus the
 * displacement), px of the unbinned movie, zero at the reference frame; B-spline coefficients likewise,
 * in **binned** px, order `[t][y][x]`, indexed by the place in the corrected micrograph.
 */
export function xmippShifts(field: MotionField, movie: XmippMovie): string {
  const global = movie.frameDisplacements ?? globalShifts(field);
  const sy = movie.flipRows ? 1 : -1;
  const reference = field.frameIndices[field.referenceFrame];
  const tables: StarTable[] = [
    makeTable("referenceFrame", "loop", ["ref"], [[reference]]),
    makeTable(
      "frameShifts",
      "loop",
      ["enabled", "image", "shiftX", "shiftY", "weight"],
      Array.from({ length: movie.frames }, (_, f) => {
        const t = field.frameIndices.indexOf(f);
        const name = `${String(f + 1).padStart(6, "0")}@${movie.movieName}`;
        const shift = t < 0 ? [0, 0] : [-global.x[t], sy * global.y[t]];
        // Plus zero, so that no "-0.000000" is written.
        return [t < 0 ? -1 : 1, name, ...shift.map((v) => (v + 0).toFixed(6)), "1.000000"];
      }),
    ),
  ];
  if (field.local !== null) {
    const { controlPoints: points } = field.local;
    const total = totalCoefficients(field);
    const arrange = (values: Float64Array, sign: number): string => {
      const out = new Float64Array(values.length);
      const plane = points.x * points.y;
      for (let k = 0; k < points.t; k++)
        for (let j = 0; j < points.y; j++)
          for (let i = 0; i < points.x; i++) {
            const from = k * plane + (movie.flipRows ? points.y - 1 - j : j) * points.x + i;
            out[k * plane + j * points.x + i] = (sign * values[from]) / movie.binning;
          }
      return formatXmdVector(out);
    };
    const patches = movie.patches ?? { x: points.x, y: points.y };
    tables.push(
      makeTable(
        "localAlignment",
        "list",
        [
          "localAlignmentPatches",
          "localAlignmentCoeffsX",
          "localAlignmentCoeffsY",
          "localAlignmentControlPoints",
        ],
        [
          [
            formatXmdVector([patches.x, patches.y]),
            arrange(total.x, -1),
            arrange(total.y, sy),
            formatXmdVector([points.x, points.y, points.t]),
          ],
        ],
      ),
    );
  }
  return writeXmd(tables);
}

/**
 * FlexAlign's spline holds the whole motion against the reference frame, ours its local part about the
 * mean over time. Cubic B-splines of four or more control points sum to one, so a track that is a spline in
 * time adds to the coefficients, and the local motion of the reference frame is taken from all of them.
 * Our global track is free for each frame: its least-squares spline in time is what is written here.
 */
function totalCoefficients(field: MotionField): { x: Float64Array; y: Float64Array } {
  const local = field.local;
  if (local === null) return { x: new Float64Array(0), y: new Float64Array(0) };
  const plane = local.controlPoints.x * local.controlPoints.y;
  const frames = field.frameIndices.length;
  const global = globalShifts(field);
  const weights = new Float64Array(4);
  const total = (coefficients: Float64Array, track: readonly number[]): Float64Array => {
    const spline = fitTimeSpline(track, local.controlPoints.t);
    const atReference = new Float64Array(plane);
    const first = splineBasis(field.referenceFrame / frames, local.controlPoints.t, weights);
    for (let k = 0; k < 4 && first + k < local.controlPoints.t; k++)
      for (let i = 0; i < plane; i++)
        atReference[i] += weights[k] * coefficients[(first + k) * plane + i];
    return coefficients.map((c, n) => c - atReference[n % plane] + spline[Math.floor(n / plane)]);
  };
  return { x: total(local.coefficientsX, global.x), y: total(local.coefficientsY, global.y) };
}

/** Least-squares coefficients of a track, one value a frame, in the basis of FlexAlign's time axis. */
export function fitTimeSpline(track: readonly number[], points: number): Float64Array {
  const weights = new Float64Array(4);
  const basis = Matrix.zeros(track.length, points);
  for (let t = 0; t < track.length; t++) {
    const first = splineBasis(t / track.length, points, weights);
    for (let k = 0; k < 4 && first + k < points; k++) basis.set(t, first + k, weights[k]);
  }
  const fit = pseudoInverse(basis).mmul(Matrix.columnVector([...track]));
  return Float64Array.from(fit.getColumn(0));
}
