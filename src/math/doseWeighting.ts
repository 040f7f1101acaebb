import { EigenvalueDecomposition, Matrix } from "ml-matrix";

/**
 * Exposure at which half the signal power at a frequency is lost, twice the critical exposure of Grant &
 * Grigorieff 2015 (eLife 4:e06980, Eq. 3 and 5): `2·(0.245·k^−1.665 + 2.81)` e⁻/Å² at 300 kV; k in 1/Å,
 * infinite at k = 0.
 */
export function exposureConstant(k: number): number {
  return k <= 0 ? Infinity : 2 * (0.245 * k ** -1.665 + 2.81);
}

/** Factor on the critical exposure for the accelerating voltage, kV; null where it is not known. */
export function exposureVoltageFactor(voltageKv: number): number | null {
  if (Math.abs(voltageKv - 300) <= 2) return 1;
  if (Math.abs(voltageKv - 200) <= 2) return 0.8;
  if (Math.abs(voltageKv - 100) <= 2) return 0.64;
  return null;
}

export interface Exposure {
  /** e⁻/Å² for one frame. */
  readonly dosePerFrame: number;
  /** e⁻/Å² before the first frame of the movie. */
  readonly preExposure: number;
  readonly voltageKv: number;
}

/**
 * Weights of the frames at frequency k (1/Å) as RELION applies them: `q_t = exp(−D_t/Ne(k))`, divided by
 * `sqrt(Σ_t q_t²)` (Grant & Grigorieff, Eq. 9), D_t = dose after frame t, counted from the movie's first.
 * @param frames indices (from 0, in the movie) of the frames of the sum
 */
export function doseWeights(
  frames: readonly number[],
  k: number,
  exposure: Exposure,
): Float64Array {
  const factor = exposureVoltageFactor(exposure.voltageKv) ?? 1;
  const constant = exposureConstant(k);
  const q = Float64Array.from(frames, (f) =>
    Math.exp(-(exposure.preExposure + exposure.dosePerFrame * (f + 1)) / factor / constant),
  );
  // At high dose every q may underflow; the ratio to the first frame does not.
  const norm = Math.sqrt(q.reduce((s, v) => s + v * v, 0));
  if (norm > 1e-150) return q.map((v) => v / norm);
  const relative = Float64Array.from(frames, (f) =>
    Math.exp((-exposure.dosePerFrame * (f - frames[0])) / factor / constant),
  );
  const scale = Math.sqrt(relative.reduce((s, v) => s + v * v, 0));
  return relative.map((v) => v / scale);
}

/**
 * A way to weight frames by frequency without transforming each of them. The weights `q_t(k)` are smooth
 * in t and k, so they are (to `error`) a sum of few products, `q_t(k) = Σ_r a_r(t) b_r(k)`: the frames are
 * summed `rank` times with weights a_r, and only these sums are transformed and weighted by b_r.
 */
export interface DosePlan {
  readonly rank: number;
  /** a_r(t), orthonormal; a_0 is constant, so sum 0 times √T is the plain sum. `[r][t]`. */
  readonly frameWeights: readonly Float64Array[];
  /** b_r(k) for k in 1/Å: the projections of the weights. */
  response(k: number): Float64Array;
  /** Largest over k of `sqrt(Σ_t (q_t − Σ_r a_r b_r)²)`, where Σ_t q_t² = 1. */
  readonly error: number;
}

/** Frequencies at which the plan is made and checked, up to the corner of the spectrum. */
const SAMPLES = 256;

/**
 * The plan of least rank whose error is below `tolerance` (relative amplitude; 1e−3 is far below the noise
 * of any sum).
 */
export function planDoseWeighting(
  frames: readonly number[],
  exposure: Exposure,
  pixelSizeA: number,
  tolerance = 1e-3,
): DosePlan {
  const T = frames.length;
  const highest = Math.SQRT1_2 / pixelSizeA;
  const weights = Array.from({ length: SAMPLES + 1 }, (_, i) =>
    doseWeights(frames, (highest * i) / SAMPLES, exposure),
  );
  const constant = new Float64Array(T).fill(1 / Math.sqrt(T));
  const basis: Float64Array[] = [constant];
  const residuals = weights.map((q) => {
    const mean = q.reduce((s, v) => s + v, 0) / T;
    return q.map((v) => v - mean);
  });
  const gram = Matrix.zeros(T, T);
  for (const r of residuals)
    for (let i = 0; i < T; i++)
      for (let j = 0; j < T; j++) gram.set(i, j, gram.get(i, j) + r[i] * r[j]);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(gram, {
    assumeSymmetric: true,
  });
  const order = realEigenvalues
    .map((_, i) => i)
    .sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);
  const largest = (): number => Math.sqrt(Math.max(...residuals.map((r) => dot(r, r))));
  for (const column of order) {
    if (basis.length >= T || largest() <= tolerance) break;
    const vector = Float64Array.from(eigenvectorMatrix.getColumn(column));
    basis.push(vector);
    for (const r of residuals) {
      const part = dot(r, vector);
      for (let i = 0; i < T; i++) r[i] -= part * vector[i];
    }
  }
  return {
    rank: basis.length,
    frameWeights: basis,
    response: (k) => {
      const q = doseWeights(frames, k, exposure);
      return Float64Array.from(basis, (a) => dot(a, q));
    },
    error: largest(),
  };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
