import type { LocalMotion, MotionField } from "#src/domain/motion.ts";
import { splineBasis } from "./bspline.ts";

/** Mean of each basis function over a dimension: the integral of a cubic B-spline between the ends. */
function basisMeans(points: number): Float64Array {
  const means = new Float64Array(points);
  const weights = new Float64Array(4);
  // Gauss–Legendre with two nodes is exact for cubics; one rule in each cell.
  const cells = Math.max(1, points - 3);
  for (let c = 0; c < cells; c++)
    for (const node of [0.5 - Math.sqrt(1 / 12), 0.5 + Math.sqrt(1 / 12)]) {
      const first = splineBasis((c + node) / cells, points, weights);
      for (let k = 0; k < 4 && first + k < points; k++)
        means[first + k] += weights[k] / (2 * cells);
    }
  return means;
}

/**
 * The same field with the mean over the frame of its local part moved into the global part, so that
 * `globalX`, `globalY` are the mean motion of each frame and the local part is what bends. Cubic B-splines
 * of four or more control points sum to one, so this only changes numbers, not the motion.
 */
export function centreLocalMotion(field: MotionField): MotionField {
  const { local } = field;
  if (local === null || Math.min(local.controlPoints.x, local.controlPoints.y) < 4) return field;
  const { x: nx, y: ny, t: nt } = local.controlPoints;
  const mx = basisMeans(nx);
  const my = basisMeans(ny);
  const frames = field.frameIndices.length;
  const plane = nx * ny;
  const weights = new Float64Array(4);
  const split = (
    coefficients: Float64Array,
    global: Float64Array,
  ): { local: Float64Array; global: Float64Array } => {
    const means = new Float64Array(nt);
    for (let k = 0; k < nt; k++)
      for (let j = 0; j < ny; j++)
        for (let i = 0; i < nx; i++)
          means[k] += my[j] * mx[i] * coefficients[k * plane + j * nx + i];
    return {
      local: coefficients.map((c, n) => c - means[Math.floor(n / plane)]),
      global: global.map((g, t) => {
        const first = splineBasis(t / frames, nt, weights);
        let sum = g;
        for (let k = 0; k < 4 && first + k < nt; k++) sum += weights[k] * means[first + k];
        return sum;
      }),
    };
  };
  const x = split(local.coefficientsX, field.globalX);
  const y = split(local.coefficientsY, field.globalY);
  const centred: LocalMotion = { ...local, coefficientsX: x.local, coefficientsY: y.local };
  return { ...field, globalX: x.global, globalY: y.global, local: centred };
}
