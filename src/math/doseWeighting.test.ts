import { describe, expect, it } from "vitest";
import {
  doseWeights,
  exposureConstant,
  exposureVoltageFactor,
  planDoseWeighting,
} from "./doseWeighting.ts";

const exposure = { dosePerFrame: 1.25, preExposure: 0, voltageKv: 300 };
const range = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => from + i);

describe("dose weights", () => {
  it("follow Grant and Grigorieff at 3 Å, and RELION's factors for other voltages", () => {
    // 0.245·(1/3)^−1.665 + 2.81 = 4.3358: the critical exposure at 3 Å and 300 kV is about 4.3 e⁻/Å².
    expect(exposureConstant(1 / 3) / 2).toBeCloseTo(0.245 * 3 ** 1.665 + 2.81, 12);
    expect(exposureConstant(1 / 3) / 2).toBeCloseTo(4.336, 2);
    expect([300, 200, 100, 120].map(exposureVoltageFactor)).toEqual([1, 0.8, 0.64, null]);
    const q = doseWeights([0, 1, 5], 1 / 4, { ...exposure, preExposure: 2, voltageKv: 200 });
    const raw = [1, 2, 6].map((n) => Math.exp(-(2 + 1.25 * n) / 0.8 / exposureConstant(0.25)));
    const norm = Math.hypot(...raw);
    expect(q).toBeAllclose(
      raw.map((v) => v / norm),
      { rtol: 1e-12 },
    );
  });

  it("are equal at zero frequency and never underflow", () => {
    expect(doseWeights(range(4), 0, exposure)).toBeAllclose([0.5, 0.5, 0.5, 0.5], { rtol: 1e-15 });
    const far = doseWeights(range(3), 1, { ...exposure, preExposure: 1e5 });
    expect(Math.hypot(...far)).toBeCloseTo(1, 12);
    expect(far[0]).toBeGreaterThan(far[2]);
  });
});

describe("planDoseWeighting", () => {
  for (const [frames, dose] of [
    [range(40), 1.25],
    [range(24, 3), 2],
    [range(75), 0.8],
    [range(1), 1],
    [range(3), 20],
  ] as const)
    it(`is a few sums that give every weight (${frames.length} frames, ${dose} e⁻/Å² each)`, () => {
      const plan = planDoseWeighting(frames, { ...exposure, dosePerFrame: dose }, 0.83);
      expect(plan.error).toBeLessThanOrEqual(1e-3);
      expect(plan.rank).toBeLessThanOrEqual(Math.min(6, frames.length));
      for (const k of [0, 0.01, 0.0333, 0.1234, 0.37, 0.8]) {
        const b = plan.response(k);
        const q = doseWeights(frames, k, { ...exposure, dosePerFrame: dose });
        const error = q.map(
          (v, t) => v - plan.frameWeights.reduce((s, a, r) => s + a[t] * b[r], 0),
        );
        // Between the frequencies at which the plan was checked it may be a little worse.
        expect(Math.hypot(...error)).toBeLessThan(1.5e-3);
      }
      expect(plan.frameWeights[0]).toBeAllclose(
        frames.map(() => 1 / Math.sqrt(frames.length)),
        { rtol: 1e-12 },
      );
    });
});
