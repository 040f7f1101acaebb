import type { AlignedSums, GlobalSpectra, RingTable, Spectrum } from "./globalSpectra.ts";
import { ringMeans, separatePowers } from "./ringPowers.ts";
import type { RingPowers } from "./ringPowers.ts";

/** The likelihood of one set of displacements, with what was measured on the way. */
export interface GlobalLikelihood {
  /** Nats, up to a constant of the movie. */
  readonly logLikelihood: number;
  readonly powers: RingPowers;
  readonly sums: AlignedSums;
}

/** What does not depend on the displacements. */
export interface GlobalMoments {
  /** Σ_t F_t. */
  readonly still: Spectrum;
  /** Σ_t |F_t|². */
  readonly power: Float64Array;
  /** Energy of the window, Σ h². */
  readonly windowEnergy: number;
}

export function globalMoments(spectra: GlobalSpectra, windowEnergy: number): GlobalMoments {
  const re = new Float32Array(spectra.count);
  const im = new Float32Array(spectra.count);
  for (const frame of spectra.frames)
    for (let i = 0; i < re.length; i++) {
      re[i] += frame.re[i];
      im[i] += frame.im[i];
    }
  return { still: { re, im }, power: spectra.power(null), windowEnergy };
}

/**
 * Log-likelihood of a Gaussian specimen moving by `shifts`, a Gaussian pattern at rest and white noise,
 * all with powers by ring measured from the same frames (alignment recipe, step 3):
 *   Σ_k ½(yᴴ(D⁻¹ + Γ/N)⁻¹y/N² − Σ|F|²/N − T log N − log det(I + DΓ/N)),
 *   y = (M1, M0), D = diag(S, P), Γ = [[T, A], [A*, T]].
 * `shifts` null: nothing moves, all that the frames have in common is pattern.
 */
export function globalLikelihood(
  spectra: GlobalSpectra,
  moments: GlobalMoments,
  rings: RingTable,
  shifts: Float64Array | null,
): GlobalLikelihood {
  const T = spectra.frames.length;
  const sums = spectra.alignedSums(shifts ?? new Float64Array(2 * T), null);
  const { still, power, windowEnergy: E } = moments;
  const count = spectra.count;
  const mean = (f: (i: number) => number): Float64Array => {
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = f(i);
    return ringMeans(values, rings.ring, rings.multiplicity, rings.rings);
  };
  const powers = separatePowers(
    mean((i) => (still.re[i] ** 2 + still.im[i] ** 2) / (E * T * T)),
    mean((i) => (sums.sumRe[i] ** 2 + sums.sumIm[i] ** 2) / (E * T * T)),
    mean((i) => power[i] / (E * T)),
    mean((i) => (sums.phaseRe[i] ** 2 + sums.phaseIm[i] ** 2) / (T * T)),
    T,
  );
  if (shifts === null)
    for (let r = 0; r < rings.rings; r++) {
      powers.pattern[r] += powers.specimen[r];
      powers.specimen[r] = 0;
    }
  let total = 0;
  for (let i = 0; i < count; i++) {
    if (rings.highPass[i] === 0) continue;
    const r = rings.ring[i];
    const N = powers.noise[r];
    const S = Math.max(powers.specimen[r], 1e-9 * N);
    const P = Math.max(powers.pattern[r], 1e-9 * N);
    const ar = sums.phaseRe[i];
    const ai = sums.phaseIm[i];
    const m1r = sums.sumRe[i];
    const m1i = sums.sumIm[i];
    const m0r = still.re[i];
    const m0i = still.im[i];
    const a = 1 / S + T / N;
    const b = 1 / P + T / N;
    const det = a * b - (ar * ar + ai * ai) / (N * N);
    // Re A·M0·conj(M1)
    const cross = (ar * m0r - ai * m0i) * m1r + (ar * m0i + ai * m0r) * m1i;
    const quad =
      (b * (m1r * m1r + m1i * m1i) + a * (m0r * m0r + m0i * m0i) - (2 * cross) / N) /
      (det * N * N * E);
    total +=
      (rings.multiplicity[i] / 2) *
      (quad - power[i] / (N * E) - T * Math.log(N) - Math.log(det * S * P));
  }
  return { logLikelihood: total, powers, sums };
}

/** Wiener estimate of the pattern at rest: ((T + N/S)M0 − conj(A)M1)/((T + N/P)(T + N/S) − |A|²). */
export function globalPattern(
  spectra: GlobalSpectra,
  moments: GlobalMoments,
  rings: RingTable,
  { powers, sums }: GlobalLikelihood,
): Spectrum {
  const T = spectra.frames.length;
  const re = new Float32Array(spectra.count);
  const im = new Float32Array(spectra.count);
  for (let i = 0; i < re.length; i++) {
    const r = rings.ring[i];
    const N = powers.noise[r];
    const S = T + N / Math.max(powers.specimen[r], 1e-6 * N);
    const P = T + N / Math.max(powers.pattern[r], 1e-9 * N);
    const ar = sums.phaseRe[i];
    const ai = sums.phaseIm[i];
    const den = P * S - (ar * ar + ai * ai);
    re[i] = (S * moments.still.re[i] - (ar * sums.sumRe[i] + ai * sums.sumIm[i])) / den;
    im[i] = (S * moments.still.im[i] - (ar * sums.sumIm[i] - ai * sums.sumRe[i])) / den;
  }
  return { re, im };
}

/** Maximum-likelihood weight α/(N(1 + Tα)), α = S/N, by ring; 0 below the high-pass. */
export function likelihoodWeight(
  powers: RingPowers,
  rings: RingTable,
  frames: number,
): Float32Array {
  return Float32Array.from(rings.ring, (r, i) => {
    const alpha = powers.specimen[r] / powers.noise[r];
    return rings.highPass[i] === 0 ? 0 : alpha / (powers.noise[r] * (1 + frames * alpha));
  });
}

/** Gaussian weight exp(−f²/2σ²), σ in cycles/px; 0 below the high-pass. */
export function gaussianWeight(rings: RingTable, sigma: number): Float32Array {
  return Float32Array.from(rings.frequency, (f, i) =>
    rings.highPass[i] === 0 ? 0 : Math.exp(-(f * f) / (2 * sigma * sigma)),
  );
}
