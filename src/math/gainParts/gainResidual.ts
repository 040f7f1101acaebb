/** High-pass length of the specimen's prediction, px: slower waves are left to the structured parts. */
export const HIGH_PASS_PX = 128;

/** What remains of a movie's mean frame after the gain in use and the predicted specimen. */
export interface GainResidual {
  /** e, mean 0 over good pixels: c·(g_true − g) + noise of variance c·ν + left. `[height, width]` */
  readonly all: Float32Array<ArrayBuffer>;
  /** The same from odd and from even frames. */
  readonly odd: Float32Array<ArrayBuffer>;
  readonly even: Float32Array<ArrayBuffer>;
  /** c(k), how much of the detector's pattern is visible, half spectrum, real. */
  readonly visibility: Float32Array<ArrayBuffer>;
  /** Power of specimen that the high pass leaves in, half spectrum, real. */
  readonly left: Float32Array<ArrayBuffer>;
  /** ν over var(odd − even)/4: 1 unless the halves share noise through the prediction. */
  readonly noiseShare: number;
}
