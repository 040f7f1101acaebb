/** Seeded random numbers: the same on every platform, from integer arithmetic alone. */
export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Uniform integer in [0, n). */
  integer(n: number): number;
  /** Standard normal. */
  normal(): number;
  /** Poisson deviate of the given mean ≥ 0. */
  poisson(mean: number): number;
}

/** xoshiro128** (Blackman & Vigna 2018), seeded by splitmix32. */
export function createRandom(seed: number): Random {
  let mix = seed >>> 0;
  const next32 = (): number => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let a = next32();
  let b = next32();
  let c = next32();
  let d = next32();
  const raw = (): number => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  const uniform = (): number => ((raw() >>> 5) * 67108864 + (raw() >>> 6)) / 9007199254740992;

  let spare: number | undefined;
  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    // Polar method of Marsaglia.
    for (;;) {
      const u = 2 * uniform() - 1;
      const v = 2 * uniform() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) {
        const f = Math.sqrt((-2 * Math.log(s)) / s);
        spare = v * f;
        return u * f;
      }
    }
  };

  const poisson = (mean: number): number => {
    if (!(mean > 0)) return 0;
    if (mean < 12) {
      // Inversion by multiplication (Knuth).
      const limit = Math.exp(-mean);
      let k = 0;
      for (let p = uniform(); p > limit; p *= uniform()) k++;
      return k;
    }
    // Transformed rejection PTRS (Hörmann 1993).
    const b0 = 0.931 + 2.53 * Math.sqrt(mean);
    const a0 = -0.059 + 0.02483 * b0;
    const inverseAlpha = 1.1239 + 1.1328 / (b0 - 3.4);
    const vr = 0.9277 - 3.6224 / (b0 - 2);
    const logMean = Math.log(mean);
    for (;;) {
      const u = uniform() - 0.5;
      const v = uniform();
      const us = 0.5 - Math.abs(u);
      const k = Math.floor(((2 * a0) / us + b0) * u + mean + 0.43);
      if (us >= 0.07 && v <= vr) return k;
      if (k < 0 || (us < 0.013 && v > us)) continue;
      const left = Math.log((v * inverseAlpha) / (a0 / (us * us) + b0));
      if (left <= k * logMean - mean - logGamma(k + 1)) return k;
    }
  };

  return { uniform, integer: (n) => Math.floor(uniform() * n), normal, poisson };
}

/** Natural logarithm of Γ(x), x ≥ 1, by Stirling's series after shifting x above 8; error below 1e-10. */
export function logGamma(x: number): number {
  let shift = 0;
  let y = x;
  while (y < 8) {
    shift -= Math.log(y);
    y += 1;
  }
  const r = 1 / (y * y);
  const series = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r / 1680))) / y;
  return shift + (y - 0.5) * Math.log(y) - y + 0.9189385332046727 + series;
}
