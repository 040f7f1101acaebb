import { describe, expect, it } from "vitest";
import { motionErrorPx, squaredCorrelation } from "./score.ts";
import { simulateMotion } from "./simulatedMotion.ts";

const options = {
  width: 200,
  height: 160,
  frames: 6,
  seed: 5,
  movieIndex: 0,
  driftPx: 8,
  jitterPx: 0.2,
  localPx: 3,
  jerky: false,
};

describe("motionErrorPx", () => {
  it("is 0 for the truth, and for the truth seen from another frame of a movie that moves as one", () => {
    const truth = simulateMotion(options);
    expect(motionErrorPx(truth, truth)).toBe(0);
    const rigid = simulateMotion({ ...options, localPx: 0 });
    expect(motionErrorPx({ ...rigid, referenceFrame: 3 }, rigid)).toBeLessThan(1e-12);
  });

  it("is the rms of what is missing, its mean over time taken off", () => {
    const truth = simulateMotion({ ...options, localPx: 0 });
    const none = { ...truth, globalX: new Float64Array(6), globalY: new Float64Array(6) };
    const variance = (v: Float64Array): number => {
      const mean = v.reduce((s, x) => s + x, 0) / 6;
      return v.reduce((s, x) => s + (x - mean) ** 2, 0) / 6;
    };
    expect(motionErrorPx(none, truth)).toBeCloseTo(
      Math.sqrt(variance(truth.globalX) + variance(truth.globalY)),
      12,
    );
  });

  it("compares the frames that were aligned", () => {
    const truth = simulateMotion({ ...options, localPx: 0 });
    const part = {
      ...truth,
      frameIndices: [2, 3, 4],
      globalX: truth.globalX.slice(2, 5),
      globalY: truth.globalY.slice(2, 5),
    };
    expect(motionErrorPx(part, truth)).toBeLessThan(1e-12);
  });
});

describe("squaredCorrelation", () => {
  it("ignores bad pixels, scale and offset", () => {
    const a = Float32Array.of(1, 2, 3, 4, 99);
    const b = a.map((v, i) => (i === 4 ? -7 : 3 - 2 * v));
    expect(squaredCorrelation(a, b, [0, 0, 0, 0, 1])).toBeCloseTo(1, 12);
    expect(squaredCorrelation(a, Float32Array.of(1, -1, -1, 1, 5), [0, 0, 0, 0, 1])).toBe(0);
  });
});
