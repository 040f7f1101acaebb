import type { GainStatistics } from "#src/domain/gain.ts";
import { quantiles } from "./orderStatistics.ts";

/**
 * Statistics of an image over its good pixels: mean and population standard deviation in double
 * precision, percentiles exact with linear interpolation (numpy's default).
 * @param bad  1 = left out; null = every pixel counts. No NaN among the good ones.
 * @returns NaN throughout where no pixel is good
 */
export function gainStatistics(values: Float32Array, bad: Uint8Array | null): GainStatistics {
  let n = 0;
  let sum = 0;
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < values.length; i++) {
    if (bad !== null && bad[i] !== 0) continue;
    const v = values[i];
    sum += v;
    if (v < min) min = v;
    if (v > max) max = v;
    n++;
  }
  const mean = sum / n;
  let squares = 0;
  for (let i = 0; i < values.length; i++)
    if (bad === null || bad[i] === 0) {
      const d = values[i] - mean;
      squares += d * d;
    }
  const good = bad === null || n === values.length ? undefined : invertedMask(bad);
  const [p2_5, p25, p50, p75, p97_5] = quantiles(values, [0.025, 0.25, 0.5, 0.75, 0.975], good);
  if (n === 0) [min, max] = [NaN, NaN];
  return { mean, std: Math.sqrt(squares / n), min, max, p2_5, p25, p50, p75, p97_5 };
}

/** 1 where the mask is 0, and 0 elsewhere. */
export function invertedMask(mask: Uint8Array): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(mask.length);
  for (let i = 0; i < mask.length; i++) result[i] = mask[i] === 0 ? 1 : 0;
  return result;
}

/** Pixels that a mask marks. */
export function countMarked(mask: Uint8Array): number {
  let n = 0;
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) n++;
  return n;
}

/** Scales values to mean 1 over good pixels, in place; leaves them when the mean is not positive. */
export function scaleToMeanOne(values: Float32Array | Float64Array, bad: Uint8Array | null): void {
  let n = 0;
  let sum = 0;
  for (let i = 0; i < values.length; i++)
    if (bad === null || bad[i] === 0) {
      sum += values[i];
      n++;
    }
  if (!(sum > 0)) return;
  const scale = n / sum;
  for (let i = 0; i < values.length; i++) values[i] *= scale;
}

/** rms over good pixels of a − b. */
export function rmsDifference(a: Float32Array, b: Float32Array, bad: Uint8Array | null): number {
  let n = 0;
  let squares = 0;
  for (let i = 0; i < a.length; i++)
    if (bad === null || bad[i] === 0) {
      const d = a[i] - b[i];
      squares += d * d;
      n++;
    }
  return Math.sqrt(squares / n);
}
