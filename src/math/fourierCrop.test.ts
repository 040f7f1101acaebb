import { describe, expect, it } from "vitest";
import { createRealFft2 } from "./fft.ts";
import { createRandom } from "./random.ts";
import { addWeightedSpectrum, binnedSize, fourierCrop, makeRadialTable } from "./fourierCrop.ts";

describe("fourierCrop", () => {
  for (const [width, height, w, h] of [
    [60, 48, 30, 24],
    [61, 45, 40, 33],
    [64, 64, 23, 50],
  ])
    it(`resamples waves below the new Nyquist exactly (${width} × ${height} to ${w} × ${h})`, () => {
      const wave = (x: number, y: number): number =>
        7 +
        Math.cos(2 * Math.PI * (3 * x + 5 * y) + 0.3) +
        0.5 * Math.sin(2 * Math.PI * (8 * x - 4 * y));
      const draw = (a: number, b: number): Float32Array<ArrayBuffer> =>
        Float32Array.from({ length: a * b }, (_, i) => wave((i % a) / a, Math.floor(i / a) / b));
      // Values of single precision, at most 9.
      expect(fourierCrop(draw(width, height), width, height, w, h)).toBeAllclose(draw(w, h), {
        atol: 2e-5,
      });
    });

  it("keeps the mean, and returns the image itself at factor 1", () => {
    const random = createRandom(1);
    const image = Float32Array.from({ length: 35 * 21 }, () => random.uniform());
    const mean = (a: Float32Array): number => a.reduce((s, v) => s + v, 0) / a.length;
    expect(mean(fourierCrop(image, 35, 21, 17, 10))).toBeCloseTo(mean(image), 6);
    expect(fourierCrop(image, 35, 21, 35, 21)).toBe(image);
    expect(binnedSize(3838, 1.5)).toBe(2558);
    expect(binnedSize(1, 4)).toBe(1);
  });
});

describe("addWeightedSpectrum", () => {
  it("weights each wave by the function at its frequency", () => {
    const [width, height] = [48, 40];
    const wave =
      (u: number, v: number) =>
      (x: number, y: number): number =>
        Math.cos((2 * Math.PI * (u * x)) / width + (2 * Math.PI * (v * y)) / height);
    const [a, b] = [wave(3, 4), wave(10, -6)];
    const draw = (f: (x: number, y: number) => number): Float32Array<ArrayBuffer> =>
      Float32Array.from({ length: width * height }, (_, i) => f(i % width, Math.floor(i / width)));
    const weight = (f: number): number => 1 - f;
    const table = makeRadialTable(weight, 1);
    const total = new Float32Array(2 * 25 * height);
    addWeightedSpectrum(
      total,
      draw((x, y) => a(x, y) + b(x, y)),
      width,
      height,
      width,
      height,
      table,
    );
    const fa = Math.hypot(3 / width, 4 / height);
    const fb = Math.hypot(10 / width, 6 / height);
    expect(createRealFft2(width, height).inverse(total)).toBeAllclose(
      draw((x, y) => weight(fa) * a(x, y) + weight(fb) * b(x, y)),
      { atol: 1e-5 },
    );
  });
});
