import { describe, expect, it } from "vitest";
import type { Float32Pixels } from "#src/domain/movie.ts";
import {
  accessTo,
  findOutliers,
  outlierLimits,
  removeBadPixels,
  repairPixels,
} from "#src/math/preprocess/badPixels.ts";
import { imageStatistics } from "#src/math/preprocess/imageStatistics.ts";
import { createRandom } from "#src/math/random.ts";
import { useTestDevice } from "#src/testing/gpu.ts";
import { normalFloats } from "#src/testing/kernelLines.ts";
import { gpuRemoveBadPixels, gpuStatistics } from "./gpuImage.ts";

const noise = (count: number, seed: number, mean: number, std: number): Float32Pixels =>
  normalFloats(count, seed).map((v) => mean + std * v);

describe("images on the device", () => {
  const device = useTestDevice();

  it.each([
    [1, 1],
    [37, 23],
    [257, 19],
    [4096, 41],
  ] as const)("statistics of %i × %i", async (width, height) => {
    const pixels = noise(width * height, 5, 30_000, 20);
    const expected = imageStatistics(pixels);
    await device.change(pixels, async (buffer) => {
      const found = await gpuStatistics(device.gpu, buffer, pixels.length);
      // Sums of 64 values in single precision, added in double.
      expect(found.mean).toBeCloseTo(expected.mean, 2);
      expect(Math.abs(found.std - expected.std)).toBeLessThanOrEqual(1e-5 * expected.std);
      expect([found.min, found.max]).toEqual([expected.min, expected.max]);
    });
  });

  it("bad pixels, clusters and the border included, also more than the list holds", async () => {
    for (const [width, height, share] of [
      [64, 48, 0.01],
      [600, 500, 0.93],
    ] as const) {
      const random = createRandom(width);
      // With most pixels far below, the limits cut off the majority's own scatter.
      const pixels = new Float32Array(width * height).map(() =>
        share > 0.5
          ? (random.uniform() < 0.5 ? 1 : -1) * (1 + 1e-3 * random.normal())
          : random.normal(),
      );
      if (share < 0.5)
        for (let k = 0; k < share * pixels.length; k++) pixels[random.integer(pixels.length)] = 90;
      const stddev = share > 0.5 ? 0.99 : 5;
      const bad = findOutliers(pixels, outlierLimits(imageStatistics(pixels), stddev));
      const expected = pixels.slice();
      expect(removeBadPixels(expected, width, height, stddev)).toBe(bad.length);
      expect(bad.length).toBeGreaterThan(share > 0.5 ? 1 << 17 : 20);
      const found = await device.change(pixels, async (buffer) => {
        expect(await gpuRemoveBadPixels(device.gpu, buffer, { width, height }, stddev)).toBe(
          bad.length,
        );
      });
      expect(found).toBeAllclose(expected, { atol: 1e-6 });
      expect(repairPixels(accessTo(pixels, width), width, height, [])).toBe(0);
    }
  });
});
