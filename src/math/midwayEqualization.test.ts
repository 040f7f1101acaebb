import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";
import { rangeOf, rankByHistograms } from "./histogramLines.ts";
import { createLineRanker } from "./sortedLines.ts";
import { createReference } from "./quantiles.ts";
import { createEqualizedDirection, referenceOf } from "./midwayEqualization.ts";
import type { LineBand } from "./equalizedLines.ts";

const band = (lines: number, length: number): LineBand => ({
  length,
  lines,
  firstLine: 0,
  totalLines: lines,
  innerStart: 0,
  innerEnd: lines,
});

describe("histograms and sorting", () => {
  it("rank integers alike, with and without bad pixels", () => {
    const random = createRandom(8);
    const shape = band(12, 50);
    const pixels = new Uint16Array(600).map(() => 40 + random.poisson(9));
    const mask = new Uint8Array(600).map(() => (random.uniform() < 0.2 ? 1 : 0));
    const weights = [new Float64Array(12).fill(1), new Float64Array(12).map((_, i) => 1 + i / 12)];
    for (const bad of [null, mask])
      for (const ties of ["mean", "last"] as const) {
        const a = rankByHistograms(pixels, bad, shape, rangeOf(pixels), ties, weights);
        const b = createLineRanker(shape, ties, true).rank(
          { pixels, factor: null, divide: false, bad },
          weights,
        );
        weights.forEach((_, s) => {
          expect(a.sums[s].steps).toBeAllclose(b.sums[s].steps, { atol: 1e-9 });
          expect(a.sums[s].weight).toBeCloseTo(b.sums[s].weight, 12);
        });
        const reference = createReference(Float64Array.from({ length: 50 }, (_, r) => r * r));
        const [outA, outB] = [new Float64Array(600), new Float64Array(600)];
        for (let line = 0; line < 12; line++) {
          a.equalize(line, reference, outA, line * 50);
          b.equalize(line, reference, outB, line * 50);
        }
        expect(outA).toBeAllclose(outB, { atol: 1e-9 });
      }
  });

  it("agree however the lines are cut into bands", () => {
    const random = createRandom(9);
    const pixels = new Float32Array(20 * 16).map(() => random.normal());
    const options = {
      reference: "neighbours",
      sigmas: [1, 2],
      ties: "mean",
      precise: false,
    } as const;
    const whole = createEqualizedDirection(band(20, 16), options);
    const all = { pixels, factor: null, divide: false, bad: null };
    const ranked = whole.rank(all);
    const expected = new Float64Array(320);
    whole.equalize(ranked, null, 2, expected);
    const variation = whole.variation(ranked, null, null);
    const found = new Float64Array(320);
    const sums = [0, 0];
    for (const [start, end] of [
      [0, 9],
      [9, 20],
    ]) {
      const first = Math.max(0, start - 7);
      const last = Math.min(20, end + 7);
      const part = createEqualizedDirection(
        {
          length: 16,
          lines: last - first,
          firstLine: first,
          totalLines: 20,
          innerStart: start - first,
          innerEnd: end - first,
        },
        options,
      );
      const lines = part.rank({ ...all, pixels: pixels.slice(first * 16, last * 16) });
      part.equalize(lines, null, 2, found.subarray(start * 16, end * 16));
      part.variation(lines, null, null).forEach((v, s) => (sums[s] += v));
    }
    expect(found).toBeAllclose(expected, { atol: 1e-12 });
    expect(sums).toBeAllclose(variation, { rtol: 1e-12 });
  });

  it("make one reference of the sums of all bands", () => {
    const { steps, sums } = referenceOf([
      { steps: Float64Array.of(2, 4), weight: 2 },
      { steps: Float64Array.of(1, 5), weight: 1 },
    ]);
    expect([...steps]).toEqual([1, 3]);
    expect([...sums]).toEqual([0, 1, 4]);
  });
});
