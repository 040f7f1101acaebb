import type { RingPowers } from "./ringPowers.ts";

/**
 * Error that the pattern that is left makes, to first order: at each frame the slope of its correlation
 * with the others over the curvature of the specimen's and its own,
 *   Σ m 2πk w P' Im(e_t conj(A)) / Σ m (2πk)² w (T S + P' |A|²/T), e_t = e^{2πi k·d_t}, A = Σ_t e_t.
 * P' = P where nothing was taken out, else the posterior variance of the joint estimate,
 *   P' = (1/S + T/N) / ((1/S + T/N)(1/P + T/N) − |A|²/N²).
 * Rings in which the two were not told apart are taken to have the `typical` pattern over noise of all:
 * pixel gains are white. rms over frames, both axes, px.
 * @param rest T + N/P by ring, Infinity where nothing was taken out
 */
export function patternBias(
  { specimen, pattern, noise }: RingPowers,
  rest: Float64Array,
  typical: number,
  side: number,
  displacements: Float64Array,
  taken: boolean,
): number {
  const T = displacements.length / 2;
  const kept = side / 2 - 1;
  const slope = new Float64Array(2 * T);
  const curvature = [0, 0];
  const re = new Float64Array(T);
  const im = new Float64Array(T);
  for (let k = -kept; k <= kept; k++)
    for (let i = 0; i <= kept; i++) {
      const r = Math.min(Math.floor(Math.hypot(k, i) / 2), rest.length - 1);
      const told = Number.isFinite(rest[r]);
      const N = noise[r];
      const P = told ? pattern[r] : typical * N;
      const S = Math.max(specimen[r] - (told ? 0 : P), 0.05 * specimen[r], 1e-6 * N);
      let sumRe = 0;
      let sumIm = 0;
      for (let t = 0; t < T; t++) {
        const angle =
          (2 * Math.PI * (i * displacements[2 * t] + k * displacements[2 * t + 1])) / side;
        re[t] = Math.cos(angle);
        im[t] = Math.sin(angle);
        sumRe += re[t];
        sumIm += im[t];
      }
      const overlap = sumRe * sumRe + sumIm * sumIm;
      const a = 1 / S + T / N;
      const left = taken && told ? a / (a * (1 / P + T / N) - overlap / (N * N)) : P;
      const weight = ((i === 0 ? 1 : 2) * S) / (N * N * (1 + (T * S) / N));
      const f = [(2 * Math.PI * i) / side, (2 * Math.PI * k) / side];
      for (const axis of [0, 1]) {
        curvature[axis] += weight * f[axis] ** 2 * (T * S + (left * overlap) / T);
        const step = weight * f[axis] * left;
        for (let t = 0; t < T; t++) slope[2 * t + axis] += step * (im[t] * sumRe - re[t] * sumIm);
      }
    }
  let square = 0;
  for (let t = 0; t < T; t++)
    for (const axis of [0, 1])
      if (curvature[axis] > 0) square += (slope[2 * t + axis] / curvature[axis]) ** 2;
  return Math.sqrt(square / T);
}
