import type { LocalMotion, MotionField } from "#src/domain/motion.ts";
import { splineBasis } from "./bspline.ts";

/** A vector in px, x right, y down the rows. Reused between calls where it is handed in. */
export interface Vector {
  x: number;
  y: number;
}

/** Rounds of the fixed-point search of a place; each gains a factor of the field's gradient (≤ 0.05). */
const INVERSION_ROUNDS = 6;

/** Evaluates a motion field in its different forms; `t` is always the position in `frameIndices`. */
export interface FieldEvaluator {
  readonly frames: number;
  /** Gather form: `d_t(X)`, so that `out(X) = frame_t(X + d_t(X))`. Without local part, g_t. */
  gather(t: number, x: number, y: number, out: Vector): void;
  /**
   * Gather form in the geometry of the reference frame: `e_t(r) = d_t(X) − d_ref(X)`, `r = X + d_ref(X)`,
   * so that `out(r) = frame_t(r + e_t(r))` shows the specimen as the reference frame has it.
   */
  gatherFromReference(t: number, x: number, y: number, out: Vector): void;
  /** {@link FieldEvaluator.gatherFromReference} of all frames: the place X is the same for all. */
  allFromReference(x: number, y: number, outX: Float64Array, outY: Float64Array): void;
  /** Displacement `u_t(x) = d_t(X) − d_ref(X)`, `x = X + d_t(X)`: x is the place in frame t. */
  displacement(t: number, x: number, y: number, out: Vector): void;
}

/** Coefficients `[y][x]` of the local part at the time t, both axes (the spline summed over time). */
function coefficientsAt(
  local: LocalMotion,
  t: number,
  frames: number,
): [Float64Array, Float64Array] {
  const { controlPoints: points } = local;
  const weights = new Float64Array(4);
  const first = splineBasis(t / frames, points.t, weights);
  const plane = points.x * points.y;
  const out: [Float64Array, Float64Array] = [new Float64Array(plane), new Float64Array(plane)];
  for (let k = 0; k < 4 && first + k < points.t; k++)
    for (let i = 0; i < plane; i++) {
      out[0][i] += weights[k] * local.coefficientsX[(first + k) * plane + i];
      out[1][i] += weights[k] * local.coefficientsY[(first + k) * plane + i];
    }
  return out;
}

/** Makes an evaluator of a field. Places outside the movie take the value at its edge. */
export function createFieldEvaluator(field: MotionField): FieldEvaluator {
  const { width, height, local, globalX, globalY } = field;
  const frames = field.frameIndices.length;
  const planes = new Map<number, [Float64Array, Float64Array]>();
  const bx = new Float64Array(4);
  const by = new Float64Array(4);

  const planeAt = (part: LocalMotion, t: number): [Float64Array, Float64Array] => {
    let plane = planes.get(t);
    if (plane === undefined) {
      plane = coefficientsAt(part, t, frames);
      planes.set(t, plane);
    }
    return plane;
  };

  const gather = (t: number, x: number, y: number, out: Vector): void => {
    out.x = globalX[t];
    out.y = globalY[t];
    if (local === null) return;
    const { controlPoints: points } = local;
    const i0 = splineBasis(x / width, points.x, bx);
    const j0 = splineBasis(y / height, points.y, by);
    addLocal(local, t, i0, j0, out);
  };

  /** Adds the local part where `bx`, `by` are the weights of the control points from (i0, j0) on. */
  const addLocal = (part: LocalMotion, t: number, i0: number, j0: number, out: Vector): void => {
    const [cx, cy] = planeAt(part, t);
    const { controlPoints: points } = part;
    for (let j = 0; j < 4 && j0 + j < points.y; j++) {
      const row = (j0 + j) * points.x + i0;
      for (let i = 0; i < 4 && i0 + i < points.x; i++) {
        const w = by[j] * bx[i];
        out.x += w * cx[row + i];
        out.y += w * cy[row + i];
      }
    }
  };

  const other: Vector = { x: 0, y: 0 };
  const specimen: Vector = { x: 0, y: 0 };
  /** The X whose place in frame `seenIn` is (x, y). */
  const findSpecimen = (seenIn: number, x: number, y: number): Vector => {
    specimen.x = x;
    specimen.y = y;
    const rounds = local === null ? 0 : INVERSION_ROUNDS;
    for (let k = 0; k < rounds; k++) {
      gather(seenIn, specimen.x, specimen.y, other);
      specimen.x = x - other.x;
      specimen.y = y - other.y;
    }
    return specimen;
  };
  /** d_t − d_ref at the X whose place in frame `seenIn` is (x, y). */
  const difference = (t: number, seenIn: number, x: number, y: number, out: Vector): void => {
    const { x: px, y: py } = findSpecimen(seenIn, x, y);
    gather(field.referenceFrame, px, py, other);
    gather(t, px, py, out);
    out.x -= other.x;
    out.y -= other.y;
  };
  const one: Vector = { x: 0, y: 0 };
  const allFromReference = (x: number, y: number, outX: Float64Array, outY: Float64Array): void => {
    const { x: px, y: py } = findSpecimen(field.referenceFrame, x, y);
    gather(field.referenceFrame, px, py, other);
    const i0 = local === null ? 0 : splineBasis(px / width, local.controlPoints.x, bx);
    const j0 = local === null ? 0 : splineBasis(py / height, local.controlPoints.y, by);
    for (let t = 0; t < frames; t++) {
      one.x = globalX[t];
      one.y = globalY[t];
      if (local !== null) addLocal(local, t, i0, j0, one);
      outX[t] = one.x - other.x;
      outY[t] = one.y - other.y;
    }
  };

  return {
    frames,
    gather,
    gatherFromReference: (t, x, y, out) => difference(t, field.referenceFrame, x, y, out),
    allFromReference,
    displacement: (t, x, y, out) => difference(t, t, x, y, out),
  };
}

/** A field sampled on a grid: `x[t][j·columns + i]` at `(gridX[i], gridY[j])`, px. */
export interface SampledField {
  readonly gridX: readonly number[];
  readonly gridY: readonly number[];
  readonly x: readonly Float64Array[];
  readonly y: readonly Float64Array[];
}

/** Equally spaced places from the first to the last pixel of a side. */
export function gridPlaces(size: number, count: number): number[] {
  if (count === 1) return [(size - 1) / 2];
  return Array.from({ length: count }, (_, i) => (i * (size - 1)) / (count - 1));
}

/** Samples one form of a field on a grid, all frames. */
export function sampleField(
  field: MotionField,
  form: "gather" | "gatherFromReference" | "displacement",
  gridX: readonly number[],
  gridY: readonly number[],
): SampledField {
  const evaluator = createFieldEvaluator(field);
  const out: Vector = { x: 0, y: 0 };
  if (form === "gatherFromReference") return sampleFromReference(evaluator, gridX, gridY);
  const x: Float64Array[] = [];
  const y: Float64Array[] = [];
  for (let t = 0; t < evaluator.frames; t++) {
    const vx = new Float64Array(gridX.length * gridY.length);
    const vy = new Float64Array(vx.length);
    for (let j = 0; j < gridY.length; j++)
      for (let i = 0; i < gridX.length; i++) {
        evaluator[form](t, gridX[i], gridY[j], out);
        vx[j * gridX.length + i] = out.x;
        vy[j * gridX.length + i] = out.y;
      }
    x.push(vx);
    y.push(vy);
  }
  return { gridX, gridY, x, y };
}

function sampleFromReference(
  evaluator: FieldEvaluator,
  gridX: readonly number[],
  gridY: readonly number[],
): SampledField {
  const { frames } = evaluator;
  const empty = (): Float64Array => new Float64Array(gridX.length * gridY.length);
  const x = Array.from({ length: frames }, empty);
  const y = Array.from({ length: frames }, empty);
  const [allX, allY] = [new Float64Array(frames), new Float64Array(frames)];
  for (let j = 0; j < gridY.length; j++)
    for (let i = 0; i < gridX.length; i++) {
      evaluator.allFromReference(gridX[i], gridY[j], allX, allY);
      for (let t = 0; t < frames; t++) {
        x[t][j * gridX.length + i] = allX[t];
        y[t][j * gridX.length + i] = allY[t];
      }
    }
  return { gridX, gridY, x, y };
}

/** rms over places (9 × 9) and frames of the local part, its mean over time taken out at each place, px. */
export function localRms(field: MotionField): number {
  if (field.local === null) return 0;
  const frames = field.frameIndices.length;
  const { x, y } = sampleField(
    field,
    "gather",
    gridPlaces(field.width, 9),
    gridPlaces(field.height, 9),
  );
  const places = x[0].length;
  let sum = 0;
  for (const [axis, shift] of [
    [x, field.globalX],
    [y, field.globalY],
  ] as const)
    for (let p = 0; p < places; p++) {
      let mean = 0;
      for (let t = 0; t < frames; t++) mean += (axis[t][p] - shift[t]) / frames;
      for (let t = 0; t < frames; t++) sum += (axis[t][p] - shift[t] - mean) ** 2;
    }
  return Math.sqrt(sum / (places * frames));
}

/** Mean displacement of each frame against the reference frame, px: the `globalShifts` of files and plots. */
export function globalShifts(field: MotionField): { readonly x: number[]; readonly y: number[] } {
  const r = field.referenceFrame;
  return {
    x: Array.from(field.globalX, (v) => v - field.globalX[r]),
    y: Array.from(field.globalY, (v) => v - field.globalY[r]),
  };
}
