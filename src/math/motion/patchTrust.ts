import { surfaceSum } from "./fitModel.ts";
import type { FittedModel, Surfaces } from "./fitModel.ts";
import { centredTimeBasis } from "./splineModel.ts";
import type { PatchLayout } from "./splineModel.ts";

/** Control points of the courses in time along which a patch may leave the field: 3 of them are free an axis. */
const COURSES = 4;
/** χ² of 6 degrees of freedom: median, and the value that one patch of a hundred exceeds. */
const MEDIAN = 5.35;
const UNUSUAL = 16.8;

/** Share of the usual information below which a patch counts less, and the least share that is kept. */
const POOR = 0.5;
const LEAST = 0.001;
/** Share below which a patch is taken for empty: maxima of noise have a curvature too. */
const EMPTY = 0.15;
/** Half of the step over which curvatures are measured, px. */
const STEP = 0.5;

/**
 * How far each patch is to be trusted, 0 … 1: less where it shows less than half of the usual signal (holes,
 * thick ice), next to nothing where it shows no more than noise would, and less where it does not follow the field of all ({@link followingTrust}).
 */
export function patchTrust(
  fitted: FittedModel,
  surfaces: Surfaces,
  layout: PatchLayout,
): Float64Array {
  const following = followingTrust(fitted, surfaces, layout.times);
  const information = patchInformation(fitted, surfaces, layout);
  return following.map((share, p) => {
    const poor = Math.min(1, information[p] / POOR);
    const empty = Math.min(1, information[p] / EMPTY) ** 3;
    return Math.max(LEAST, share * poor * empty);
  });
}

/**
 * Information of each patch over that of the mean patch: the curvature of its surfaces at the field, from the
 * slopes half a px to either side, summed over frames and axes, then averaged with its next neighbours.
 */
export function patchInformation(
  fitted: FittedModel,
  surfaces: Surfaces,
  { u, v }: PatchLayout,
): Float64Array {
  const { frames: T, patches: n } = surfaces;
  const plain = { ...surfaces, trust: null };
  const { field, started } = fitted;
  const at = (dx: number, dy: number): { x: Float64Array; y: Float64Array } => {
    const slopes = { x: new Float64Array(n * T), y: new Float64Array(n * T) };
    const there = { x: field.x.map((d) => d + dx), y: field.y.map((d) => d + dy) };
    surfaceSum(plain, there, started, slopes.x, slopes.y);
    return slopes;
  };
  const [left, right, up, down] = [at(-STEP, 0), at(STEP, 0), at(0, -STEP), at(0, STEP)];
  const curvature = new Float64Array(n);
  for (let i = 0; i < n * T; i++)
    curvature[Math.floor(i / T)] += left.x[i] - right.x[i] + up.y[i] - down.y[i];
  const mean = curvature.reduce((sum, c) => sum + c, 0) / n;
  if (!(mean > 0)) return new Float64Array(n).fill(1);
  // Next neighbours, diagonal ones too: within one and a half of the usual distances.
  const spacing = (values: Float64Array): number => {
    const sorted = [...new Set(values)].sort((a, b) => a - b);
    return sorted.length < 2 ? 1 : (sorted[sorted.length - 1] - sorted[0]) / (sorted.length - 1);
  };
  const [du, dv] = [1.5 * spacing(u), 1.5 * spacing(v)];
  return curvature.map((_, p) => {
    let sum = 0;
    let count = 0;
    for (let k = 0; k < n; k++)
      if (Math.abs(u[k] - u[p]) < du && Math.abs(v[k] - v[p]) < dv) {
        sum += curvature[k];
        count++;
      }
    return Math.max(0, sum / count / mean);
  });
}

/**
 * Trust by a score test of whether a patch follows the field of all. The slopes
 * q of its surfaces at the field, projected on smooth courses Ψ of the time,
 *   χ² = Σ_axes qᵀΨ(ΨᵀΨ)⁻¹Ψᵀq / max(h, what is left of q² a frame),
 * are compared with what chance gives (6 degrees of freedom), and with what most patches of this movie show,
 * where that is more: then it is the model that does not bend enough. Huber's weight: 1 up to the value that one
 * patch in a hundred exceeds by chance, that value over χ² beyond.
 */
export function followingTrust(
  fitted: FittedModel,
  surfaces: Surfaces,
  times: Float64Array,
): Float64Array {
  const { frames: T, patches: n, curvature } = surfaces;
  const gx = new Float64Array(n * T);
  const gy = new Float64Array(n * T);
  // The slopes of the surfaces as measured, whatever trust they were given.
  surfaceSum({ ...surfaces, trust: null }, fitted.field, fitted.started, gx, gy);
  const courses = orthonormalCourses(times);
  const chi = new Float64Array(n);
  for (let p = 0; p < n; p++)
    for (const slopes of [gx, gy]) {
      let along = 0;
      for (const course of courses) {
        let sum = 0;
        for (let t = 0; t < T; t++) sum += course[t] * slopes[p * T + t];
        along += sum * sum;
      }
      let power = 0;
      for (let t = 0; t < T; t++) power += slopes[p * T + t] ** 2;
      const variance = Math.max(curvature, (power - along) / Math.max(1, T - courses.length));
      chi[p] += along / variance;
    }
  const middle = chi.slice().sort()[n >> 1];
  const scale = Math.max(1, middle / MEDIAN);
  return chi.map((value) => Math.min(1, (UNUSUAL * scale) / Math.max(value, 1e-9)));
}

/** Orthonormal courses of the time whose mean is 0, as many as the centred splines span. */
function orthonormalCourses(times: Float64Array): Float64Array[] {
  const T = times.length;
  const basis = centredTimeBasis(times, COURSES);
  const out: Float64Array[] = [];
  for (let k = 0; k < COURSES; k++) {
    const course = Float64Array.from({ length: T }, (_, t) => basis[t * COURSES + k]);
    const before = Math.hypot(...course);
    for (const other of out) {
      const along = other.reduce((sum, v, t) => sum + v * course[t], 0);
      for (let t = 0; t < T; t++) course[t] -= along * other[t];
    }
    const norm = Math.hypot(...course);
    if (norm > 1e-6 * before) out.push(course.map((v) => v / norm));
  }
  return out;
}
