import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFft, realFft2 } from "#src/math/fft.ts";
import { createRandom } from "#src/math/random.ts";
import { openTestGpu, storageOf } from "#src/testing/gpu.ts";
import type { GpuContext } from "./device.ts";
import { gpuFft, gpuRadices } from "./gpuFft.ts";
import { createGpuFourier } from "./gpuFourier.ts";
import { readFloats } from "./readback.ts";

function noise(length: number, seed: number): Float32Array<ArrayBuffer> {
  const random = createRandom(seed);
  return Float32Array.from({ length }, () => random.normal());
}

/** Root mean square of the difference, relative to the expected values. */
function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  let difference = 0;
  let power = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += (found[i] - expected[i]) ** 2;
    power += expected[i] ** 2;
  }
  return Math.sqrt(difference / power);
}

/**
 * Single precision passes: each rounds twice or three times at 2⁻²⁴ = 6e-8, errors adding as √passes; a
 * chirp-z transform is two such transforms of twice the length.
 */
const TOLERANCE = 6e-7;

describe("Fourier transforms on the device", () => {
  let gpu: GpuContext;
  beforeAll(async () => {
    gpu = await openTestGpu();
  });
  afterAll(() => gpu.destroy());

  it("plans 2, 3, 5 and 7 directly and everything else by chirp-z", () => {
    expect(gpuRadices(4096)).toEqual([8, 8, 8, 8]);
    expect(gpuRadices(2 * 4 * 9 * 5 * 7)).toEqual([8, 3, 3, 5, 7]);
    expect(gpuRadices(1)).toEqual([]);
    expect(gpuRadices(11)).toBeNull();
    expect(gpuRadices(3838)).toBeNull();
  });

  const lengths = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 31, 49, 64, 97, 105, 210, 1009, 2048, 3838,
    4096, 5760, 11520,
  ];
  it.each(lengths)("agree with the twin at length %i, rows and columns", async (n) => {
    const batch = 3;
    const fft = await gpuFft(gpu, n);
    const x = noise(2 * n * batch, n);
    for (const layout of [
      { batchStride: n, elementStride: 1 },
      { batchStride: 1, elementStride: batch },
    ]) {
      const expected = Float64Array.from(x);
      createFft(n).forward(expected, {
        batch,
        batchStride: layout.batchStride,
        stride: layout.elementStride,
      });
      const data = await storageOf(gpu, x);
      const spare = await storageOf(gpu, x);
      const run = async (inverse: boolean, a: GPUBuffer, b: GPUBuffer): Promise<GPUBuffer> =>
        await gpu.scoped("a test", () => {
          const encoder = gpu.device.createCommandEncoder();
          const args = { ...layout, batch, firstBatch: 0, data: a, spare: b, inverse };
          const result = fft.encode(encoder, args);
          gpu.submit(encoder);
          return result;
        });
      const spectrum = await run(false, data, spare);
      expect(relativeError(await readFloats(gpu, spectrum, x.length), expected)).toBeLessThan(
        TOLERANCE,
      );
      const back = await run(true, spectrum, spectrum === data ? spare : data);
      expect(relativeError(await readFloats(gpu, back, x.length), x)).toBeLessThan(2 * TOLERANCE);
      for (const buffer of [data, spare]) gpu.buffers.release(buffer);
    }
  });

  it.each([
    [1, 1],
    [1, 97],
    [97, 1],
    [2, 3],
    [31, 33],
    [64, 48],
    [101, 53],
    [127, 30],
    [383, 371],
    [512, 480],
  ])("transform real images of %i × %i as the twin does", async (width, height) => {
    const fourier = createGpuFourier(() => Promise.resolve(gpu));
    const image = noise(width * height, width + height);
    const size = { width, height };
    const expected = realFft2(width, height).forward(Float64Array.from(image));
    const spectrum = await fourier.forward(image.slice(), size);
    expect(relativeError(spectrum, expected)).toBeLessThan(TOLERANCE * Math.SQRT2);
    expect(relativeError(await fourier.inverse(spectrum, size), image)).toBeLessThan(3 * TOLERANCE);
    if (width < 4 || height < 4) return;
    for (const crop of [
      { width: width >> 1, height: height >> 1 },
      { width: 4, height: 3 },
      { width: width - 1, height },
    ]) {
      const cut = realFft2(width, height).forwardCropped(
        Float64Array.from(image),
        crop.width,
        crop.height,
      );
      const found = await fourier.forwardCropped(image.slice(), size, crop);
      expect(relativeError(found, cut)).toBeLessThan(TOLERANCE * Math.SQRT2);
    }
  });

  it("hold at a large size, one axis prime: an impulse", async () => {
    const width = 1536;
    const height = 509;
    const fourier = createGpuFourier(() => Promise.resolve(gpu));
    const image = new Float32Array(width * height);
    image[300 * width + 1000] = 1;
    const spectrum = await fourier.forward(image, { width, height });
    const columns = width / 2 + 1;
    for (const [row, k] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [377, 700],
      [508, 767],
    ]) {
      const angle = -2 * Math.PI * ((k * 1000) / width + (row * 300) / height);
      // Values of an impulse are one: absolute error of a few roundings.
      expect(spectrum[2 * (row * columns + k)]).toBeCloseTo(Math.cos(angle), 5);
      expect(spectrum[2 * (row * columns + k) + 1]).toBeCloseTo(Math.sin(angle), 5);
    }
  });

  it("gives every buffer back and says which size does not fit", async () => {
    const fourier = createGpuFourier(() => Promise.resolve(gpu));
    await fourier.forward(noise(30 * 20, 1), { width: 30, height: 20 });
    const used = gpu.buffers.usedBytes;
    await fourier.forward(noise(30 * 20, 1), { width: 30, height: 20 });
    expect(gpu.buffers.usedBytes).toBe(used);
    expect(() => fourier.forward(noise(10, 1), { width: 30, height: 20 })).toThrow("600 expected");
  });
});
