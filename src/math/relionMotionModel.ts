import { Matrix, pseudoInverse } from "ml-matrix";
import type { MotionField } from "#src/domain/motion.ts";
import { gridPlaces, sampleField } from "./motionField.ts";

/**
 * RELION's motion model (micrograph_model of RELION 3.1 to 5), in px of the unbinned movie: the *shift*
 * (correction to apply, so minus the displacement) of the frame z frames after the first used one, at the
 * place (x, y) of the micrograph, is
 * `shift_z + Σ_p (c[3p] z + c[3p+1] z² + c[3p+2] z³)·φ_p(x/width − ½, y/height − ½)`, φ = 1, x, x², y, y², xy.
 */
export interface RelionMotionModel {
  /** Global shift of every frame against the first, px. */
  readonly shiftX: Float64Array;
  readonly shiftY: Float64Array;
  /** 18 coefficients an axis, or null for a model without local motion. */
  readonly coefficientsX: Float64Array | null;
  readonly coefficientsY: Float64Array | null;
  /** rms and largest distance between model and field over an 11 × 11 grid and all frames, px (both axes). */
  readonly fitRmsPx: number;
  readonly fitMaxPx: number;
}

/** Terms of φ and powers of z. */
const TERMS = 6;
const POWERS = 3;

/** rms of the fit above which the local part is left out (RELION drops its own then), px. */
const WORST_FIT_PX = 10;

const GRID = 11;

function terms(x: number, y: number): number[] {
  return [1, x, x * x, y, y * y, x * y];
}

/** Local part of the model at z and the fractions x, y (−½ … ½) of the sides. */
export function relionLocalShift(c: Float64Array, z: number, x: number, y: number): number {
  const phi = terms(x, y);
  let sum = 0;
  for (let p = 0; p < TERMS; p++)
    sum += (c[3 * p] * z + c[3 * p + 1] * z * z + c[3 * p + 2] * z ** 3) * phi[p];
  return sum;
}

/**
 * Fits RELION's model to a field by least squares over a grid and all frames, with the first aligned frame
 * as the geometry (RELION's model is zero there). Samples stand on a full grid, so the fit separates:
 * `C = Φ⁺ R Z⁺ᵀ`, exact up to rounding; fewer than four frames give the solution of least norm.
 */
export function fitRelionMotionModel(field: MotionField): RelionMotionModel {
  const places = (size: number): number[] => gridPlaces(size, GRID);
  const gridX = places(field.width);
  const gridY = places(field.height);
  const first: MotionField = { ...field, referenceFrame: 0 };
  const sampled = sampleField(first, "gatherFromReference", gridX, gridY);
  const T = field.frameIndices.length;
  const z = field.frameIndices.map((f) => f - field.frameIndices[0]);
  const points = gridX.length * gridY.length;
  const mean = (values: Float64Array): number => values.reduce((s, v) => s + v, 0) / points;
  const shiftX = Float64Array.from(sampled.x, (v) => -mean(v));
  const shiftY = Float64Array.from(sampled.y, (v) => -mean(v));
  if (field.local === null)
    return { shiftX, shiftY, coefficientsX: null, coefficientsY: null, fitRmsPx: 0, fitMaxPx: 0 };

  const phi = new Matrix(
    gridY.flatMap((y) => gridX.map((x) => terms(x / field.width - 0.5, y / field.height - 0.5))),
  );
  // Powers of z/T, for the condition of the inverse; undone below.
  const scale = Math.max(1, z[T - 1]);
  const powers = new Matrix(z.map((v) => [v / scale, (v / scale) ** 2, (v / scale) ** 3]));
  const left = pseudoInverse(phi);
  const right = pseudoInverse(powers).transpose();
  const fit = (values: readonly Float64Array[], shift: Float64Array): Float64Array => {
    const residual = new Matrix(points, T);
    for (let t = 0; t < T; t++)
      for (let i = 0; i < points; i++) residual.set(i, t, -values[t][i] - shift[t]);
    const c = left.mmul(residual).mmul(right);
    const out = new Float64Array(TERMS * POWERS);
    for (let p = 0; p < TERMS; p++)
      for (let q = 0; q < POWERS; q++) out[3 * p + q] = c.get(p, q) / scale ** (q + 1);
    return out;
  };
  const coefficientsX = fit(sampled.x, shiftX);
  const coefficientsY = fit(sampled.y, shiftY);

  let sum = 0;
  let worst = 0;
  for (let t = 0; t < T; t++)
    for (let j = 0; j < gridY.length; j++)
      for (let i = 0; i < gridX.length; i++) {
        const k = j * gridX.length + i;
        const x = gridX[i] / field.width - 0.5;
        const y = gridY[j] / field.height - 0.5;
        const ex = sampled.x[t][k] + shiftX[t] + relionLocalShift(coefficientsX, z[t], x, y);
        const ey = sampled.y[t][k] + shiftY[t] + relionLocalShift(coefficientsY, z[t], x, y);
        sum += ex * ex + ey * ey;
        worst = Math.max(worst, Math.hypot(ex, ey));
      }
  const fitRmsPx = Math.sqrt(sum / (T * points));
  const usable = fitRmsPx < WORST_FIT_PX;
  return {
    shiftX,
    shiftY,
    coefficientsX: usable ? coefficientsX : null,
    coefficientsY: usable ? coefficientsY : null,
    fitRmsPx,
    fitMaxPx: worst,
  };
}
