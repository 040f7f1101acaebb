import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";
import { median, quantiles } from "./orderStatistics.ts";

const random = createRandom(11);

function sortedQuantile(values: number[], q: number): number {
  const a = [...values].sort((x, y) => x - y);
  const at = q * (a.length - 1);
  const low = Math.floor(at);
  return a[low] + (a[Math.ceil(at)] - a[low]) * (at - low);
}

describe("quantiles", () => {
  it.each([1, 2, 3, 10, 999, 4096])("equals sorting, %i values", (n) => {
    const values = Float32Array.from({ length: n }, () => random.normal() * 100);
    const fractions = [0, 0.025, 0.25, 0.5, 0.75, 0.975, 1];
    expect(quantiles(values, fractions)).toBeAllclose(
      fractions.map((q) => sortedQuantile([...values], q)),
      { rtol: 1e-12 },
    );
  });

  it("copes with ties, signs and zeros", () => {
    expect(quantiles(Float32Array.of(0, 0, -0, 5, 5, -7), [0, 0.5, 1])).toEqual([-7, 0, 5]);
  });

  it("counts only what the mask selects, and says NaN of nothing", () => {
    const values = Float32Array.of(9, 1, 9, 3, 9);
    expect(median(values, Uint8Array.of(0, 1, 0, 1, 0))).toBe(2);
    expect(median(values, new Uint8Array(5))).toBeNaN();
  });
});
