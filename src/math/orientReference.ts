import type { Gain, GainOrientation } from "#src/domain/gain.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import { usableReference } from "./gainPattern.ts";
import { applyPose } from "./pose.ts";

/**
 * A reference turned, flipped and, where it divides, inverted into the multiplicative correction C: mean 1
 * over good pixels, 0 at bad ones (those that the reference marks, and values that no gain has). The input
 * is not changed.
 */
export function orientReference(
  reference: {
    readonly width: number;
    readonly height: number;
    readonly values: Float32Pixels;
    readonly bad: Uint8Array<ArrayBuffer> | null;
  },
  orientation: GainOrientation,
): Gain {
  const { good } = usableReference(reference.values, reference.bad ?? undefined);
  const corrected = new Float32Array(reference.values.length);
  let sum = 0;
  let count = 0;
  for (let i = 0; i < corrected.length; i++) {
    if (good[i] === 0) continue;
    corrected[i] = orientation.inverted ? 1 / reference.values[i] : reference.values[i];
    sum += corrected[i];
    count++;
  }
  const scale = count > 0 ? count / sum : 1;
  for (let i = 0; i < corrected.length; i++) corrected[i] *= scale;
  const { width, height } = reference;
  const posed = applyPose(corrected, width, height, orientation);
  const mask = applyPose(good, width, height, orientation).data;
  return {
    width: posed.width,
    height: posed.height,
    correction: posed.data,
    bad: mask.map((g) => 1 - g),
  };
}
