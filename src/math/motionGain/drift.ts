import type { MotionField } from "#src/domain/motion.ts";

/** Below this distance the specimen hardly moves against the detector, px. */
export const LEAST_DRIFT_PX = 1;

/** Largest distance between two frames of the specimen as a whole, px. */
export function driftOf({ globalX, globalY }: MotionField): number {
  let largest = 0;
  for (let a = 0; a < globalX.length; a++)
    for (let b = 0; b < a; b++)
      largest = Math.max(largest, Math.hypot(globalX[a] - globalX[b], globalY[a] - globalY[b]));
  return largest;
}
