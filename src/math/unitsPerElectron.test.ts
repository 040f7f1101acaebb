import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";
import { pairUnits, unitsOfPairs } from "./unitsPerElectron.ts";

describe("units per electron", () => {
  it.each([
    [1, 0.8],
    [32, 8],
    [7, 20],
  ])("finds %f units at %f electrons a pixel", (units, mean) => {
    const random = createRandom(3);
    const frame = () => Float32Array.from({ length: 40000 }, () => units * random.poisson(mean));
    const values = Array.from({ length: 5 }, () => pairUnits(frame(), frame(), null));
    // The variance of 40 000 differences is known to 1 %; 4 % leaves four standard errors.
    expect(unitsOfPairs(values) / units).toBeGreaterThan(0.96);
    expect(unitsOfPairs(values) / units).toBeLessThan(1.04);
  });

  it("says one unit of blank frames", () => {
    const blank = new Uint8Array(16);
    expect(pairUnits(blank, blank, null)).toBeNaN();
    expect(unitsOfPairs([NaN])).toBe(1);
  });
});
