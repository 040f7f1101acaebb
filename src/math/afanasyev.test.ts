import { describe, expect, it } from "vitest";
import { createPixelDeviations } from "./afanasyev.ts";
import { createRandom } from "./random.ts";

describe("the estimate from deviations", () => {
  it("is the standard deviation over frames of mean 1, scaled to mean 1", () => {
    const deviations = createPixelDeviations(3);
    // Mean of each frame 2, 4, 2: relative 1/2, 1, 3/2 | 1/2, 2, 1/2 | 1, 1, 1.
    for (const frame of [
      [1, 2, 3],
      [2, 8, 2],
      [2, 2, 2],
    ])
      deviations.add(frame);
    const sd = (v: number[]): number => {
      const mean = v.reduce((s, x) => s + x, 0) / v.length;
      return Math.sqrt(v.reduce((s, x) => s + (x - mean) ** 2, 0) / v.length);
    };
    const expected = [sd([0.5, 0.5, 1]), sd([1, 2, 1]), sd([1.5, 0.5, 1])];
    const scale = expected.reduce((s, x) => s + x, 0) / 3;
    expect(deviations.finish(new Uint8Array(3))).toBeAllclose(
      expected.map((x) => x / scale),
      { rtol: 1e-6 },
    );
  });

  it("follows the gain of counted electrons by its square root's noise, and needs three frames", () => {
    const random = createRandom(2);
    const deviations = createPixelDeviations(2000);
    const gain = (i: number): number => (i % 2 === 0 ? 1.2 : 0.8);
    for (let t = 0; t < 2; t++) deviations.add(new Float32Array(2000).map((_, i) => gain(i)));
    expect(deviations.finish(new Uint8Array(2000))).toBeNull();
    const noisy = createPixelDeviations(2000);
    for (let t = 0; t < 60; t++)
      noisy.add(new Float32Array(2000).map((_, i) => random.poisson(50) * gain(i)));
    const result = noisy.finish(new Uint8Array(2000)) ?? new Float32Array(2000);
    const mean = (odd: number): number =>
      result.reduce((s, v, i) => (i % 2 === odd ? s + v : s), 0) / 1000;
    // An integrating camera scales the noise with the gain: 1.2 against 0.8.
    expect(mean(0) / mean(1)).toBeCloseTo(1.5, 1);
  });
});
