import { expect, it } from "vitest";
import { gainMetrics, motionMetrics } from "./movieMetrics.ts";

const statistics = {
  mean: 1,
  std: 0.06,
  min: 0.5,
  max: 1.8,
  p2_5: 0.9,
  p25: 0.97,
  p50: 1,
  p75: 1.03,
  p97_5: 1.125,
};

it("takes the noise off the gain's figures where it was measured", () => {
  const counts = { perFrame: 1.5 };
  expect(gainMetrics({ statistics, counts })).toEqual({
    gainSd: 0.06,
    gainSpread: 1.25,
    gainPeak: 1.6,
    meanCounts: 1.5,
  });
  const checks = [
    { name: "std", signal: 0.03 },
    { name: "spread", signal: 1.12 },
    { name: "peak", signal: null },
  ] as const;
  expect(gainMetrics({ statistics, counts, verdict: { checks } })).toMatchObject({
    gainSd: 0.03,
    gainSpread: 1.12,
    gainPeak: 1.6,
  });
});

it("gives motion in Å, late motion as what is left of the path", () => {
  const motion = { pixelSizeA: 2, totalPx: 5, earlyPx: 2, localRmsPx: 0.25 };
  expect(motionMetrics(motion)).toEqual({ driftA: 10, earlyA: 4, lateA: 6, localRmsA: 0.5 });
  expect(motionMetrics({ ...motion, earlyPx: null })).toMatchObject({ earlyA: null, lateA: null });
  expect(motionMetrics({ ...motion, pixelSizeA: null }).driftA).toBeNull();
  // Nothing could be measured: no number, instead of the best of all.
  expect(motionMetrics({ ...motion, totalPx: 0, earlyPx: 0, localRmsPx: 0 })).toEqual({
    ...{ driftA: null, earlyA: null, lateA: null, localRmsA: null },
  });
});
