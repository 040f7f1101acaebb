import { Cholesky } from "../cholesky.ts";
import { SplineModel } from "./splineModel.ts";
import type { ControlPoints, PatchLayout } from "./splineModel.ts";

/** Correlation surfaces as cubic B-spline coefficients, `[patch][t][2r + 1][2r + 1]`, in nats. */
export interface Surfaces {
  readonly coefficients: Float32Array;
  readonly patches: number;
  readonly frames: number;
  readonly radius: number;
  /** Expected curvature of one surface at its peak, nats/px². */
  readonly curvature: number;
  /** Share of each patch's surfaces that counts (patchTrust); null = all of it. */
  readonly trust: Float64Array | null;
}

/** Displacements of patches, per axis, `[p·T + t]`, px of the binned frame. */
export interface PatchField {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

export interface FittedModel {
  readonly model: SplineModel;
  /** g and c for each axis. */
  readonly globalX: Float64Array;
  readonly globalY: Float64Array;
  readonly localX: Float64Array;
  readonly localY: Float64Array;
  /** Sum of surfaces less the prior, nats. */
  readonly objective: number;
  /** Log evidence of the model, nats, up to a constant of the surfaces. */
  readonly evidence: number;
  readonly factor: Cholesky;
  /** The field at the patches, and the one that they were cut with. */
  readonly field: PatchField;
  readonly started: PatchField;
}

/** Gain below which the ascent stops, nats. */
const ENOUGH = 0.05;
const MAX_STEPS = 60;

/**
 * Sum of all surfaces at displacements `d − from`, and its gradient by d (into `gx`, `gy`). Displacements
 * beyond the surfaces are held at their edge.
 */
export function surfaceSum(
  surfaces: Surfaces,
  d: PatchField,
  from: PatchField,
  gx: Float64Array,
  gy: Float64Array,
): number {
  const { coefficients: C, radius: r, trust, frames } = surfaces;
  const width = 2 * r + 1;
  const size = width * width;
  const low = -r + 1.01;
  const high = r - 2.01;
  let total = 0;
  for (let at = 0; at < gx.length; at++) {
    const x = Math.min(high, Math.max(low, d.x[at] - from.x[at]));
    const y = Math.min(high, Math.max(low, d.y[at] - from.y[at]));
    const ix = Math.floor(x);
    const iy = Math.floor(y);
    const f = x - ix;
    const e = y - iy;
    const g = 1 - f;
    const b0 = (g * g * g) / 6;
    const b1 = (3 * f * f * f - 6 * f * f + 4) / 6;
    const b2 = (-3 * f * f * f + 3 * f * f + 3 * f + 1) / 6;
    const b3 = (f * f * f) / 6;
    const d0 = (-g * g) / 2;
    const d1 = (3 * f * f - 4 * f) / 2;
    const d2 = (-3 * f * f + 2 * f + 1) / 2;
    const d3 = (f * f) / 2;
    const h = 1 - e;
    let o = at * size + (iy - 1 + r) * width + ix - 1 + r;
    let value = 0;
    let slopeX = 0;
    let slopeY = 0;
    for (let j = 0; j < 4; j++, o += width) {
      const wy =
        j === 0
          ? (h * h * h) / 6
          : j === 1
            ? (3 * e * e * e - 6 * e * e + 4) / 6
            : j === 2
              ? (-3 * e * e * e + 3 * e * e + 3 * e + 1) / 6
              : (e * e * e) / 6;
      const vy =
        j === 0
          ? (-h * h) / 2
          : j === 1
            ? (3 * e * e - 4 * e) / 2
            : j === 2
              ? (-3 * e * e + 2 * e + 1) / 2
              : (e * e) / 2;
      const c0 = C[o];
      const c1 = C[o + 1];
      const c2 = C[o + 2];
      const c3 = C[o + 3];
      const line = b0 * c0 + b1 * c1 + b2 * c2 + b3 * c3;
      value += wy * line;
      slopeX += wy * (d0 * c0 + d1 * c1 + d2 * c2 + d3 * c3);
      slopeY += vy * line;
    }
    const share = trust === null ? 1 : trust[Math.floor(at / frames)];
    total += share * value;
    gx[at] = share * slopeX;
    gy[at] = share * slopeY;
  }
  return total;
}

/**
 * Maximises the pooled surfaces under the model (alignment recipe, step 4d): start from the present field
 * seen through the model, then steps H⁻¹∇Q with H factored once, halved when Q falls.
 * @param from   the field that the patches were cut with
 * @param begin  where the ascent starts, if elsewhere
 */
export function fitModel(
  layout: PatchLayout,
  surfaces: Surfaces,
  from: PatchField,
  points: ControlPoints,
  tau: number,
  begin: PatchField = from,
): FittedModel {
  const model = new SplineModel(layout, points, tau);
  const T = surfaces.frames;
  const n = T + model.count;
  const factor = new Cholesky(model.normal(surfaces.curvature, surfaces.trust), n);
  const entries = surfaces.patches * T;

  const split = (z: Float64Array): { g: Float64Array; c: Float64Array } => {
    const g = z.slice(0, T);
    const mean = g.reduce((a, b) => a + b, 0) / T;
    return { g: g.map((v) => v - mean), c: z.slice(T) };
  };
  const start = (v: Float64Array): { g: Float64Array; c: Float64Array } => {
    const z = new Float64Array(n);
    const { trust } = surfaces;
    model.gather(trust === null ? v : v.map((d, i) => trust[Math.floor(i / T)] * d), z);
    for (let i = 0; i < n; i++) z[i] *= surfaces.curvature;
    factor.solve(z);
    return split(z);
  };
  let x = start(begin.x);
  let y = start(begin.y);
  const penaltyOf = new Float64Array(model.count);
  const evaluate = (
    ax: { g: Float64Array; c: Float64Array },
    ay: { g: Float64Array; c: Float64Array },
  ): { Q: number; field: PatchField; gx: Float64Array; gy: Float64Array } => {
    const field = { x: new Float64Array(entries), y: new Float64Array(entries) };
    model.field(ax.g, ax.c, field.x);
    model.field(ay.g, ay.c, field.y);
    const gx = new Float64Array(entries);
    const gy = new Float64Array(entries);
    let Q = surfaceSum(surfaces, field, from, gx, gy);
    for (const { c } of [ax, ay]) {
      model.applyPrior(c, penaltyOf);
      for (let i = 0; i < c.length; i++) Q -= 0.5 * c[i] * penaltyOf[i];
    }
    return { Q, field, gx, gy };
  };
  const direction = (q: Float64Array, c: Float64Array): Float64Array => {
    const z = new Float64Array(n);
    model.gather(q, z);
    model.applyPrior(c, penaltyOf);
    for (let i = 0; i < c.length; i++) z[T + i] -= penaltyOf[i];
    factor.solve(z);
    return z;
  };
  const stepped = (
    a: { g: Float64Array; c: Float64Array },
    z: Float64Array,
    step: number,
  ): { g: Float64Array; c: Float64Array } => {
    const moved = new Float64Array(n);
    for (let i = 0; i < T; i++) moved[i] = a.g[i] + step * z[i];
    for (let i = 0; i < model.count; i++) moved[T + i] = a.c[i] + step * z[T + i];
    return split(moved);
  };

  let now = evaluate(x, y);
  let step = 1;
  for (let round = 0; round < MAX_STEPS; round++) {
    const zx = direction(now.gx, x.c);
    const zy = direction(now.gy, y.c);
    const before = now.Q;
    let found = false;
    while (step > 1e-3) {
      const nx = stepped(x, zx, step);
      const ny = stepped(y, zy, step);
      const next = evaluate(nx, ny);
      if (next.Q >= now.Q) {
        [x, y, now] = [nx, ny, next];
        found = true;
        break;
      }
      step /= 2;
    }
    if (!found) break;
    step = Math.min(1.5, step * 1.5);
    if (now.Q - before < ENOUGH) break;
  }
  toMean(model, x);
  toMean(model, y);
  const logPrior = new Cholesky(model.prior, model.count).logDeterminant();
  return {
    model,
    globalX: x.g,
    globalY: y.g,
    localX: x.c,
    localY: y.c,
    objective: now.Q,
    evidence: now.Q + logPrior - factor.logDeterminant(T),
    factor,
    field: now.field,
    started: from,
  };
}

/**
 * Moves what all places have in common from the local part to g, so that g is the mean motion over the
 * patches. The field stays the same: Σ_ij Bi Bj = 1.
 */
function toMean(model: SplineModel, { g, c }: { g: Float64Array; c: Float64Array }): void {
  const K = model.points.t;
  const weights = model.meanWeights();
  for (let k = 0; k < K; k++) {
    let common = 0;
    for (let a = 0; a < model.places; a++) common += weights[a] * c[a * K + k];
    for (let a = 0; a < model.places; a++) c[a * K + k] -= common;
    for (let t = 0; t < g.length; t++) g[t] += model.psi[t * K + k] * common;
  }
}

/** Expected rms error over an n × n grid (5 … 95 % of the sides) and frames, both axes, px of the binned frame; and its map. */
export function expectedError(
  fitted: FittedModel,
  n = 7,
): { readonly rms: number; readonly places: readonly number[]; readonly map: readonly number[] } {
  const places = Array.from({ length: n }, (_, i) => 0.05 + (0.9 * i) / (n - 1));
  const map: number[] = [];
  let total = 0;
  for (const v of places)
    for (const u of places) {
      const variance = fitted.model.variance(fitted.factor, u, v);
      map.push(Math.sqrt(variance));
      total += variance / (n * n);
    }
  return { rms: Math.sqrt(total), places, map };
}
