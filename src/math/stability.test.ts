import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";
import {
  farFromOthers,
  quantileSkew,
  robustSmooth,
  stabilityFindings,
  trendOf,
} from "./stability.ts";

const noise = (n: number, seed: number): number[] => {
  const random = createRandom(seed);
  return Array.from({ length: n }, () => random.normal());
};

describe("robust smooth", () => {
  it("reproduces a line exactly, outliers or not", () => {
    const x = Array.from({ length: 20 }, (_, i) => i);
    const y = x.map((v) => 2 + 0.5 * v);
    robustSmooth(x, y).forEach((v, i) => expect(v).toBeCloseTo(y[i], 9));
    const off = y.map((v, i) => (i === 9 ? 100 : v + 1e-3 * Math.sin(7 * i)));
    robustSmooth(x, off).forEach((v, i) => expect(Math.abs(v - y[i])).toBeLessThan(0.01));
  });

  it("gives the median of fewer than 4 points", () => {
    expect(robustSmooth([1, 2, 3], [5, 1, 9])).toEqual([5, 5, 5]);
  });
});

describe("movies over the acquisition", () => {
  it("far from the others: five robust standard deviations", () => {
    const values = noise(200, 1).map((v) => 1 + 0.01 * v);
    expect(farFromOthers(values)).toEqual([]);
    values[17] = 1.1;
    expect(farFromOthers(values)).toEqual([17]);
    expect(farFromOthers([1, 1, 1, 9])).toEqual([]);
    expect(farFromOthers([1, 1, 1, 1.0005, 1, 1.01])).toEqual([5]);
  });

  it("tells a trend from chance, with its slope", () => {
    expect(trendOf([1, 2, 3])).toBeNull();
    const drifting = noise(30, 2).map((v, i) => 0.02 * i + 0.05 * v);
    const trend = trendOf(drifting);
    expect(trend?.drifts).toBe(true);
    expect(trend?.slope).toBeCloseTo(0.02, 2);
    // z above 3 by chance in 0.27 % of series: of 100 fixed ones at most two are let through.
    const chance = Array.from({ length: 100 }, (_, s) => trendOf(noise(30, 100 + s))?.drifts);
    expect(chance.filter((d) => d === true).length).toBeLessThanOrEqual(2);
  });

  it("names what it finds", () => {
    const movies = Array.from({ length: 10 }, (_, i) => ({
      name: `movie${i + 1}`,
      std: i === 4 ? 0.2 : 0.02 + 1e-4 * (i % 3),
      spread: 1.05 + 1e-4 * (i % 2),
      peak: 1.2 + 1e-4 * (i % 2),
      skew: i === 7 ? 0.4 : 0,
    }));
    const findings = stabilityFindings(movies);
    expect(findings).toHaveLength(2);
    expect(findings[0]).toContain("movie5 is far from the others");
    expect(findings[1]).toContain("movie8 is skewed");
    expect(quantileSkew({ p2_5: 0.9, p50: 1, p97_5: 1.1 })).toBeCloseTo(0, 12);
    expect(quantileSkew({ p2_5: 0.9, p50: 0.92, p97_5: 1.1 })).toBeCloseTo(0.8, 12);
  });
});
