import { surfaceSum } from "./fitModel.ts";
import type { FittedModel, Surfaces } from "./fitModel.ts";
import type { PatchLayout } from "./splineModel.ts";

/** Standard deviations by which slopes must exceed what chance gives. */
const SIGNIFICANT = 4;

/**
 * Motion that the model cannot follow, from what is left of the slopes: those of all patches of a frame,
 * q, projected on five smooth modes across the picture, φ (linear and quadratic in place, orthonormal under
 * the patches' trust, their mean taken out),
 *   s = Σ_p φ q, var s = v = mean q² by chance, amplitude s/h,
 * so that Σ(s² − v)/h² over frames, modes and axes is the motion that is left, of which a model with K control
 * points in time leaves T − K degrees of freedom free to show. rms over places and frames, both axes, px of
 * the binned frame; 0 where it is not significant.
 */
export function modelMisfit(fitted: FittedModel, surfaces: Surfaces, layout: PatchLayout): number {
  const { frames: T, patches: n, curvature: h, trust } = surfaces;
  const K = fitted.model.points.t;
  const free = T - Math.max(1, K);
  if (free < 1 || !(h > 0)) return 0;
  const gx = new Float64Array(n * T);
  const gy = new Float64Array(n * T);
  surfaceSum(surfaces, fitted.field, fitted.started, gx, gy);
  const share = (p: number): number => (trust === null ? 1 : trust[p]);
  let power = 0;
  let counted = 0;
  for (let p = 0; p < n; p++) {
    counted += share(p);
    for (let t = 0; t < T; t++) power += gx[p * T + t] ** 2 + gy[p * T + t] ** 2;
  }
  const chance = Math.max(h, power / (2 * T * Math.max(1e-9, counted)));
  const modes = smoothModes(layout, share);
  let sum = 0;
  for (const mode of modes)
    for (const slopes of [gx, gy])
      for (let t = 0; t < T; t++) {
        let s = 0;
        for (let p = 0; p < n; p++) s += mode[p] * slopes[p * T + t];
        sum += s * s;
      }
  const degrees = 2 * modes.length * free;
  const excess = sum / chance - degrees;
  if (excess < SIGNIFICANT * Math.sqrt(2 * degrees)) return 0;
  return Math.sqrt((excess * chance) / (h * h * T * counted));
}

/** u, v, u², uv, v² of the patches' places, orthonormal under their trust and to the constant. */
function smoothModes({ u, v }: PatchLayout, share: (p: number) => number): Float64Array[] {
  const shapes = [
    () => 1,
    (p: number) => u[p],
    (p: number) => v[p],
    (p: number) => u[p] * u[p],
    (p: number) => u[p] * v[p],
    (p: number) => v[p] * v[p],
  ];
  const out: Float64Array[] = [];
  for (const shape of shapes) {
    const mode = Float64Array.from(u, (_, p) => shape(p));
    const dot = (a: Float64Array, b: Float64Array): number =>
      a.reduce((sum, x, p) => sum + share(p) * x * b[p], 0);
    const before = Math.sqrt(dot(mode, mode));
    // Twice: once loses digits where shapes are nearly alike.
    for (let round = 0; round < 2; round++)
      for (const other of out) {
        const along = dot(mode, other);
        for (let p = 0; p < mode.length; p++) mode[p] -= along * other[p];
      }
    const norm = Math.sqrt(dot(mode, mode));
    if (norm > 1e-6 * before) out.push(mode.map((x) => x / norm));
  }
  return out.slice(1);
}
