import { describe, expect, it } from "vitest";
import { flatFloors, gainHistogram } from "./gainHistogram.ts";

describe("gainHistogram", () => {
  it("counts good pixels only and leaves out what lies beyond the ends", () => {
    const values = Float32Array.of(0.55, 0.55, 1.45, 1.45, 9, 1);
    const bad = Uint8Array.of(0, 0, 0, 0, 0, 1);
    const { histogram } = gainHistogram(values, bad, { from: 0.5, to: 1.5 }, null);
    expect(histogram.counts.reduce((a, b) => a + b)).toBe(4);
    expect(histogram.counts[8]).toBe(2);
    expect(histogram.counts[152]).toBe(2);
  });

  it("gives the flat detector the same area as the pixels", () => {
    const values = new Float32Array(10_000).fill(1);
    const { flat } = gainHistogram(values, new Uint8Array(10_000), { from: 0.5, to: 1.5 }, 0.05);
    // Ten standard deviations lie within the ends: the sum of the bins is the integral to 1e-9.
    expect(flat?.reduce((a, b) => a + b)).toBeCloseTo(10_000, 3);
  });
});

describe("flatFloors", () => {
  it("are the noise itself, the ratio of its percentiles, and above 1 for the peak", () => {
    const floors = flatFloors(0.1, 1024 * 1024);
    expect(floors.std).toBe(0.1);
    expect(floors.spread).toBeCloseTo(Math.exp(0.392), 12);
    // q = √(2 ln 2²⁰) = 5.2655; (1 + 0.52655 + 0.04621)/(1.196) = 1.3150
    expect(floors.peak).toBeCloseTo(1.315, 3);
  });

  it("are unknown without noise", () => {
    expect(flatFloors(null, 100)).toEqual({ std: null, spread: null, peak: null });
  });
});
