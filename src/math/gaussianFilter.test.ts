import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";
import {
  gaussianFilter,
  gaussianWeights,
  maskedGaussianFilter,
  mirrorIndex,
} from "./gaussianFilter.ts";

const width = 37;
const height = 23;
const random = createRandom(5);
const image = Float32Array.from({ length: width * height }, () => random.normal());

function naive(a: ArrayLike<number>, w: number, h: number, sigma: number): number[] {
  const k = gaussianWeights(sigma);
  const r = k.length - 1;
  return Array.from({ length: w * h }, (_, i) => {
    let sum = 0;
    for (let dy = -r; dy <= r; dy++)
      for (let dx = -r; dx <= r; dx++)
        sum +=
          k[Math.abs(dy)] *
          k[Math.abs(dx)] *
          a[mirrorIndex(Math.floor(i / w) + dy, h) * w + mirrorIndex((i % w) + dx, w)];
    return sum;
  });
}

describe("gaussianFilter", () => {
  it.each([0.8, 1.5, 4])("equals the plain double sum, sigma %f", (sigma) => {
    // float32 storage of values of order one: 1e-6.
    expect(gaussianFilter(image, width, height, sigma)).toBeAllclose(
      naive(image, width, height, sigma),
      { atol: 1e-6 },
    );
  });

  it("keeps a constant, also where the kernel is longer than the image", () => {
    const flat = new Float32Array(5 * 3).fill(2.5);
    expect(gaussianFilter(flat, 5, 3, 4)).toBeAllclose(flat, { atol: 1e-6 });
  });

  it.each([3, 400])("leaves %i bad pixels out", (count) => {
    const good = new Uint8Array(image.length).fill(1);
    for (let i = 0; i < count; i++) good[random.integer(good.length)] = 0;
    good[0] = 0; // a corner: its mirror images count
    const masked = image.map((v, i) => v * good[i]);
    const numerator = naive(masked, width, height, 1.5);
    const denominator = naive(good, width, height, 1.5);
    expect(maskedGaussianFilter(image, good, width, height, 1.5)).toBeAllclose(
      numerator.map((v, i) => v / Math.max(denominator[i], 1e-3)),
      { atol: 2e-5, rtol: 1e-4 },
    );
  });
});
