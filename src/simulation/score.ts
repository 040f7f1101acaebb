import type { MotionField } from "#src/domain/motion.ts";
import { createFieldEvaluator } from "#src/math/motionField.ts";

const GRID = 11;

/**
 * Rms error of a motion field against the truth, px, over an 11 × 11 grid of places in the frames
 * (5 % to 95 % of each side) and all aligned frames, both axes together. The mean over time of each
 * place is taken off both sides: a constant warp does not blur the sum of frames.
 */
export function motionErrorPx(found: MotionField, truth: MotionField): number {
  const estimate = createFieldEvaluator(found);
  const known = createFieldEvaluator(truth);
  const a = { x: 0, y: 0 };
  const b = { x: 0, y: 0 };
  const positions = found.frameIndices.map((index) => truth.frameIndices.indexOf(index));
  let sum = 0;
  for (let j = 0; j < GRID; j++)
    for (let i = 0; i < GRID; i++) {
      const x = (0.05 + (0.9 * i) / (GRID - 1)) * truth.width;
      const y = (0.05 + (0.9 * j) / (GRID - 1)) * truth.height;
      const moments = { x: 0, y: 0, xx: 0, yy: 0 };
      positions.forEach((position, t) => {
        estimate.displacement(t, x, y, a);
        known.displacement(position, x, y, b);
        moments.x += a.x - b.x;
        moments.y += a.y - b.y;
        moments.xx += (a.x - b.x) ** 2;
        moments.yy += (a.y - b.y) ** 2;
      });
      const n = positions.length;
      sum += (moments.xx + moments.yy - (moments.x ** 2 + moments.y ** 2) / n) / n;
    }
  return Math.sqrt(Math.max(0, sum) / GRID ** 2);
}

/** Squared correlation of two images over the pixels that are not bad (bad = 1); NaN for flat ones. */
export function squaredCorrelation(
  a: Float32Array,
  b: Float32Array,
  bad: ArrayLike<number>,
): number {
  let n = 0;
  let [sa, sb] = [0, 0];
  for (let i = 0; i < a.length; i++)
    if (bad[i] === 0) {
      n++;
      sa += a[i];
      sb += b[i];
    }
  let [aa, bb, ab] = [0, 0, 0];
  for (let i = 0; i < a.length; i++)
    if (bad[i] === 0) {
      const da = a[i] - sa / n;
      const db = b[i] - sb / n;
      aa += da * da;
      bb += db * db;
      ab += da * db;
    }
  return (ab * ab) / (aa * bb);
}
