import { describe, expect, it } from "vitest";
import { compareGains } from "./compareGains.ts";

const good = (n: number) => new Uint8Array(n);

describe("compareGains", () => {
  it("finds the scale of a copy: r² 1, slope of the amplitude, whatever the means", () => {
    const reference = Float32Array.of(0.9, 1, 1.1, 1);
    const estimate = Float32Array.from(reference, (r) => 3 * (1 + 0.5 * (r - 1)));
    const found = compareGains(
      { values: estimate, bad: good(4) },
      { values: reference, bad: good(4) },
    );
    expect(found.r2).toBeCloseTo(1, 6);
    expect(found.slope).toBeCloseTo(0.5, 6);
    expect(found.pixels).toBe(4);
    expect(found.referenceStd).toBeCloseTo(Math.sqrt(0.005), 6);
  });

  it("leaves out pixels that are bad in either", () => {
    const found = compareGains(
      { values: Float32Array.of(0.9, 1.1, 50, 1, 1), bad: Uint8Array.of(0, 0, 1, 0, 0) },
      { values: Float32Array.of(0.9, 1.1, 1, 0, 1), bad: Uint8Array.of(0, 0, 0, 1, 0) },
    );
    expect(found.pixels).toBe(3);
    expect(found.r2).toBeCloseTo(1, 6);
  });
});
