/** Dose up to which motion counts as early, e⁻/Å² (RELION's job table). */
export const EARLY_DOSE = 4;

/** How far the specimen went as a whole, in the unit of the positions. */
export interface MotionPath {
  /** Length of each frame's step from the one before; the first has 0. */
  readonly step: readonly number[];
  /** Sum of the steps. */
  readonly total: number;
  /** Up to 4 e⁻/Å², and beyond; null without a dose. */
  readonly early: number | null;
  readonly late: number | null;
}

/**
 * Path lengths of a global track. A step runs from the end of the frame before to the end of its own, so
 * a step that crosses 4 e⁻/Å² is shared out in proportion.
 * @param x,y             position of each aligned frame, any unit of length
 * @param frameIndices    frames of the movie, from 0
 * @param dosePerFrame    e⁻/Å², or null
 * @param preExposure     e⁻/Å² before the first frame
 */
export function motionPath(
  x: readonly number[],
  y: readonly number[],
  frameIndices: readonly number[],
  dosePerFrame: number | null,
  preExposure: number,
): MotionPath {
  const step = x.map((v, t) => (t === 0 ? 0 : Math.hypot(v - x[t - 1], y[t] - y[t - 1])));
  const total = step.reduce((sum, s) => sum + s, 0);
  if (dosePerFrame === null || !(dosePerFrame > 0)) return { step, total, early: null, late: null };
  let early = 0;
  for (let t = 1; t < step.length; t++) {
    const from = preExposure + (frameIndices[t - 1] + 1) * dosePerFrame;
    const to = preExposure + (frameIndices[t] + 1) * dosePerFrame;
    early += step[t] * Math.min(1, Math.max(0, (EARLY_DOSE - from) / (to - from)));
  }
  return { step, total, early, late: Math.max(0, total - early) };
}
