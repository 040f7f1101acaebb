import { halfWidth, signedIndex } from "./complexFft.ts";

export interface RadialAverage {
  /** Mean of each ring; 0 where the ring holds no bin. */
  readonly mean: Float64Array;
  /** Bins of the full plane in each ring. */
  readonly count: Float64Array;
  /** Frequency of each ring's middle, cycles/px. */
  readonly frequency: Float64Array;
}

/**
 * Mean over rings of a quantity on a half spectrum (a power spectrum, a weight). Ring i holds the bins
 * whose frequency f = √((kx/width)² + (ky/height)²), in cycles/px, rounds to i/(2(rings − 1)), up to
 * f = 0.5; corners beyond are left out. Columns that stand for both signs count twice. Sums in double;
 * NaN spreads over its ring.
 *
 * @param values `[height, floor(width/2) + 1]`
 * @param rings  default floor(min(width, height)/2) + 1, one ring a bin of the shorter axis
 */
export function radialAverage(
  values: ArrayLike<number>,
  width: number,
  height: number,
  rings = Math.floor(Math.min(width, height) / 2) + 1,
): RadialAverage {
  const columns = halfWidth(width);
  const mean = new Float64Array(rings);
  const count = new Float64Array(rings);
  const perFrequency = 2 * (rings - 1);
  for (let row = 0, at = 0; row < height; row++) {
    const fy = signedIndex(row, height) / height;
    for (let k = 0; k < columns; k++, at++) {
      const fx = k / width;
      const ring = Math.round(Math.sqrt(fx * fx + fy * fy) * perFrequency);
      if (ring >= rings) continue;
      const weight = k === 0 || 2 * k === width ? 1 : 2;
      mean[ring] += weight * values[at];
      count[ring] += weight;
    }
  }
  for (let i = 0; i < rings; i++) mean[i] = count[i] > 0 ? mean[i] / count[i] : 0;
  const frequency = Float64Array.from({ length: rings }, (_, i) =>
    rings > 1 ? i / perFrequency : 0,
  );
  return { mean, count, frequency };
}

/** |F|² of a half spectrum, `[height, floor(width/2) + 1]` complex interleaved to the same shape real. */
export function powerOfSpectrum(spectrum: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const power = new Float32Array(spectrum.length / 2);
  for (let i = 0; i < power.length; i++)
    power[i] = spectrum[2 * i] * spectrum[2 * i] + spectrum[2 * i + 1] * spectrum[2 * i + 1];
  return power;
}
