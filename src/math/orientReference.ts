import type { Gain, GainOrientation } from "#src/domain/gain.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import { usableReference } from "./gainPattern.ts";
import { applyPose } from "./pose.ts";
import { gainFromReference } from "./referenceGain.ts";

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
  const { width, height, values } = reference;
  const { good } = usableReference(values, reference.bad ?? undefined);
  const posed = applyPose(values, width, height, orientation);
  const bad = applyPose(good, width, height, orientation).data.map((g) => 1 - g);
  const nature = orientation.inverted ? "inverse" : "correction";
  return gainFromReference(posed.data, posed.width, posed.height, nature, bad);
}
