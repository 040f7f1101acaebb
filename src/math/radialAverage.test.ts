import { describe, expect, it } from "vitest";
import { createRealFft2, halfWidth, signedIndex } from "./fft.ts";
import { powerOfSpectrum, radialAverage } from "./radialAverage.ts";
import { createRandom } from "./random.ts";

describe("radialAverage", () => {
  it.each([
    [16, 16],
    [15, 20],
    [9, 8],
  ])("averages the full plane at %i × %i", (width, height) => {
    const random = createRandom(width);
    const image = Float64Array.from({ length: width * height }, () => random.normal());
    const power = powerOfSpectrum(createRealFft2(width, height).forward(image));
    const found = radialAverage(power, width, height);
    const rings = Math.floor(Math.min(width, height) / 2) + 1;
    const sum = new Float64Array(rings);
    const count = new Float64Array(rings);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const kx = signedIndex(x, width);
        const ky = signedIndex(y, height);
        const ring = Math.round(Math.hypot(kx / width, ky / height) * 2 * (rings - 1));
        if (ring >= rings) continue;
        // Friedel: a bin of negative kx is that of the opposite direction.
        const row = kx < 0 ? (height - y) % height : y;
        sum[ring] += power[row * halfWidth(width) + Math.abs(kx)];
        count[ring]++;
      }
    expect(found.count).toBeAllclose(count);
    expect(found.mean).toBeAllclose(
      sum.map((s, i) => (count[i] > 0 ? s / count[i] : 0)),
      { rtol: 1e-12 },
    );
    expect(found.frequency[rings - 1]).toBe(0.5);
  });

  it("is flat for white noise, at the variance times the pixels", () => {
    const n = 128;
    const random = createRandom(4);
    const image = Float64Array.from({ length: n * n }, () => 3 * random.normal());
    const { mean, count } = radialAverage(
      powerOfSpectrum(createRealFft2(n, n).forward(image)),
      n,
      n,
    );
    // Power is exponential: a ring of c bins (half of them independent) has relative sd √(2/c).
    for (let i = 4; i < mean.length; i++)
      expect(Math.abs(mean[i] / (9 * n * n) - 1)).toBeLessThan(5 * Math.sqrt(2 / count[i]));
  });
});
