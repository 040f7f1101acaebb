import { describe, expect, it } from "vitest";
import type { Float32Pixels } from "#src/domain/movie.ts";
import { createDenoiser } from "#src/math/preprocess/denoise.ts";
import { imageStatistics } from "#src/math/preprocess/imageStatistics.ts";
import { useTestDevice } from "#src/testing/gpu.ts";
import { normalFloats } from "#src/testing/kernelLines.ts";
import { createGpuDenoiser } from "./gpuDenoise.ts";

const noise = (count: number, seed: number, mean: number, std: number): Float32Pixels =>
  normalFloats(count, seed).map((v) => mean + std * v);

describe("the denoiser on the device", () => {
  const device = useTestDevice();

  it.each([
    [37, 23],
    [257, 19],
  ] as const)("follows the twin, %i × %i", async (width, height) => {
    const pixels = noise(width * height, 9, 400, 30);
    const { min, max } = imageStatistics(pixels);
    const twin = createDenoiser(pixels, width, 8);
    twin.advance(8);
    const found = await device.change(pixels, async (buffer) => {
      const denoiser = await createGpuDenoiser(device.gpu, buffer, { width, height }, 8);
      while (!denoiser.ended) await denoiser.advance(3);
      await denoiser.finish(buffer, "input");
      const { energies } = denoiser.report();
      twin.report().energies.forEach((energy, i) => {
        expect(Math.abs(energies[i] - energy)).toBeLessThanOrEqual(1e-4 * energy);
      });
      denoiser.release();
    });
    // Eight steps amplify the last digit of single precision; a tenth of a percent of the spread is far above.
    expect(found).toBeAllclose(twin.result("input"), { atol: 1e-3 * (max - min) });
  });

  it("a constant image is returned as it is, or as zeros", async () => {
    const pixels = new Float32Array(64).fill(5);
    for (const [kind, value] of [
      ["input", 5],
      ["unit", 0],
    ] as const) {
      const found = await device.change(pixels, async (buffer) => {
        const denoiser = await createGpuDenoiser(device.gpu, buffer, { width: 8, height: 8 }, 5);
        expect(denoiser.report().ended).toBe("constant");
        await denoiser.finish(buffer, kind);
        denoiser.release();
      });
      expect(found).toEqual(new Float32Array(64).fill(value));
    }
  });
});
