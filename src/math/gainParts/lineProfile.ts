import { createFft } from "../fft.ts";

/** Fourier transform of a real profile, all n complex values interleaved, exponent −2πi, unnormalised. */
export function profileSpectrum(profile: Float64Array): Float64Array<ArrayBuffer> {
  const z = new Float64Array(2 * profile.length);
  for (let i = 0; i < profile.length; i++) z[2 * i] = profile[i];
  createFft(profile.length).forward(z);
  return z;
}

/**
 * Posterior mean of a column (or row) profile of the log gain (gain recipe §2.4): F(k) = c·g + noise of
 * variance n(k); prior power of g by octaves of k, P = max(0, mean of (|F|²/L − n)/c², weighted by c⁴/n²),
 * drawn to the mean of all octaves as far as an octave does not know its own: a camera's lines are near white.
 * @param spectrum F, `[n]` complex interleaved, Hermitian
 * @param visibility c(k) for k = 0 … floor(n/2)
 * @param noise n(k), per-value variance, same
 * @returns the profile, the prior standard deviation of its values, the variance
 *   that is left of them, and the share of the prior variance that is known now
 */
export function shrinkProfile(
  spectrum: Float64Array,
  visibility: Float64Array,
  noise: Float64Array,
): { profile: Float64Array; priorDeviation: number; posteriorVariance: number; share: number } {
  const n = spectrum.length / 2;
  const half = Math.floor(n / 2);
  const octaves = Math.floor(Math.log2(Math.max(half, 1))) + 1;
  const octave = (k: number): number => Math.floor(Math.log2(k));
  const sums = new Float64Array(octaves);
  const weights = new Float64Array(octaves);
  for (let k = 1; k <= half; k++) {
    const power = (spectrum[2 * k] ** 2 + spectrum[2 * k + 1] ** 2) / n;
    const c = visibility[k];
    const w = (c * c * (c * c)) / (noise[k] * noise[k]);
    sums[octave(k)] += (w * (power - noise[k])) / (c * c);
    weights[octave(k)] += w;
  }
  const all = weights.reduce((a, b) => a + b, 0);
  const common = Math.max(0, sums.reduce((a, b) => a + b, 0) / Math.max(all, 1e-30));
  // An octave's own power has the variance 1/Σw; from octave to octave it may differ by as much as it is.
  const trust = common > 0 ? 1 / common ** 2 : 0;
  const prior = sums.map((s, o) =>
    Math.max(0, (s + trust * common) / Math.max(weights[o] + trust, 1e-30)),
  );
  const shrunk = new Float64Array(2 * n);
  let total = 0;
  let unknown = 0;
  for (let k = 1; k <= half; k++) {
    const c = visibility[k];
    const p = prior[octave(k)];
    const factor = (c * p) / (c * c * p + noise[k]);
    total += p;
    unknown += (p * noise[k]) / (c * c * p + noise[k]);
    shrunk[2 * k] = spectrum[2 * k] * factor;
    shrunk[2 * k + 1] = spectrum[2 * k + 1] * factor;
    const mirror = n - k;
    if (mirror !== k) {
      shrunk[2 * mirror] = shrunk[2 * k];
      shrunk[2 * mirror + 1] = -shrunk[2 * k + 1];
    } else shrunk[2 * k + 1] = 0;
  }
  createFft(n).inverse(shrunk);
  const profile = new Float64Array(n);
  for (let i = 0; i < n; i++) profile[i] = shrunk[2 * i];
  return {
    profile,
    priorDeviation: Math.sqrt(half > 0 ? total / half : 0),
    posteriorVariance: half > 0 ? unknown / half : 0,
    share: total > 0 ? 1 - unknown / total : 0,
  };
}
