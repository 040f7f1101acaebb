import { describe, expect, it } from "vitest";
import type { MotionField } from "#src/domain/motion.ts";
import { createFieldEvaluator } from "./motionField.ts";
import { centreLocalMotion } from "./motionGauge.ts";
import { createRandom } from "./random.ts";

describe("centreLocalMotion", () => {
  const random = createRandom(23);
  const field: MotionField = {
    width: 640,
    height: 481,
    frameIndices: [0, 1, 2, 3, 4, 5],
    referenceFrame: 0,
    globalX: Float64Array.from({ length: 6 }, () => random.normal()),
    globalY: Float64Array.from({ length: 6 }, () => random.normal()),
    local: {
      controlPoints: { x: 5, y: 4, t: 6 },
      coefficientsX: Float64Array.from({ length: 120 }, () => random.normal()),
      coefficientsY: Float64Array.from({ length: 120 }, () => random.normal()),
    },
  };
  const centred = centreLocalMotion(field);

  it("changes no displacement", () => {
    const [a, b] = [createFieldEvaluator(field), createFieldEvaluator(centred)];
    const [d, e] = [
      { x: 0, y: 0 },
      { x: 0, y: 0 },
    ];
    for (let t = 0; t < 6; t++)
      for (const [x, y] of [
        [0, 0],
        [111, 222],
        [639, 480],
      ]) {
        a.gather(t, x, y, d);
        b.gather(t, x, y, e);
        expect(Math.hypot(d.x - e.x, d.y - e.y)).toBeLessThan(1e-12);
      }
  });

  it("leaves a local part whose mean over the frame is nothing", () => {
    const evaluate = createFieldEvaluator(centred);
    const d = { x: 0, y: 0 };
    for (let t = 0; t < 6; t++) {
      let [mx, my] = [0, 0];
      const n = 60;
      for (let j = 0; j < n; j++)
        for (let i = 0; i < n; i++) {
          evaluate.gather(t, (640 * (i + 0.5)) / n, (481 * (j + 0.5)) / n, d);
          mx += d.x / n ** 2;
          my += d.y / n ** 2;
        }
      // The midpoint rule over 60 × 60 places of splines of two cells a side.
      expect(mx).toBeCloseTo(centred.globalX[t], 3);
      expect(my).toBeCloseTo(centred.globalY[t], 3);
    }
    expect(centreLocalMotion({ ...field, local: null })).toEqual({ ...field, local: null });
  });
});
