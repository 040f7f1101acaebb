import { CryoloupeError } from "#src/domain/errors.ts";
import type { Gain } from "#src/domain/gain.ts";

/**
 * One gain from the estimates of several movies: the weighted mean of G = 1/C over the movies where a pixel
 * is good, G_i = Σ_m w_m G_mi / Σ_m w_m, then C = 1/G with mean 1 over good pixels. A pixel is bad when it is
 * bad in every estimate. Weights are 1/σ² of each movie's noise where it is known (independent noise: the
 * mean of least variance), else equal.
 * @param gains  C `[height, width]` of one size, mean 1, with masks
 * @param noise  sd of the noise of each G, or null
 */
export function averageGains(gains: readonly Gain[], noise: readonly (number | null)[]): Gain {
  const [{ width, height }] = gains;
  if (gains.some((gain) => gain.width !== width || gain.height !== height))
    throw new CryoloupeError(
      "size-mismatch",
      `Gains of different sizes cannot be put together: ${gains.map((g) => `${g.width} × ${g.height}`).join(", ")} px. Estimate movies of one size.`,
    );
  const known = noise.every((sigma) => sigma !== null && sigma > 0);
  const weights = noise.map((sigma) => (known && sigma !== null ? 1 / sigma ** 2 : 1));
  const correction = new Float32Array(width * height);
  const bad = new Uint8Array(width * height);
  let total = 0;
  let good = 0;
  for (let i = 0; i < correction.length; i++) {
    let sum = 0;
    let weight = 0;
    for (let m = 0; m < gains.length; m++)
      if (gains[m].bad[i] === 0 && gains[m].correction[i] > 0) {
        sum += weights[m] / gains[m].correction[i];
        weight += weights[m];
      }
    if (weight > 0) {
      correction[i] = weight / sum;
      total += correction[i];
      good++;
    } else bad[i] = 1;
  }
  if (good > 0) {
    const scale = good / total;
    for (let i = 0; i < correction.length; i++) correction[i] *= scale;
  }
  return { width, height, correction, bad };
}
