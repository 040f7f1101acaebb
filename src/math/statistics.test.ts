import { describe, expect, it } from "vitest";
import { gainStatistics, rmsDifference, scaleToMeanOne } from "./statistics.ts";

describe("statistics of a gain", () => {
  it("interpolates percentiles as numpy does", () => {
    // numpy.percentile(arange(11) / 10, [2.5, 25, 50, 75, 97.5]) and population std.
    const s = gainStatistics(
      Float32Array.from({ length: 11 }, (_, i) => (10 - i) / 10),
      null,
    );
    expect(s.p2_5).toBeCloseTo(0.025, 6);
    expect(s.p25).toBeCloseTo(0.25, 6);
    expect(s.p50).toBeCloseTo(0.5, 6);
    expect(s.p75).toBeCloseTo(0.75, 6);
    expect(s.p97_5).toBeCloseTo(0.975, 6);
    expect(s.mean).toBeCloseTo(0.5, 6);
    expect(s.std).toBeCloseTo(Math.sqrt(0.1), 6);
    expect([s.min, s.max]).toEqual([0, 1]);
  });

  it("leaves bad pixels out", () => {
    const bad = Uint8Array.of(0, 1, 0, 1);
    const s = gainStatistics(Float32Array.of(1, 900, 3, -900), bad);
    expect([s.mean, s.std, s.min, s.max, s.p50]).toEqual([2, 1, 1, 3, 2]);
    expect(gainStatistics(Float32Array.of(1), Uint8Array.of(1)).max).toBeNaN();
    const values = Float32Array.of(1, 900, 3, 0);
    scaleToMeanOne(values, bad);
    expect([...values]).toEqual([0.5, 450, 1.5, 0]);
    expect(rmsDifference(Float32Array.of(1, 5), Float32Array.of(4, 9), null)).toBeCloseTo(
      Math.sqrt(12.5),
      6,
    );
  });
});
