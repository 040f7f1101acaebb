import { scaleToMeanOne } from "./statistics.ts";

/** Below this a pixel has recorded nothing (the reference program's limit). */
export const NOTHING_RECORDED = 1e-6;

/**
 * Pixel gain `G = ΣR / ΣSME` (Sorzano et al. 2018, Eq. 7), mean 1 over good pixels. Pixels that
 * recorded nothing, or whose ideal is not positive, become 1 before scaling; bad pixels are 1.
 * @param observed  ΣR (corrected frames where a reference is used), `[height, width]`
 * @param ideal     Σ½(SME_col + SME_row)
 */
export function gainFromSums(
  observed: Float32Array,
  ideal: ArrayLike<number>,
  bad: Uint8Array,
): Float32Array<ArrayBuffer> {
  const gain = new Float32Array(observed.length);
  for (let i = 0; i < gain.length; i++) {
    const counts = Math.abs(observed[i]) > NOTHING_RECORDED && ideal[i] > 0;
    const value = counts && bad[i] === 0 ? observed[i] / ideal[i] : 1;
    gain[i] = value > 0 ? value : 1;
  }
  scaleToMeanOne(gain, bad);
  for (let i = 0; i < gain.length; i++) if (bad[i] !== 0) gain[i] = 1;
  return gain;
}

/** C = 1/G with mean 1 over good pixels, 0 at bad ones. */
export function correctionOf(
  gain: Float32Array,
  bad: Uint8Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> {
  const correction = Float32Array.from(gain, (g, i) => (bad[i] === 0 && g > 0 ? 1 / g : 0));
  scaleToMeanOne(correction, bad);
  for (let i = 0; i < correction.length; i++) if (bad[i] !== 0) correction[i] = 0;
  return correction;
}
