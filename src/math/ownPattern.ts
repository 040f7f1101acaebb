import type { GainPattern } from "./gainPattern.ts";

/** Pixel patterns that stay where they are, whoever made them, against that of a reference. */
export interface OwnPattern {
  /**
   * Variance of the part that both halves of a movie's frames share, over the variance of the reference's
   * pattern: 1 = the movie holds a pattern as strong as the reference's, 0 = none.
   */
  readonly share: number;
  /** One standard error of `share`. */
  readonly uncertainty: number;
  /** Standard errors with which a reference of this pattern shows in a raw movie of these counts. */
  readonly expected: number;
}

/** s.e. of a correlation of two such patterns over 1/√pixels (gain recipe §6). */
const SE_FACTOR = 1.03;

/**
 * The fixed pattern of a movie by the covariance of the patterns of its first and its last half of frames:
 * noise is new in each, the specimen has moved on, the detector has not. Patterns as the pose search makes
 * them, relative to 1, 0 at bad pixels.
 */
export function ownPattern(
  first: GainPattern,
  last: GainPattern,
  reference: Pick<GainPattern, "pattern" | "good">,
): OwnPattern {
  let [n, aa, bb, ab, mm] = [0, 0, 0, 0, 0];
  for (let i = 0; i < first.pattern.length; i++) {
    if (first.good[i] === 0 || last.good[i] === 0) continue;
    const [a, b] = [first.pattern[i], last.pattern[i]];
    const m = (a + b) / 2;
    aa += a * a;
    bb += b * b;
    ab += a * b;
    mm += m * m;
    n++;
  }
  let rr = 0;
  let known = 0;
  for (let i = 0; i < reference.pattern.length; i++) {
    rr += reference.pattern[i] * reference.pattern[i];
    known += reference.good[i];
  }
  const ofReference = rr / Math.max(known, 1);
  if (n === 0 || !(ofReference > 0) || !(mm > 0)) return { share: 0, uncertainty: 1, expected: 0 };
  const uncertainty = (SE_FACTOR * Math.sqrt((aa / n) * (bb / n))) / Math.sqrt(n) / ofReference;
  // In a raw movie of this reference the pattern would stand besides what is noise now.
  const noise = Math.max(0, mm / n - ab / n);
  const correlation = Math.sqrt(ofReference / (ofReference + noise));
  return {
    share: ab / n / ofReference,
    uncertainty,
    expected: (correlation * Math.sqrt(n)) / SE_FACTOR,
  };
}
