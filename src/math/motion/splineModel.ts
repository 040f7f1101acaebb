import { splineBasis } from "../bspline.ts";
import type { Cholesky } from "../cholesky.ts";

/**
 * The smooth model of motion (alignment recipe, step 4c):
 *   d(x, y, t) = g(t) + Σ c_ijk Bi(x) Bj(y) (Bk(t) − mean over t),
 * with a Gaussian prior on second differences of c: ½cᵀΛc,
 *   Λ = [(D2x + D2y + 2·D1x⊗D1y)⊗ΨᵀΨ/T + D2t]/τ² + 1e-4.
 * Coefficients are place-major: `c[(j·X + i)·K + k]`. Lengths are px of the binned frame.
 */
export interface ControlPoints {
  readonly x: number;
  readonly y: number;
  readonly t: number;
}

/** No control points at all: motion of the whole frame only. */
export const RIGID: ControlPoints = { x: 0, y: 0, t: 0 };

/** Where patches are (fractions of the sides) and when frames (or groups) are (fractions of the time). */
export interface PatchLayout {
  readonly u: Float64Array;
  readonly v: Float64Array;
  readonly times: Float64Array;
}

/** Small term that keeps Λ definite. */
const RIDGE = 1e-4;

/** DᵀD of the k-th differences of n values. */
function differencePower(n: number, k: number): Float64Array {
  let rows = Array.from({ length: n }, (_, i) =>
    Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)),
  );
  for (let round = 0; round < k; round++)
    rows = rows.slice(1).map((row, i) => row.map((v, j) => v - rows[i][j]));
  const out = new Float64Array(n * n);
  for (const row of rows)
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[i * n + j] += row[i] * row[j];
  return out;
}

export class SplineModel {
  readonly points: ControlPoints;
  /** Prior sd of second differences, px. */
  readonly tau: number;
  readonly frames: number;
  /** Places (control points in the plane) and all coefficients. */
  readonly places: number;
  readonly count: number;
  readonly layout: PatchLayout;
  /** Bk(t) − mean, `[frames][K]`. */
  readonly psi: Float64Array;
  /** ΨᵀΨ, `[K][K]`. */
  readonly psiPower: Float64Array;
  /** First control point and four weights of each patch along x and y. */
  private readonly firstX: Int32Array;
  private readonly firstY: Int32Array;
  private readonly weightX: Float64Array;
  private readonly weightY: Float64Array;
  /** Λ, `[count][count]`. */
  readonly prior: Float64Array;

  constructor(layout: PatchLayout, points: ControlPoints, tau: number) {
    this.layout = layout;
    this.points = points;
    this.tau = tau;
    const T = layout.times.length;
    const K = points.t;
    this.frames = T;
    this.places = points.x * points.y;
    this.count = this.places * K;
    this.psi = centredTimeBasis(layout.times, K);
    this.psiPower = new Float64Array(K * K);
    for (let t = 0; t < T; t++)
      for (let a = 0; a < K; a++)
        for (let b = 0; b < K; b++)
          this.psiPower[a * K + b] += this.psi[t * K + a] * this.psi[t * K + b];
    const n = layout.u.length;
    this.firstX = new Int32Array(n);
    this.firstY = new Int32Array(n);
    this.weightX = new Float64Array(4 * n);
    this.weightY = new Float64Array(4 * n);
    for (let p = 0; p < n && this.count > 0; p++) {
      this.firstX[p] = splineBasis(layout.u[p], points.x, this.weightX, 4 * p);
      this.firstY[p] = splineBasis(layout.v[p], points.y, this.weightY, 4 * p);
    }
    this.prior = this.makePrior();
  }

  private makePrior(): Float64Array {
    const { points, tau, places, count, frames, psiPower } = this;
    const K = points.t;
    const d2x = differencePower(points.x, 2);
    const d2y = differencePower(points.y, 2);
    const d1x = differencePower(points.x, 1);
    const d1y = differencePower(points.y, 1);
    const d2t = differencePower(K, 2);
    const prior = new Float64Array(count * count);
    for (let a = 0; a < places; a++)
      for (let b = 0; b < places; b++) {
        const [ia, ja] = [a % points.x, Math.floor(a / points.x)];
        const [ib, jb] = [b % points.x, Math.floor(b / points.x)];
        const bend =
          (ja === jb ? d2x[ia * points.x + ib] : 0) +
          (ia === ib ? d2y[ja * points.y + jb] : 0) +
          2 * d1y[ja * points.y + jb] * d1x[ia * points.x + ib];
        for (let k = 0; k < K; k++)
          for (let l = 0; l < K; l++) {
            let v = (bend * psiPower[k * K + l]) / frames;
            if (a === b) v += d2t[k * K + l];
            v /= tau * tau;
            if (a === b && k === l) v += RIDGE;
            prior[(a * K + k) * count + b * K + l] = v;
          }
      }
    return prior;
  }

  /** Λ·c. */
  applyPrior(c: Float64Array, out: Float64Array): void {
    const { count, prior } = this;
    for (let i = 0; i < count; i++) {
      let sum = 0;
      const row = i * count;
      for (let j = 0; j < count; j++) sum += prior[row + j] * c[j];
      out[i] = sum;
    }
  }

  /** d at each patch and frame for one axis: `out[p·T + t] = g[t] + …`. */
  field(g: Float64Array, c: Float64Array, out: Float64Array): void {
    const { points, frames, psi } = this;
    const K = points.t;
    const local = new Float64Array(K);
    for (let p = 0; p < this.firstX.length; p++) {
      local.fill(0);
      for (let j = 0; j < 4 && K > 0; j++)
        for (let i = 0; i < 4; i++) {
          const w = this.weightY[4 * p + j] * this.weightX[4 * p + i];
          const at = ((this.firstY[p] + j) * points.x + this.firstX[p] + i) * K;
          for (let k = 0; k < K; k++) local[k] += w * c[at + k];
        }
      for (let t = 0; t < frames; t++) {
        let d = g[t];
        for (let k = 0; k < K; k++) d += psi[t * K + k] * local[k];
        out[p * frames + t] = d;
      }
    }
  }

  /** The field of one axis over all frames at any place (fractions of the sides). */
  at(u: number, v: number): (g: Float64Array, c: Float64Array) => Float64Array {
    const { points, frames, psi } = this;
    const K = points.t;
    const wx = new Float64Array(4);
    const wy = new Float64Array(4);
    const i0 = K > 0 ? splineBasis(u, points.x, wx) : 0;
    const j0 = K > 0 ? splineBasis(v, points.y, wy) : 0;
    return (g, c) => {
      const out = g.slice();
      for (let j = 0; j < 4 && K > 0; j++)
        for (let i = 0; i < 4; i++) {
          const at = ((j0 + j) * points.x + i0 + i) * K;
          for (let k = 0; k < K; k++)
            for (let t = 0; t < frames; t++) out[t] += wy[j] * wx[i] * psi[t * K + k] * c[at + k];
        }
      return out;
    };
  }

  /** Mean over patches of the weights of the control points in the plane, `[y][x]`; their sum is 1. */
  meanWeights(): Float64Array {
    const out = new Float64Array(this.places);
    const n = this.firstX.length;
    for (let p = 0; p < n && this.count > 0; p++)
      for (let j = 0; j < 4; j++)
        for (let i = 0; i < 4; i++)
          out[(this.firstY[p] + j) * this.points.x + this.firstX[p] + i] +=
            (this.weightY[4 * p + j] * this.weightX[4 * p + i]) / n;
    return out;
  }

  /** Transpose of {@link field}: `q[p·T + t]` into unknowns `[g, c]`. */
  gather(q: Float64Array, out: Float64Array): void {
    const { points, frames, psi } = this;
    const K = points.t;
    out.fill(0);
    const local = new Float64Array(K);
    for (let p = 0; p < this.firstX.length; p++) {
      local.fill(0);
      for (let t = 0; t < frames; t++) {
        const v = q[p * frames + t];
        out[t] += v;
        for (let k = 0; k < K; k++) local[k] += psi[t * K + k] * v;
      }
      for (let j = 0; j < 4 && K > 0; j++)
        for (let i = 0; i < 4; i++) {
          const w = this.weightY[4 * p + j] * this.weightX[4 * p + i];
          const at = frames + ((this.firstY[p] + j) * points.x + this.firstX[p] + i) * K;
          for (let k = 0; k < K; k++) out[at + k] += w * local[k];
        }
    }
  }

  /** Normal matrix H = h·BᵀWB + Λ over `[g, c]`, W = `trust` of each patch (null = 1), g weakly tied by h·ΣW/1000. */
  normal(h: number, trust: Float64Array | null): Float64Array {
    const { frames: T, count, places, points, psi, psiPower, prior } = this;
    const K = points.t;
    const n = T + count;
    const patches = this.firstX.length;
    const H = new Float64Array(n * n);
    const sum = new Float64Array(places);
    const square = new Float64Array(places * places);
    const index = new Int32Array(16);
    const weight = new Float64Array(16);
    for (let p = 0; p < patches && K > 0; p++) {
      for (let j = 0; j < 4; j++)
        for (let i = 0; i < 4; i++) {
          index[4 * j + i] = (this.firstY[p] + j) * points.x + this.firstX[p] + i;
          weight[4 * j + i] = this.weightY[4 * p + j] * this.weightX[4 * p + i];
        }
      const share = trust === null ? 1 : trust[p];
      for (let a = 0; a < 16; a++) {
        sum[index[a]] += share * weight[a];
        for (let b = 0; b < 16; b++)
          square[index[a] * places + index[b]] += share * weight[a] * weight[b];
      }
    }
    const counting = trust === null ? patches : trust.reduce((all, share) => all + share, 0);
    for (let t = 0; t < T; t++) {
      H[t * n + t] = h * counting * (1 + 1e-3);
      for (let a = 0; a < places; a++)
        for (let k = 0; k < K; k++) {
          const v = h * sum[a] * psi[t * K + k];
          H[t * n + T + a * K + k] = v;
          H[(T + a * K + k) * n + t] = v;
        }
    }
    for (let a = 0; a < places; a++)
      for (let b = 0; b < places; b++)
        for (let k = 0; k < K; k++)
          for (let l = 0; l < K; l++)
            H[(T + a * K + k) * n + T + b * K + l] =
              h * square[a * places + b] * psiPower[k * K + l] +
              prior[(a * K + k) * count + b * K + l];
    return H;
  }

  /**
   * Posterior variance of the field, its mean over time taken out, for both axes together, at a place
   * (fractions of the sides): mean over frames, px².
   */
  variance(factor: Cholesky, u: number, v: number): number {
    const { frames: T, points, psi } = this;
    const K = points.t;
    const wx = new Float64Array(4);
    const wy = new Float64Array(4);
    const i0 = K > 0 ? splineBasis(u, points.x, wx) : 0;
    const j0 = K > 0 ? splineBasis(v, points.y, wy) : 0;
    const row = new Float64Array(T + this.count);
    let total = 0;
    for (let t = 0; t < T; t++) {
      row.fill(0);
      for (let s = 0; s < T; s++) row[s] = (s === t ? 1 : 0) - 1 / T;
      for (let j = 0; j < 4 && K > 0; j++)
        for (let i = 0; i < 4; i++) {
          const at = T + ((j0 + j) * points.x + i0 + i) * K;
          for (let k = 0; k < K; k++) row[at + k] = wy[j] * wx[i] * psi[t * K + k];
        }
      factor.forward(row);
      for (const r of row) total += r * r;
    }
    return (2 * total) / T;
  }
}

/** Bk(t) − mean over t, `[times][K]`. */
export function centredTimeBasis(times: Float64Array, points: number): Float64Array {
  const out = new Float64Array(times.length * points);
  if (points === 0) return out;
  const w = new Float64Array(4);
  times.forEach((time, t) => {
    const first = splineBasis(time, points, w);
    for (let k = 0; k < 4; k++) out[t * points + first + k] = w[k];
  });
  for (let k = 0; k < points; k++) {
    let mean = 0;
    for (let t = 0; t < times.length; t++) mean += out[t * points + k] / times.length;
    for (let t = 0; t < times.length; t++) out[t * points + k] -= mean;
  }
  return out;
}
