import { describe, expect, it } from "vitest";
import {
  averageWeights,
  createReference,
  firstStep,
  halfKernel,
  lastOfRanks,
  meanOverRanks,
} from "./quantiles.ts";

describe("quantile references", () => {
  const reference = createReference(Float64Array.of(1, 2, 4, 8));

  it("average over ranks of full lines and of lines with fewer values", () => {
    expect(meanOverRanks(reference, 0, 1, 4)).toBe(1);
    expect(meanOverRanks(reference, 1, 4, 4)).toBeCloseTo(14 / 3, 12);
    // Two values share four steps: [0, 2) and [2, 4).
    expect(meanOverRanks(reference, 0, 1, 2)).toBeCloseTo(1.5, 12);
    expect(meanOverRanks(reference, 1, 2, 2)).toBeCloseTo(6, 12);
    // Three values: the second has the second half of… steps 4/3 to 8/3: (2/3·2 + 2/3·4) / (4/3).
    expect(meanOverRanks(reference, 1, 2, 3)).toBeCloseTo(3, 12);
    expect(lastOfRanks(reference, 4, 4)).toBe(8);
    expect(lastOfRanks(reference, 2, 4)).toBe(2);
  });

  it("keeps the mean of a line whatever its ties", () => {
    for (const cuts of [
      [0, 1, 2, 3, 4],
      [0, 4],
      [0, 1, 4],
      [0, 3, 4],
    ]) {
      let sum = 0;
      for (let i = 1; i < cuts.length; i++)
        sum += (cuts[i] - cuts[i - 1]) * meanOverRanks(reference, cuts[i - 1], cuts[i], 4);
      expect(sum).toBeCloseTo(15, 12);
    }
  });

  it("reads short lines at the middle of steps", () => {
    expect([0, 1, 2].map((rank) => firstStep(rank, 2, 4))).toEqual([0, 2, 4]);
    expect([0, 1, 2, 3].map((rank) => firstStep(rank, 3, 3))).toEqual([0, 1, 2, 3]);
  });

  it("weighs lines as the smoothing cut at the border makes them count", () => {
    expect([...averageWeights(0, 5)]).toEqual([1, 1, 1, 1, 1]);
    const weights = averageWeights(1, 30);
    expect(weights.reduce((s, w) => s + w, 0)).toBeCloseTo(30, 12);
    expect(weights[15]).toBeCloseTo(1, 12);
    expect(weights[0]).not.toBeCloseTo(1, 2);
    // The list of the reference program: K = ceil(3σ).
    expect([0, 0.5, 1, 1.5, 2, 2.5, 3].map((s) => halfKernel(s).length - 1)).toEqual([
      0, 2, 3, 5, 6, 8, 9,
    ]);
  });
});
