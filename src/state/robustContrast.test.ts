import { describe, expect, it } from "vitest";
import { summarize } from "#src/math/pictureSummary.ts";
import { noiseImage } from "#src/testing/preprocessing.ts";
import { robustContrast } from "./robustContrast.ts";

describe("contrast of micrographs", () => {
  it("is that of the percentiles for plain noise and constant pictures", () => {
    const noise = summarize({ width: 200, height: 100, data: noiseImage(20_000, 3) });
    expect(robustContrast(noise)).toEqual({ low: noise.low, high: noise.high });
    const flat = summarize({ width: 4, height: 4, data: new Float32Array(16).fill(3) });
    expect(robustContrast(flat)).toEqual({ low: flat.low, high: flat.high });
  });

  it("stays with the specimen where a dark piece takes a tenth of the picture", () => {
    const data = noiseImage(20_000, 4, 100, 10).map((x, i) => (i < 2000 ? x - 1000 : x));
    const summary = summarize({ width: 200, height: 100, data });
    const { low, high } = robustContrast(summary);
    expect(summary.low).toBeLessThan(-850);
    // Five standard deviations of 10 below 100; the piece widens the quartiles and the bins a little.
    expect(low).toBeGreaterThan(20);
    expect(low).toBeLessThan(60);
    expect(high).toBe(summary.high);
  });
});
