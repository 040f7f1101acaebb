import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRandom } from "#src/math/random.ts";
import { openTestGpu, storageOf } from "#src/testing/gpu.ts";
import type { GpuContext } from "../device.ts";
import { readFloats } from "../readback.ts";
import { createLayLines } from "./layLines.ts";
import { createLineVariation } from "./lineVariation.ts";
import { createQuantileReferences } from "./quantileReferences.ts";
import { createSortLines } from "./sortLines.ts";

const random = createRandom(23);
const noise = (n: number) => Float32Array.from({ length: n }, () => Math.fround(random.normal()));

/** Lines of the sizes that break kernels: single values, odd lengths, more lines than one dispatch takes. */
const shapes = [
  [1, 1],
  [1, 37],
  [5, 16],
  [3, 17],
  [7, 1000],
  [1100, 33],
] as const;

describe("kernels of midway equalization", () => {
  let gpu: GpuContext;
  beforeAll(async () => {
    gpu = await openTestGpu();
  });
  afterAll(() => gpu.destroy());

  it.each(shapes)("sorts each line, %i of %i", async (lines, length) => {
    const values = noise(lines * length);
    values.fill(0.25, 0, Math.floor(length / 3)); // ties
    const sorter = await createSortLines(gpu);
    const source = await storageOf(gpu, values);
    const buffers = [await storageOf(gpu, values), await storageOf(gpu, values)] as const;
    let result = buffers[0];
    await gpu.scoped("a test", () => {
      const encoder = gpu.device.createCommandEncoder();
      result = sorter.encode(encoder, { source, buffers, lines, length });
      gpu.submit(encoder);
    });
    const expected = new Float32Array(values.length);
    for (let l = 0; l < lines; l++)
      expected.set(values.slice(l * length, (l + 1) * length).sort(), l * length);
    // Sorting moves values and changes none.
    expect(await readFloats(gpu, result, values.length)).toEqual(expected);
    expect(await readFloats(gpu, source, values.length)).toEqual(values);
    for (const buffer of [source, ...buffers]) gpu.buffers.release(buffer);
  });

  it.each([
    [1, 1],
    [17, 5],
    [40, 33],
  ])("lays %i × %i images out as rows and as columns", async (width, height) => {
    const values = noise(width * height);
    const layer = await createLayLines(gpu);
    const image = await storageOf(gpu, values);
    for (const columns of [false, true]) {
      const lines = await storageOf(gpu, new Float32Array(values.length));
      await gpu.scoped("a test", () => {
        const encoder = gpu.device.createCommandEncoder();
        layer.encode(encoder, { image, bad: null, lines, width, height, columns });
        gpu.submit(encoder);
      });
      const expected = Float32Array.from(values, (_, i) =>
        columns ? values[(i % height) * width + Math.floor(i / height)] : values[i],
      );
      expect(await readFloats(gpu, lines, values.length)).toEqual(expected);
      gpu.buffers.release(lines);
    }
    gpu.buffers.release(image);
  });

  it.each(shapes)("measures the variation across %i lines of %i", async (lines, length) => {
    const values = noise(lines * length);
    const meter = await createLineVariation(gpu);
    const buffer = await storageOf(gpu, values);
    const found = await meter.measure({ values: buffer, masked: buffer, lines, length });
    let expected = 0;
    for (let i = length; i < values.length; i++)
      expected += Math.abs(values[i] - values[i - length]);
    // Partial sums of a few hundred values in single precision: 1e-5 of the sum.
    expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-5 * expected);
    gpu.buffers.release(buffer);
  });

  it.each(shapes)("averages the quantile functions of %i lines of %i", async (lines, length) => {
    const values = noise(lines * length);
    for (let l = 0; l < lines; l++) values.subarray(l * length, (l + 1) * length).sort();
    const weights = noise(lines).map(Math.abs);
    const quantiles = await createQuantileReferences(gpu);
    const sorted = await storageOf(gpu, values);
    const good = await storageOf(gpu, new Uint32Array(lines).fill(length));
    const weight = await storageOf(gpu, weights);
    const found = await quantiles.sum({ sorted, good, lines, length }, weight);
    const expected = Float64Array.from({ length }, (_, r) => {
      let sum = 0;
      for (let l = 0; l < lines; l++) sum += weights[l] * values[l * length + r];
      return sum;
    });
    // Blocks of 64 lines in single precision, in double above them.
    expect(found).toBeAllclose(expected, { atol: 2e-5, rtol: 1e-5 });
    for (const buffer of [sorted, good, weight]) gpu.buffers.release(buffer);
  });
});
