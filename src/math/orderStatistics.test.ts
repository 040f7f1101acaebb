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

  it("equals sorting for many values: spread, tied, heavy-tailed, masked", () => {
    const n = 150_000;
    const kinds = {
      normal: () => random.normal(),
      tied: () => random.poisson(6),
      tailed: () => Math.sinh(4 * random.normal()),
      nearOne: () => 1 + 0.01 * random.normal(),
    };
    const fractions = [0, 1e-6, 0.025, 0.25, 0.5, 0.75, 0.975, 0.9999, 1];
    for (const draw of Object.values(kinds)) {
      const values = Float32Array.from({ length: n }, draw);
      expect(quantiles(values, fractions)).toBeAllclose(
        fractions.map((q) => sortedQuantile([...values], q)),
        { rtol: 1e-12 },
      );
    }
    const values = Float32Array.from({ length: 2 * n }, () => random.normal());
    const mask = Uint8Array.from(values, (_, i) => (i % 16 === 0 ? 0 : 1));
    const selected = [...values].filter((_, i) => mask[i] !== 0);
    expect(quantiles(values, fractions, mask)).toBeAllclose(
      fractions.map((q) => sortedQuantile(selected, q)),
      { rtol: 1e-12 },
    );
    expect(median(new Float32Array(2 * n).fill(3))).toBe(3);
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
