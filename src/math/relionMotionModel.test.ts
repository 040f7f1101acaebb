import { describe, expect, it } from "vitest";
import type { MotionField } from "#src/domain/motion.ts";
import { createFieldEvaluator } from "./motionField.ts";
import type { Vector } from "./motionField.ts";
import { createRandom } from "./random.ts";
import { fitRelionMotionModel, relionLocalShift } from "./relionMotionModel.ts";

function makeField(frames: number, local: number, seed = 4, skip = 0): MotionField {
  const random = createRandom(seed);
  const controlPoints = { x: 4, y: 4, t: 4 };
  // Smooth in x, y and t: a low-order polynomial of the indices of the control points.
  const [a, b, c, d] = Array.from({ length: 4 }, () => 2 * random.uniform() - 1);
  const coefficients = (sign: number): Float64Array =>
    Float64Array.from({ length: 64 }, (_, n) => {
      const i = n % 4;
      const j = Math.floor(n / 4) % 4;
      const k = Math.floor(n / 16);
      return (
        local * k * (a * (i - 1.5) + b * sign * (j - 1.5) + 0.3 * c * (i - 1) * (j - 2) + 0.2 * d)
      );
    });
  return {
    width: 1240,
    height: 1201,
    frameIndices: Array.from({ length: frames }, (_, t) => t + skip),
    referenceFrame: 0,
    globalX: Float64Array.from(
      { length: frames },
      (_, t) => 3 * Math.sqrt(t) + 0.3 * random.uniform(),
    ),
    globalY: Float64Array.from({ length: frames }, (_, t) => -t / 2 + 0.3 * random.uniform()),
    local:
      local === 0
        ? null
        : { controlPoints, coefficientsX: coefficients(1), coefficientsY: coefficients(-1) },
  };
}

describe("fitRelionMotionModel", () => {
  it("is minus the displacement from the first frame, at the place in the first frame", () => {
    const field = makeField(20, 0.5, 4, 2);
    const model = fitRelionMotionModel(field);
    expect(model.fitRmsPx).toBeLessThan(0.02);
    const evaluate = createFieldEvaluator(field);
    const d: Vector = { x: 0, y: 0 };
    for (const [x, y] of [
      [100, 200],
      [800, 1100],
      [620, 600],
    ])
      for (const t of [0, 7, 19]) {
        evaluate.gatherFromReference(t, x, y, d);
        const u = x / 1240 - 0.5;
        const v = y / 1201 - 0.5;
        const sx = model.shiftX[t] + relionLocalShift(model.coefficientsX!, t, u, v);
        const sy = model.shiftY[t] + relionLocalShift(model.coefficientsY!, t, u, v);
        // What the model cannot say: cubic in t without a constant, second order in x and y.
        expect(Math.hypot(sx + d.x, sy + d.y)).toBeLessThan(3 * model.fitRmsPx + 0.01);
      }
    expect(model.shiftX[0]).toBeCloseTo(0, 12);
    expect(relionLocalShift(model.coefficientsX!, 0, 0.3, 0.1)).toBe(0);
  });

  it("recovers a model that is one of RELION's", () => {
    // A spline field of 4 control points a side is a polynomial; linear in x and in t it is exactly in the model,
    // but for the step from the corrected micrograph to the first frame, which is zero for t = 0 motion.
    const field: MotionField = {
      ...makeField(12, 0.5),
      local: {
        controlPoints: { x: 4, y: 4, t: 4 },
        coefficientsX: Float64Array.from(
          { length: 64 },
          (_, n) => ((n % 4) - 1) * (Math.floor(n / 16) - 1),
        ),
        coefficientsY: new Float64Array(64),
      },
    };
    const model = fitRelionMotionModel(field);
    // At the outermost places the field is held at its edge value: a few 1e−6 px.
    expect(model.fitRmsPx).toBeLessThan(1e-5);
    // Control point i stands at x = i·width for i = −1 … 2, k at t = k·frames: d = (x/width)·(z/12), so
    // −d less its mean over x is −z/12·(x/width − mean).
    expect(model.coefficientsX![3]).toBeCloseTo(-1 / 12, 6);
    expect(model.coefficientsX![6]).toBeCloseTo(0, 5);
    expect(Array.from(model.coefficientsY!)).toBeAllclose(new Float64Array(18), { atol: 1e-12 });
  });

  it("has only shifts when the movie moves as one, and copes with two frames", () => {
    const still = fitRelionMotionModel(makeField(6, 0));
    expect(still.coefficientsX).toBeNull();
    const field = makeField(6, 0);
    expect(still.shiftY[5]).toBeCloseTo(field.globalY[0] - field.globalY[5], 12);
    const two = fitRelionMotionModel(makeField(2, 0.5));
    expect(two.fitRmsPx).toBeLessThan(0.02);
  });
});
