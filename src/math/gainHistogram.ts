import type { Histogram } from "#src/domain/picture.ts";

const BINS = 160;

/**
 * Histogram of G over good pixels between the given ends, and the same bins for a flat detector: a
 * normal distribution of mean 1 and standard deviation `noise`.
 * @param values `[height, width]`
 * @param bad 1 = left out
 */
export function gainHistogram(
  values: Float32Array,
  bad: Uint8Array,
  range: { readonly from: number; readonly to: number },
  noise: number | null,
): { histogram: Histogram; flat: number[] | null } {
  const counts = new Array<number>(BINS).fill(0);
  const scale = BINS / Math.max(1e-12, range.to - range.from);
  let good = 0;
  for (let i = 0; i < values.length; i++) {
    if (bad[i] !== 0) continue;
    good++;
    const bin = Math.floor((values[i] - range.from) * scale);
    if (bin >= 0 && bin < BINS) counts[bin]++;
  }
  const flat =
    noise === null || noise <= 0
      ? null
      : counts.map((_, bin) => {
          const at = range.from + (bin + 0.5) / scale;
          const z = (at - 1) / noise;
          return (good / scale) * (Math.exp(-0.5 * z * z) / (noise * Math.sqrt(2 * Math.PI)));
        });
  return { histogram: { ...range, counts }, flat };
}

/**
 * Where a flat detector with normal noise of standard deviation `noise` would stand on the three scales
 * of Sorzano et al. 2018: sd, p97.5/p2.5 = exp(3.92 s), and the expected maximum of `pixels` values over
 * p97.5 (gain recipe §5: n = 1/ν, q = √(2 ln pixels), m = (1 + q/√n + q²/6n)/(1 + 1.96/√n)).
 */
export function flatFloors(
  noise: number | null,
  pixels: number,
): { std: number | null; spread: number | null; peak: number | null } {
  if (noise === null || noise <= 0) return { std: null, spread: null, peak: null };
  const q = Math.sqrt(2 * Math.log(Math.max(2, pixels)));
  const peak = (1 + q * noise + (q * q * noise * noise) / 6) / (1 + 1.96 * noise);
  return { std: noise, spread: Math.exp(3.92 * noise), peak };
}
