import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  accessTo,
  findOutliers,
  outlierLimits,
  removeBadPixels,
  repairPixels,
} from "#src/math/preprocess/badPixels.ts";
import { anscombe, createDenoiser, denoiseScale } from "#src/math/preprocess/denoise.ts";
import { filterSpectrum, fourierFilterOf } from "#src/math/preprocess/fourierFilter.ts";
import { imageStatistics } from "#src/math/preprocess/imageStatistics.ts";
import { takeLogarithm } from "#src/math/preprocess/logarithm.ts";
import { NO_OPERATIONS } from "#src/domain/preprocess.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import { createRandom } from "#src/math/random.ts";
import { openTestGpu, storageOf } from "#src/testing/gpu.ts";
import type { GpuContext } from "./device.ts";
import { createGpuDenoiser } from "./gpuDenoise.ts";
import { gpuRemoveBadPixels, gpuStatistics, submitWork } from "./gpuImage.ts";
import { createAnscombe } from "./kernels/anscombe.ts";
import { createFilterSpectrum } from "./kernels/filterSpectrum.ts";
import { createScaleOffset } from "./kernels/scaleOffset.ts";
import { createTakeLogarithm } from "./kernels/takeLogarithm.ts";
import { readFloats } from "./readback.ts";

/** Odd sizes, one pixel, and one row more than a workgroup holds. */
const SIZES = [
  [1, 1],
  [37, 23],
  [257, 19],
] as const;

function noise(count: number, seed: number, mean = 400, std = 30): Float32Pixels {
  const random = createRandom(seed);
  return new Float32Array(count).map(() => mean + std * random.normal());
}

describe("micrograph kernels and their twins", () => {
  let gpu: GpuContext;
  beforeAll(async () => {
    gpu = await openTestGpu();
  });
  afterAll(() => gpu.destroy());

  const onDevice = async (
    pixels: Float32Pixels,
    work: (buffer: GPUBuffer) => Promise<void>,
  ): Promise<Float32Pixels> => {
    const buffer = await storageOf(gpu, pixels);
    await work(buffer);
    const result = await readFloats(gpu, buffer, pixels.length);
    gpu.buffers.release(buffer);
    return result;
  };

  it.each(SIZES)("scale, offset and logarithm of %i × %i", async (width, height) => {
    const pixels = noise(width * height, width);
    const scaler = await createScaleOffset(gpu);
    const scaled = await onDevice(pixels, (buffer) =>
      submitWork(gpu, "a test", (encoder) =>
        scaler.encode(encoder, { pixels: buffer, count: pixels.length, scale: -2.5, offset: 7 }),
      ),
    );
    // A product and a sum in single precision.
    expect(scaled).toBeAllclose(
      pixels.map((x) => -2.5 * x + 7),
      { rtol: 3e-7, atol: 1e-5 },
    );
    const log = { a: 4.431, b: 0.402, c: -300 };
    const expected = pixels.slice();
    takeLogarithm(expected, log);
    const kernel = await createTakeLogarithm(gpu);
    const smallest = Math.min(...Array.from(pixels, (x) => x + log.c).filter((x) => x > 0));
    const found = await onDevice(pixels, (buffer) =>
      submitWork(gpu, "a test", (encoder) =>
        kernel.encode(encoder, { pixels: buffer, count: pixels.length, smallest, ...log }),
      ),
    );
    // WGSL's logarithm: 3 units in the last place.
    expect(found).toBeAllclose(expected, { atol: 3e-6 });
  });

  it.each([...SIZES, [4096, 41]] as const)("statistics of %i × %i", async (width, height) => {
    const pixels = noise(width * height, 5, 30000, 20);
    const expected = imageStatistics(pixels);
    await onDevice(pixels, async (buffer) => {
      const found = await gpuStatistics(gpu, buffer, pixels.length);
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
      const found = await onDevice(pixels, async (buffer) => {
        expect(await gpuRemoveBadPixels(gpu, buffer, { width, height }, stddev)).toBe(bad.length);
      });
      expect(found).toBeAllclose(expected, { atol: 1e-6 });
      expect(repairPixels(accessTo(pixels, width), width, height, [])).toBe(0);
    }
  });

  it.each([
    [37, 23, 37, 23],
    [64, 50, 31, 24],
  ] as const)("filters of %i × %i to %i × %i", async (width, height, toWidth, toHeight) => {
    const from = { width, height };
    const to = { width: toWidth, height: toHeight };
    const spectrum = noise(2 * ((width >> 1) + 1) * height, 6, 0, 1);
    const filter = fourierFilterOf(
      {
        ...NO_OPERATIONS,
        gaussian: { sigma: 0.7 },
        highPass: { cutoff: 0.15, transition: 0.1 },
        lowPass: { cutoff: 0.3, transition: 0.15 },
      },
      "default",
    );
    const expected = filterSpectrum(spectrum.slice(), from, to, filter, 0.5);
    const kernel = await createFilterSpectrum(gpu);
    const given = await storageOf(gpu, spectrum);
    const filtered = await gpu.buffers.acquire(4 * expected.length, "filtered");
    await submitWork(gpu, "a test", (encoder) =>
      kernel.encode(encoder, {
        ...{ spectrum: given, filtered, fromColumns: (width >> 1) + 1, from, to, filter },
        scale: 0.5,
      }),
    );
    const found = await readFloats(gpu, filtered, expected.length);
    for (const buffer of [given, filtered]) gpu.buffers.release(buffer);
    // Frequencies in single precision times the slope of the steepest flank (π/2 over 0.1).
    expect(found).toBeAllclose(expected, { atol: 1e-5 });
  });

  it("sharp filters take away what lies exactly on their cutoff", async () => {
    // Columns at 20/200 and rows at 10/100 lie at 0.1, which has no exact single.
    const size = { width: 200, height: 100 };
    const columns = 101;
    const spectrum = new Float32Array(2 * columns * size.height).fill(1);
    const at = (u: number, v: number): number => 2 * (v * columns + u);
    const kernel = await createFilterSpectrum(gpu);
    const band = { cutoff: 0.1, transition: 0 };
    for (const operations of [
      { ...NO_OPERATIONS, highPass: band },
      { ...NO_OPERATIONS, lowPass: band },
    ]) {
      const filter = fourierFilterOf(operations, "xmipp");
      const expected = filterSpectrum(spectrum.slice(), size, size, filter, 1);
      const given = await storageOf(gpu, spectrum);
      const filtered = await gpu.buffers.acquire(4 * spectrum.length, "filtered");
      await submitWork(gpu, "a test", (encoder) =>
        kernel.encode(encoder, {
          ...{ spectrum: given, filtered, fromColumns: columns, from: size, to: size, filter },
          scale: 1,
        }),
      );
      const found = await readFloats(gpu, filtered, spectrum.length);
      for (const buffer of [given, filtered]) gpu.buffers.release(buffer);
      expect([found[at(20, 0)], found[at(0, 10)], found[at(0, 90)]]).toEqual([0, 0, 0]);
      expect(found).toEqual(expected);
    }
  });

  it.each([
    [37, 23],
    [257, 19],
  ] as const)("transform and denoiser of %i × %i", async (width, height) => {
    const pixels = noise(width * height, 9);
    const scale = denoiseScale(imageStatistics(pixels))!;
    const kernel = await createAnscombe(gpu);
    const estimate = await gpu.buffers.acquire(4 * pixels.length, "estimate");
    const transformed = await onDevice(new Float32Array(pixels.length), async (buffer) => {
      const given = await storageOf(gpu, pixels);
      await submitWork(gpu, "a test", (encoder) =>
        kernel.encode(encoder, {
          ...{ pixels: given, transformed: buffer, estimate, count: pixels.length, scale },
        }),
      );
      gpu.buffers.release(given);
    });
    expect(transformed).toBeAllclose(anscombe(pixels, scale, new Float32Array(pixels.length)), {
      atol: 2e-6,
    });
    gpu.buffers.release(estimate);

    const twin = createDenoiser(pixels, width, height, 8);
    twin.advance(8);
    const found = await onDevice(pixels, async (buffer) => {
      const denoiser = await createGpuDenoiser(gpu, buffer, { width, height }, 8);
      while (!denoiser.ended) await denoiser.advance(3);
      await denoiser.finish(buffer, "input");
      const { energies } = denoiser.report();
      twin.report().energies.forEach((energy, i) => {
        expect(Math.abs(energies[i] - energy)).toBeLessThanOrEqual(1e-4 * energy);
      });
      denoiser.release();
    });
    // Eight steps amplify the last digit of single precision; a tenth of a percent of the spread is far above.
    expect(found).toBeAllclose(twin.result("input"), { atol: 1e-3 * scale.range });
  });

  it("a constant image is returned as it is, or as zeros", async () => {
    const pixels = new Float32Array(64).fill(5);
    for (const [kind, value] of [
      ["input", 5],
      ["unit", 0],
    ] as const) {
      const found = await onDevice(pixels, async (buffer) => {
        const denoiser = await createGpuDenoiser(gpu, buffer, { width: 8, height: 8 }, 5);
        expect(denoiser.report().ended).toBe("constant");
        await denoiser.finish(buffer, kind);
        denoiser.release();
      });
      expect(found).toEqual(new Float32Array(64).fill(value));
    }
  });
});
