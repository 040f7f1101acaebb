import { spectrumCurve } from "./powerSpectrum.ts";

/** Rings on each side that the background of a ring is averaged over, as a share of all rings. */
const BACKGROUND_REACH = 1 / 24;

/** Mean over 3 × 3 neighbours (fewer at the rim), which calms spectra of few pieces. */
export function calmSpectrum(values: Float32Array, size: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(values.length);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      let sum = 0;
      let count = 0;
      for (let v = Math.max(0, y - 1); v <= Math.min(size - 1, y + 1); v++)
        for (let u = Math.max(0, x - 1); u <= Math.min(size - 1, x + 1); u++) {
          sum += values[v * size + u];
          count++;
        }
      out[y * size + x] = sum / count;
    }
  return out;
}

/**
 * A power spectrum for the eye: 10·log10 of the power over its background, in dB, so that Thon rings stand out
 * from the slope that they lie on. The background of a ring is the mean of the radial curve in dB over the rings
 * around it. Zero frequency is 0.
 * @param values [size, size] power, zero frequency at (size/2, size/2)
 * @returns      [size, size] dB
 */
export function thonRingPicture(values: Float32Array, size: number): Float32Array<ArrayBuffer> {
  const { frequency, value } = spectrumCurve(values, size);
  const rings = size / 2;
  const level = new Float64Array(rings + 1);
  const weight = new Float64Array(rings + 1);
  frequency.forEach((f, i) => {
    if (!(value[i] > 0)) return;
    const ring = Math.round(f * size);
    level[ring] = 10 * Math.log10(value[i]);
    weight[ring] = 1;
  });
  const reach = Math.max(1, Math.round(rings * BACKGROUND_REACH));
  const background = Float64Array.from(level, (_, ring) => {
    let sum = 0;
    let count = 0;
    for (let r = Math.max(1, ring - reach); r <= Math.min(rings, ring + reach); r++) {
      sum += weight[r] * level[r];
      count += weight[r];
    }
    return count > 0 ? sum / count : 0;
  });
  const out = new Float32Array(size * size);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const i = y * size + x;
      const ring = Math.min(rings, Math.round(Math.hypot(x - size / 2, y - size / 2)));
      if (ring > 0 && values[i] > 0) out[i] = 10 * Math.log10(values[i]) - background[ring];
    }
  return out;
}
