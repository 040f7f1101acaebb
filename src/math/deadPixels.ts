import { median } from "./orderStatistics.ts";
import { invertedMask } from "./statistics.ts";

/** With a lower median count, pixels without a count are chance and not defects. */
const LEAST_COUNTS = 12;

/**
 * Pixels that record far too little: `T ≤ max(0, min(0.3 λ, λ − 5.5 √λ))`, T and its median λ in
 * electrons over the movie (gain recipe §2.1): false alarms below 1 in 10⁷ pixels. Infinite and NaN
 * sums are bad too.
 * @param sum  Σ_t R_t, `[height, width]`, recorded units
 * @returns 1 = bad
 */
export function deadPixels(sum: Float32Array, unitsPerElectron: number): Uint8Array<ArrayBuffer> {
  const bad = new Uint8Array(sum.length);
  let strange = false;
  for (let i = 0; i < sum.length; i++)
    if (!Number.isFinite(sum[i])) {
      bad[i] = 1;
      strange = true;
    }
  const lambda = median(sum, strange ? invertedMask(bad) : undefined) / unitsPerElectron;
  if (!(lambda >= LEAST_COUNTS)) return bad;
  const limit =
    unitsPerElectron * Math.max(0, Math.min(0.3 * lambda, lambda - 5.5 * Math.sqrt(lambda)));
  for (let i = 0; i < sum.length; i++) if (sum[i] <= limit) bad[i] = 1;
  return bad;
}
