import { pairsOf } from "#src/math/flexalign/pairCorrelator.ts";
import { solvePositions } from "#src/math/flexalign/robustSolve.ts";

/** Positions of all frames, px. */
export interface FramePositions {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Pairs that were left out as outliers, and how many there are. */
  readonly rejected: number;
  readonly pairs: number;
}

/**
 * FlexAlign's positions from all pairs, blank frames left out and put on the line between their
 * neighbours (the program lets them pull everything towards zero).
 */
export function solveFrames(
  pairs: Float64Array,
  frames: number,
  blank: readonly number[],
): FramePositions {
  const seen = Array.from({ length: frames }, (_, t) => t).filter((t) => !blank.includes(t));
  const x = new Float64Array(frames);
  const y = new Float64Array(frames);
  if (seen.length < 2) return { x, y, rejected: 0, pairs: 0 };
  let kept = pairs;
  if (blank.length > 0) {
    const { first, second } = pairsOf(frames);
    const values: number[] = [];
    first.forEach((i, k) => {
      if (seen.includes(i) && seen.includes(second[k])) values.push(pairs[2 * k], pairs[2 * k + 1]);
    });
    kept = Float64Array.from(values);
  }
  const solved = solvePositions(kept, seen.length);
  let at = 0;
  for (let t = 0; t < frames; t++) {
    while (at < seen.length - 2 && seen[at + 1] <= t) at++;
    const span = (t - seen[at]) / (seen[at + 1] - seen[at]);
    const f = Math.min(1, Math.max(0, span));
    x[t] = solved.x[at] + f * (solved.x[at + 1] - solved.x[at]);
    y[t] = solved.y[at] + f * (solved.y[at + 1] - solved.y[at]);
  }
  return { x, y, rejected: solved.rejected, pairs: kept.length / 2 };
}
