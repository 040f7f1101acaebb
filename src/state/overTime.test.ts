import { describe, expect, it } from "vitest";
import { GAIN_LIMITS } from "#src/domain/gain.ts";
import type { GainReport } from "#src/domain/gainReport.ts";
import { beyondSetLimits, isBeyond, smoothCourse, valueHistogram } from "./overTime.ts";

/** The parts of a report that are read here. */
function reportOf(std: number, warns: boolean): GainReport {
  const checks = [{ name: "std", answer: warns ? "warn" : "not-decidable" }];
  const statistics = { std, p2_5: 0.95, p97_5: 1.05, max: 1.2 };
  return { statistics, verdict: { checks } } as unknown as GainReport;
}

describe("limits over the acquisition", () => {
  it("judge the paper's limit on the signal and a set one on the figure as read", () => {
    const noisy = reportOf(0.06, false);
    expect(isBeyond("std", GAIN_LIMITS.std, noisy)).toBe(false);
    expect(isBeyond("std", GAIN_LIMITS.std, reportOf(0.06, true))).toBe(true);
    expect(isBeyond("std", 0.05, noisy)).toBe(true);
    expect(isBeyond("std", 0.07, noisy)).toBe(false);
  });

  it("name the figures that filter a movie, and none while no limit was set", () => {
    const report = reportOf(0.06, true);
    expect(beyondSetLimits(GAIN_LIMITS, report)).toEqual([]);
    expect(beyondSetLimits({ ...GAIN_LIMITS, std: 0.05, spread: 1.01 }, report)).toEqual([
      "sd 0.060 > 0.050",
      "p97.5∕p2.5 1.105 > 1.010",
    ]);
  });

  it("count values in bins and smooth long series over medians of blocks", () => {
    expect(valueHistogram([0, 0.1, 0.9, 2], [0, 1], 2)).toEqual([2, 2]);
    const x = Array.from({ length: 1000 }, (_, i) => i);
    const y = x.map((v) => 2 + 0.001 * v + (v % 97 === 0 ? 5 : 0));
    const course = smoothCourse(x, y);
    expect(course.x.length).toBeLessThanOrEqual(200);
    // Single values far off leave no trace.
    for (const [i, v] of course.y.entries())
      expect(Math.abs(v - 2 - 0.001 * course.x[i])).toBeLessThan(0.01);
  });
});
