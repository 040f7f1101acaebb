import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";
import {
  assignBins,
  balancedSampling,
  balancedSamplingParity,
  binBalance,
  binEdges,
  binEntropy,
  binMembers,
  defocusStatistics,
  drawWithoutReplacement,
  evenQuotas,
  percentileOf,
  spreadEvenly,
} from "./sampling.ts";

function countsOf(values: readonly number[], edges: readonly number[], chosen: readonly number[]) {
  const assigned = assignBins(values, edges);
  const counts = new Array<number>(edges.length - 1).fill(0);
  for (const i of chosen) counts[assigned[i]]++;
  return counts;
}

function uniformValues(count: number, from: number, to: number): number[] {
  return Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
}

/** Defoci as sessions have them: most at few set values, a long tail. */
function sessionValues(count: number, seed: number): number[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const target = 8000 + 3000 * random.integer(5) ** 1.3;
    return Math.max(500, target + 900 * random.normal());
  });
}

describe("bins", () => {
  it("have the edges of numpy.linspace, the last one exact", () => {
    expect(binEdges(0.1, 0.7, 3)).toEqual([0.1, 0.1 + 0.6 / 3, 0.1 + 2 * (0.6 / 3), 0.7]);
  });

  it("give a value on an inner edge to the upper bin and the maximum to the last", () => {
    const edges = binEdges(0, 10, 10);
    expect([...assignBins([0, 1, 1.999, 2, 9, 9.5, 10, 11, -3], edges)]).toEqual([
      0, 1, 1, 2, 9, 9, 9, 9, 0,
    ]);
  });

  it("put equal values into the last bin", () => {
    expect([...assignBins([5, 5], binEdges(5, 5, 10))]).toEqual([9, 9]);
  });
});

describe("the original procedure", () => {
  it("takes 2 per bin of 200 uniform values for N = 20", () => {
    const values = uniformValues(200, 10_000, 30_000);
    const chosen = balancedSamplingParity(values, 20, createRandom(1));
    expect(countsOf(values, binEdges(10_000, 30_000, 10), chosen)).toEqual(new Array(10).fill(2));
  });

  it("fills up from the last bin when all values are equal", () => {
    const chosen = balancedSamplingParity(new Array<number>(40).fill(15_000), 25, createRandom(3));
    expect(new Set(chosen).size).toBe(25);
  });

  it("fails on too few and on none, as the program does", () => {
    const values = uniformValues(15, 10_000, 30_000);
    expect(() => balancedSamplingParity(values, 25, createRandom(1))).toThrow(
      "25 micrographs were wanted and 15 are there",
    );
    expect(() => balancedSamplingParity([], 5, createRandom(1))).toThrow("empty");
  });

  it("takes only the lowest bins for N below the number of bins", () => {
    const values = uniformValues(200, 10_000, 30_000);
    const chosen = balancedSamplingParity(values, 4, createRandom(9));
    expect(countsOf(values, binEdges(10_000, 30_000, 10), chosen)).toEqual([
      1, 1, 1, 1, 0, 0, 0, 0, 0, 0,
    ]);
  });

  it("has, over 1000 seeds, the counts that its steps imply, without duplicates, low defocus first", () => {
    const values = sessionValues(300, 5);
    const edges = binEdges(Math.min(...values), Math.max(...values), 10);
    const assigned = assignBins(values, edges);
    const sizes = binMembers(assigned, 10).map((m) => m.length);
    const quota = sizes.map((s) => Math.min(s, 2));
    const balanced = quota.reduce((a, b) => a + b, 0);
    for (let seed = 0; seed < 1000; seed++) {
      const chosen = balancedSamplingParity(values, 25, createRandom(seed));
      expect(new Set(chosen).size).toBe(25);
      const head = chosen.slice(0, balanced);
      expect(countsOf(values, edges, head)).toEqual(quota);
      for (let i = 1; i < head.length; i++)
        expect(assigned[head[i]]).toBeGreaterThanOrEqual(assigned[head[i - 1]]);
    }
  });
});

describe("the repaired procedure", () => {
  const choice = { count: 25, remainder: "round-robin" as const, locked: [] };

  it("over 1000 seeds is at least as even as the original, and more where that is uneven", () => {
    let strictly = 0;
    for (let seed = 0; seed < 1000; seed++) {
      const random = createRandom(seed);
      const count = 5 + random.integer(60);
      const bins = 2 + random.integer(14);
      const values = sessionValues(count + random.integer(200), seed);
      const edges = binEdges(Math.min(...values), Math.max(...values), bins);
      const ours = balancedSampling({ ...choice, values, edges, count }, createRandom(seed));
      const original = balancedSamplingParity(values, count, createRandom(seed), bins);
      expect(new Set(ours).size).toBe(count);
      expect(balancedSampling({ ...choice, values, edges, count }, createRandom(seed))).toEqual(
        ours,
      );
      const oursCounts = countsOf(values, edges, ours);
      const theirs = countsOf(values, edges, original);
      // Derived: bins below the highest level are empty of candidates or one below it.
      const sizes = countsOf(
        values,
        edges,
        values.map((_, i) => i),
      );
      const top = Math.max(...oursCounts);
      oursCounts.forEach((c, b) => expect(c >= top - 1 || c === sizes[b]).toBe(true));
      expect(binEntropy(oursCounts)).toBeGreaterThanOrEqual(binEntropy(theirs) - 1e-12);
      const sorted = (a: number[]): string =>
        a
          .slice()
          .sort((x, y) => x - y)
          .join();
      const uneven = sorted(theirs) !== sorted(oursCounts);
      if (uneven) {
        strictly++;
        expect(binEntropy(oursCounts)).toBeGreaterThan(binEntropy(theirs));
      }
    }
    expect(strictly).toBeGreaterThan(300);
  });

  it("clamps to the population", () => {
    const values = uniformValues(15, 10_000, 30_000);
    const edges = binEdges(10_000, 30_000, 10);
    expect(balancedSampling({ ...choice, values, edges }, createRandom(1))).toHaveLength(15);
  });

  it("spreads N below the number of bins over the range", () => {
    const values = uniformValues(200, 10_000, 30_000);
    const edges = binEdges(10_000, 30_000, 10);
    const chosen = balancedSampling({ ...choice, values, edges, count: 4 }, createRandom(1));
    expect(countsOf(values, edges, chosen)).toEqual([0, 1, 0, 1, 0, 0, 1, 0, 1, 0]);
  });

  it("keeps locked ones and counts them in their bins", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 0, max: 30 }), (seed, n) => {
        const values = sessionValues(120, seed);
        const edges = binEdges(Math.min(...values), Math.max(...values), 8);
        const locked = drawWithoutReplacement(
          values.map((_, i) => i),
          n,
          createRandom(seed),
        );
        for (const remainder of ["round-robin", "random"] as const) {
          const chosen = balancedSampling(
            { values, edges, count: 25, remainder, locked },
            createRandom(seed + 1),
          );
          expect(chosen).toHaveLength(Math.max(25, n));
          for (const i of locked) expect(chosen).toContain(i);
        }
      }),
      { seed: 11, numRuns: 100 },
    );
  });

  it("draws the remainder from everything left when asked to", () => {
    const values = sessionValues(400, 2);
    const edges = binEdges(Math.min(...values), Math.max(...values), 10);
    const sizes = countsOf(
      values,
      edges,
      values.map((_, i) => i),
    );
    const chosen = balancedSampling(
      { values, edges, count: 25, remainder: "random", locked: [] },
      createRandom(4),
    );
    const counts = countsOf(values, edges, chosen);
    counts.forEach((c, b) => expect(c).toBeGreaterThanOrEqual(Math.min(2, sizes[b])));
    expect(chosen).toHaveLength(25);
  });

  it("draws the same on every platform", () => {
    const values = uniformValues(50, 5000, 30_000);
    const edges = binEdges(5000, 30_000, 5);
    // Golden: the generator is integer arithmetic, so these numbers hold everywhere.
    expect(balancedSampling({ ...choice, values, edges, count: 7 }, createRandom(20_418)))
      .toMatchInlineSnapshot(`
      [
        3,
        15,
        17,
        22,
        37,
        39,
        46,
      ]
    `);
  });

  it("draws every member of a bin equally often", () => {
    const hits = new Array<number>(6).fill(0);
    const items = [0, 1, 2, 3, 4, 5];
    for (let seed = 0; seed < 6000; seed++)
      for (const i of drawWithoutReplacement(items, 2, createRandom(seed))) hits[i]++;
    // Expected 2000 each with sd √(6000·⅓·⅔) = 36.5; 5 sd.
    for (const h of hits) expect(Math.abs(h - 2000)).toBeLessThan(183);
  });
});

describe("quotas and balance", () => {
  it("fill the emptiest bins in turn", () => {
    expect(evenQuotas([5, 0, 1, 9], [0, 0, 0, 0], 8)).toEqual([3, 0, 1, 4]);
    expect(evenQuotas([5, 5, 5], [3, 0, 0], 5)).toEqual([3, 1, 1]);
    expect(evenQuotas([1, 1], [0, 0], 9)).toEqual([1, 1]);
    expect(spreadEvenly(5, 10)).toEqual([1, 3, 5, 7, 9]);
  });

  it("is the most even choice of all, by trying every choice", () => {
    const capacity = [4, 1, 2, 6];
    for (let count = 1; count <= 12; count++) {
      const best = binEntropy(evenQuotas(capacity, [0, 0, 0, 0], count));
      for (let a = 0; a <= 4; a++)
        for (let b = 0; b <= 1; b++)
          for (let c = 0; c <= 2; c++) {
            const d = count - a - b - c;
            if (d >= 0 && d <= 6)
              expect(binEntropy([a, b, c, d])).toBeLessThanOrEqual(best + 1e-12);
          }
    }
  });

  it("is 1 when even and 0 when all is in one bin", () => {
    expect(binBalance([2, 2, 2], [9, 9, 9])).toBeCloseTo(1, 12);
    expect(binBalance([6, 0, 0], [9, 9, 9])).toBe(0);
    expect(binBalance([1, 0, 1], [9, 9, 9])).toBeCloseTo(1, 12);
    expect(binBalance([], [])).toBe(1);
  });
});

describe("statistics", () => {
  it("have n − 1 in the variance", () => {
    const s = defocusStatistics([4, 2, 1, 3]);
    expect(s.sd).toBeCloseTo(1.290994, 6);
    expect(s.variance).toBeCloseTo(1.666667, 6);
    expect(s).toMatchObject({ median: 2.5, range: 3, min: 1, max: 4, mean: 2.5, count: 4 });
  });

  it("leave undefined what one value or none cannot say", () => {
    expect(defocusStatistics([7])).toMatchObject({ min: 7, mean: 7, sd: NaN, variance: NaN });
    expect(defocusStatistics([])).toMatchObject({ count: 0, min: NaN, mean: NaN });
  });

  it("interpolate percentiles as numpy does", () => {
    expect(percentileOf([0, 10], 0.25)).toBe(2.5);
    expect(percentileOf([1, 2, 3, 4], 1)).toBe(4);
  });
});
