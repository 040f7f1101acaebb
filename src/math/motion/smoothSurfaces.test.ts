import { describe, expect, it } from "vitest";
import type { Surfaces } from "./fitModel.ts";
import { patchRingCount } from "./patchEngine.ts";
import { patchWeights } from "./patchWeights.ts";
import { smoothedCurvature, smoothSurfaces } from "./smoothSurfaces.ts";

const SIDE = 32;
const FRAMES = 6;

/** Weights of white noise and a specimen that falls off. */
const weights = patchWeights(
  {
    together: Float64Array.from(
      { length: patchRingCount(SIDE) },
      (_, r) => FRAMES * r * (1 + 20 * Math.exp(-r / 4)),
    ),
    single: Float64Array.from(
      { length: patchRingCount(SIDE) },
      (_, r) => FRAMES * r * (1 + 3 * Math.exp(-r / 4)),
    ),
  },
  SIDE,
  10,
  FRAMES,
  0.5,
);

describe("smoothed surfaces", () => {
  it("weaken a wave as the Gaussian of its frequency", () => {
    const radius = 8;
    const width = 2 * radius + 1;
    const sigma = 1.5;
    const wave = 0.5;
    const coefficients = Float32Array.from({ length: 2 * width * width }, (_, i) =>
      Math.cos(wave * ((i % width) - radius)),
    );
    const surfaces: Surfaces = {
      ...{ coefficients, patches: 1, frames: 2, radius, curvature: 1, trust: null },
    };
    const smooth = smoothSurfaces(surfaces, sigma, 0.5);
    const middle = radius * width + radius;
    // The kernel ends at 3 σ or a little more: 0.3 % of it are missing.
    const expected = Math.exp(-0.5 * (sigma * wave) ** 2);
    for (const at of [middle, middle + 1, middle - 2, width * width + middle])
      expect(smooth.coefficients[at]).toBeCloseTo(expected * coefficients[at], 2);
    expect(smooth.curvature).toBe(0.5);
  });

  it("keep what is constant, edges included", () => {
    const coefficients = new Float32Array(17 * 17).fill(3);
    const smooth = smoothSurfaces(
      { coefficients, patches: 1, frames: 1, radius: 8, curvature: 1, trust: null },
      3,
      1,
    );
    for (const value of smooth.coefficients) expect(value).toBeCloseTo(3, 5);
  });

  it("have the curvature of the weights where nothing is smoothed, and less beyond", () => {
    expect(weights.curvature).toBeGreaterThan(0);
    expect(smoothedCurvature(weights, SIDE, FRAMES, 0)).toBeCloseTo(weights.curvature, 5);
    const [less, least] = [1.5, 3].map((sigma) => smoothedCurvature(weights, SIDE, FRAMES, sigma));
    expect(less).toBeLessThan(weights.curvature);
    expect(least).toBeLessThan(less);
    expect(least).toBeGreaterThan(0);
  });
});
