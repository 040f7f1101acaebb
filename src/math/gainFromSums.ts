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
  ideal: Float32Array | Float64Array,
  bad: Uint8Array,
): Float32Array<ArrayBuffer> {
  const gain = new Float32Array(observed.length);
  let sum = 0;
  let good = 0;
  for (let i = 0; i < gain.length; i++) {
    if (bad[i] !== 0) continue;
    const r = observed[i];
    const s = ideal[i];
    // Also where the sum is negative: a gain cannot be.
    const value = r > NOTHING_RECORDED && s > 0 ? r / s : 1;
    gain[i] = value;
    sum += value;
    good++;
  }
  const scale = sum > 0 ? good / sum : 1;
  for (let i = 0; i < gain.length; i++) gain[i] = bad[i] === 0 ? gain[i] * scale : 1;
  return gain;
}

/** C = 1/G with mean 1 over good pixels, 0 at bad ones. */
export function correctionOf(
  gain: Float32Array,
  bad: Uint8Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> {
  const correction = new Float32Array(gain.length);
  let sum = 0;
  let good = 0;
  for (let i = 0; i < gain.length; i++) {
    if (bad[i] !== 0) continue;
    good++;
    if (!(gain[i] > 0)) continue;
    correction[i] = 1 / gain[i];
    sum += correction[i];
  }
  if (!(sum > 0)) return correction;
  const scale = good / sum;
  for (let i = 0; i < correction.length; i++) correction[i] *= scale;
  return correction;
}
