import { describe, expect, it } from "vitest";
import type { MotionField } from "#src/domain/motion.ts";
import { cubicBspline } from "./bspline.ts";
import {
  createFieldEvaluator,
  globalShifts,
  gridPlaces,
  localRms,
  sampleField,
} from "./motionField.ts";
import type { Vector } from "./motionField.ts";
import { createRandom } from "./random.ts";

const random = createRandom(8);
const frames = 6;
const points = { x: 5, y: 4, t: 4 };
const count = points.x * points.y * points.t;
const field: MotionField = {
  width: 300,
  height: 200,
  frameIndices: [2, 3, 4, 5, 6, 7],
  referenceFrame: 1,
  globalX: Float64Array.from({ length: frames }, () => 4 * random.normal()),
  globalY: Float64Array.from({ length: frames }, () => 4 * random.normal()),
  local: {
    controlPoints: points,
    coefficientsX: Float64Array.from({ length: count }, () => random.normal()),
    coefficientsY: Float64Array.from({ length: count }, () => random.normal()),
  },
};

/** The sum over all control points as the definition has it. */
function direct(t: number, x: number, y: number): Vector {
  const out = { x: field.globalX[t], y: field.globalY[t] };
  const { local } = field;
  if (local === null) return out;
  for (let k = 0; k < points.t; k++)
    for (let j = 0; j < points.y; j++)
      for (let i = 0; i < points.x; i++) {
        const w =
          cubicBspline((x / 300) * (points.x - 3) - (i - 1)) *
          cubicBspline((y / 200) * (points.y - 3) - (j - 1)) *
          cubicBspline((t / frames) * (points.t - 3) - (k - 1));
        const index = (k * points.y + j) * points.x + i;
        out.x += w * local.coefficientsX[index];
        out.y += w * local.coefficientsY[index];
      }
  return out;
}

describe("a motion field", () => {
  const evaluator = createFieldEvaluator(field);
  const out = { x: 0, y: 0 };

  it("is the global part and the sum of splines", () => {
    for (let t = 0; t < frames; t++)
      for (const [x, y] of [
        [0, 0],
        [150.5, 33.25],
        [299, 199],
      ]) {
        evaluator.gather(t, x, y, out);
        const expected = direct(t, x, y);
        expect(out.x).toBeCloseTo(expected.x, 12);
        expect(out.y).toBeCloseTo(expected.y, 12);
      }
  });

  it("is sampled for all frames at once as for each", () => {
    const [gridX, gridY] = [gridPlaces(300, 4), gridPlaces(200, 3)];
    const sampled = sampleField(field, "gatherFromReference", gridX, gridY);
    for (let t = 0; t < frames; t++)
      gridY.forEach((y, j) => {
        gridX.forEach((x, i) => {
          evaluator.gatherFromReference(t, x, y, out);
          expect(sampled.x[t][4 * j + i]).toBe(out.x);
          expect(sampled.y[t][4 * j + i]).toBe(out.y);
        });
      });
  });

  it("becomes a displacement of the place in the frame, zero in the reference frame", () => {
    for (let t = 0; t < frames; t++) {
      // A specimen point X is at X + d_t(X) in frame t, and at X + d_ref(X) in the reference.
      const [X, Y] = [120, 90];
      const now = direct(t, X, Y);
      const reference = direct(1, X, Y);
      evaluator.displacement(t, X + now.x, Y + now.y, out);
      expect(out.x).toBeCloseTo(now.x - reference.x, 5);
      expect(out.y).toBeCloseTo(now.y - reference.y, 5);
      evaluator.gatherFromReference(t, X + reference.x, Y + reference.y, out);
      expect(out.x).toBeCloseTo(now.x - reference.x, 5);
      expect(out.y).toBeCloseTo(now.y - reference.y, 5);
    }
  });

  it("is sampled row by row, and its global shifts start from the reference frame", () => {
    const gridX = gridPlaces(300, 4);
    const gridY = gridPlaces(200, 3);
    const sampled = sampleField(field, "displacement", gridX, gridY);
    evaluator.displacement(3, gridX[2], gridY[1], out);
    expect(sampled.x[3][4 + 2]).toBe(out.x);
    expect(sampled.y[3][4 + 2]).toBe(out.y);
    const shifts = globalShifts(field);
    expect(shifts.x[1]).toBe(0);
    expect(shifts.y[5]).toBeCloseTo(field.globalY[5] - field.globalY[1], 14);
  });

  it("has a local part of the size of its coefficients, and none without them", () => {
    const { local } = field;
    expect(localRms({ ...field, local: null })).toBe(0);
    if (local === null) throw new Error("no local part");
    // One that does not change in time is not motion.
    const still = { ...local, coefficientsX: local.coefficientsX.slice().fill(3) };
    const moving = { ...local, coefficientsX: local.coefficientsX.map((c) => 10 * c) };
    expect(localRms({ ...field, local: still })).toBeLessThan(localRms(field));
    expect(localRms({ ...field, local: moving })).toBeGreaterThan(3 * localRms(field));
  });
});
