import { describe, expect, it } from "vitest";
import type { GainStatistics } from "#src/domain/gain.ts";
import { expectedPeak, judgeGain } from "./gainVerdict.ts";

/** Statistics of a normal distribution of mean 1. */
const normal = (std: number, max = 1 + 5 * std): GainStatistics => ({
  mean: 1,
  std,
  min: 1 - 5 * std,
  max,
  p2_5: 1 - 1.96 * std,
  p25: 1 - 0.6745 * std,
  p50: 1,
  p75: 1 + 0.6745 * std,
  p97_5: 1 + 1.96 * std,
});

const judge = (signal: number, noise: number, counts = 1 / noise ** 2, pixels = 1e6) =>
  judgeGain({
    statistics: normal(Math.hypot(signal, noise)),
    noiseVariance: noise ** 2,
    signalVariance: signal ** 2,
    doubtVariance: 0,
    pixelSignal: null,
    lineSignal: null,
    pixels,
    counts,
    scope: "everything",
  });

describe("the verdict on a gain", () => {
  it("is not misled by noise: a flat detector passes at high counts and is never warned of", () => {
    expect(judge(0.005, 0.07).answer).toBe("pass");
    for (const counts of [200, 50, 10, 3, 1])
      expect(judge(0, 1 / Math.sqrt(counts)).answer).not.toBe("warn");
  });

  it("warns of a signal under noise that is larger than the limit", () => {
    const verdict = judge(0.06, 0.1);
    expect(verdict.answer).toBe("warn");
    expect(verdict.checks.map((c) => c.answer)).toEqual(["warn", "warn", "pass"]);
    expect(verdict.checks[0].signal).toBeCloseTo(0.06, 10);
    // ln(spread) of a normal distribution of 6 %: 3.92 · 0.06.
    expect(Math.log(verdict.checks[1].signal ?? 0)).toBeCloseTo(3.92 * 0.06, 10);
  });

  it("leaves open what the counts cannot tell, and names those that would", () => {
    const verdict = judge(0.038, 0.1);
    expect(verdict.answer).toBe("not-decidable");
    const needed = verdict.checks[0].countsToDecide ?? 0;
    expect(needed).toBeGreaterThan(100);
    expect(judge(0.038, 1 / Math.sqrt(1.01 * needed)).checks[0].answer).toBe("pass");
    expect(verdict.text).toContain("Add movies");
  });

  it("never asks for fewer counts than there were, and with those it asks for it decides", () => {
    let asked = 0;
    for (const lines of [0.03, 0.035, 0.0385, 0.041, 0.043, 0.05])
      for (const slow of [0, 0.02, 0.04])
        for (const counts of [10, 50, 100, 400]) {
          const at = (electrons: number) =>
            judgeGain({
              statistics: normal(Math.hypot(lines, slow)),
              noiseVariance: 1 / electrons,
              signalVariance: lines ** 2 + slow ** 2,
              doubtVariance: 0,
              pixelSignal: null,
              lineSignal: { variance: lines ** 2, noise: 0.02 / electrons },
              pixels: 1e6,
              counts: electrons,
              scope: "everything",
            }).checks[0];
          const needed = at(counts).countsToDecide;
          if (needed === null) continue;
          asked++;
          expect(needed).toBeGreaterThan(counts);
          expect(at(1.01 * needed).answer).not.toBe("not-decidable");
        }
    expect(asked).toBeGreaterThan(5);
  });

  it("leaves open what halves that scatter more than the whole cannot tell", () => {
    const verdict = judgeGain({
      statistics: normal(0.05),
      noiseVariance: 0.13 ** 2,
      signalVariance: 0.05 ** 2 - 0.13 ** 2,
      doubtVariance: 0,
      pixelSignal: null,
      lineSignal: null,
      pixels: 65536,
      counts: 10,
      scope: "everything",
    });
    expect(verdict.checks[0].answer).toBe("not-decidable");
  });

  it("holds the highest pixel against what noise would reach", () => {
    const basis = {
      noiseVariance: 0.01,
      signalVariance: 0,
      doubtVariance: 0,
      pixelSignal: null,
      lineSignal: null,
      pixels: 1e6,
      scope: "everything",
    };
    const at = (peak: number, counts: number) =>
      judgeGain({ ...basis, counts, statistics: normal(0.01, peak) }).checks[2].answer;
    expect(at(3, 100)).toBe("pass");
    expect(at(5, 100)).toBe("warn");
    expect(at(4.6, 1)).toBe("not-decidable");
    expect(at(20, 1)).toBe("warn");
    // A million Poisson values of mean 1 have their maximum near 9 to 10.
    expect(expectedPeak(1e6, 1) * (1 + 1.96)).toBeGreaterThan(9);
    expect(expectedPeak(1e6, 1) * (1 + 1.96)).toBeLessThan(13);
  });

  it("warns of slow structure only as far as lines and pixels bear it out", () => {
    const seen = (lines: number, pixels: number) =>
      judgeGain({
        statistics: normal(0.09),
        noiseVariance: 0.02 ** 2,
        signalVariance: 0.08 ** 2,
        doubtVariance: 0,
        pixelSignal: {
          ...{ variance: pixels ** 2, noise: 0.00005, doubt: 0.0001 },
          ...{ specimenMoved: true, pixels: 1e6 },
        },
        lineSignal: { variance: lines ** 2, noise: 0.00002 },
        pixels: 1e6,
        counts: 100,
        scope: "everything",
      });
    expect(seen(0.003, 0.003).answer).toBe("not-decidable");
    expect(seen(0.003, 0.003).text).toContain("slow structure");
    expect(seen(0.003, 0.003).checks[0].countsToDecide).toBeNull();
    expect(seen(0.06, 0.003).answer).toBe("warn");
    expect(seen(0.003, 0.06).answer).toBe("warn");
    // 3.6 % is the limit of the ratio; 2.83 % each are 4 % together.
    expect(seen(0.0283, 0.0283).answer).toBe("warn");
    expect(seen(0.02, 0.02).answer).toBe("not-decidable");
  });

  it("says when there is no noise to go by", () => {
    const verdict = judgeGain({
      statistics: normal(0.02),
      noiseVariance: null,
      signalVariance: null,
      doubtVariance: 0,
      pixelSignal: null,
      lineSignal: null,
      pixels: 100,
      counts: 100,
      scope: "everything",
    });
    expect(verdict.answer).toBe("not-decidable");
    expect(verdict.checks[0].signal).toBeNull();
  });
});
