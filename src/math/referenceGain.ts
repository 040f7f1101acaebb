import type { Gain } from "#src/domain/gain.ts";

/**
 * The gain of a reference image, as multiplicative correction C with mean 1 over good pixels.
 * @param pixels    `[height, width]`
 * @param nature    "correction": C up to a factor; "counts": a flat field g, C = mean/g (RELION's rule for
 *                  EER references that are no `.gain`); "inverse": the pixel gain G, C = 1/G
 * @param defects   1 = bad besides, or null
 * @returns C, 0 and marked bad where the reference is 0, negative, NaN or infinite, or listed
 */
export function gainFromReference(
  pixels: Float32Array,
  width: number,
  height: number,
  nature: "correction" | "counts" | "inverse",
  defects: Uint8Array | null = null,
): Gain {
  const correction = new Float32Array(width * height);
  const bad = new Uint8Array(width * height);
  let sum = 0;
  let good = 0;
  for (let i = 0; i < correction.length; i++) {
    const value = pixels[i];
    const c = nature === "correction" ? value : 1 / value;
    if (!(value > 0 && c > 0 && c < Infinity) || defects?.[i] === 1) {
      bad[i] = 1;
      continue;
    }
    correction[i] = c;
    sum += c;
    good++;
  }
  if (good > 0) {
    const scale = good / sum;
    for (let i = 0; i < correction.length; i++) correction[i] *= scale;
  }
  return { width, height, correction, bad };
}

/**
 * A gain on the grid of the frames: as it is, each value repeated 2 × 2 (reference on the sensor's grid,
 * frames rendered twice as fine), or 2 × 2 means (the reverse; bad when one of the four is). Null when
 * the sizes have no such relation.
 */
export function fitGain(gain: Gain, width: number, height: number): Gain | null {
  if (gain.width === width && gain.height === height) return gain;
  const correction = new Float32Array(width * height);
  const bad = new Uint8Array(width * height);
  if (gain.width * 2 === width && gain.height * 2 === height) {
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const from = (y >> 1) * gain.width + (x >> 1);
        correction[y * width + x] = gain.correction[from];
        bad[y * width + x] = gain.bad[from];
      }
    return { width, height, correction, bad };
  }
  if (gain.width === width * 2 && gain.height === height * 2) {
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const i = 2 * y * gain.width + 2 * x;
        const four = [i, i + 1, i + gain.width, i + gain.width + 1];
        const to = y * width + x;
        if (four.some((k) => gain.bad[k] === 1)) bad[to] = 1;
        else correction[to] = four.reduce((sum, k) => sum + gain.correction[k], 0) / 4;
      }
    return { width, height, correction, bad };
  }
  return null;
}
