import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { replacePixels } from "#src/math/replacePixels.ts";
import { openTestGpu, storageOf } from "#src/testing/gpu.ts";
import type { GpuContext } from "../device.ts";
import { readFloats } from "../readback.ts";
import { createReplacePixels } from "./replacePixels.ts";

describe("replacePixels on the device", () => {
  let gpu: GpuContext;
  beforeAll(async () => {
    gpu = await openTestGpu();
  });
  afterAll(() => gpu.destroy());

  for (const count of [1, 257, 1000])
    it(`puts ${count} values in their places`, async () => {
      const start = Float32Array.from({ length: 3 * count }, (_, i) => i);
      const place = Uint32Array.from({ length: count }, (_, n) => 3 * n + (n % 3));
      const values = Float32Array.from({ length: count }, (_, n) => -n - 0.5);
      const frame = await storageOf(gpu, start);
      const places = await storageOf(gpu, place);
      const value = await storageOf(gpu, values);
      const kernel = await createReplacePixels(gpu);
      await gpu.scoped("a test", () => {
        const encoder = gpu.device.createCommandEncoder();
        kernel.encode(encoder, { frame, place: places, value, count });
        gpu.submit(encoder);
      });
      const expected = start.slice();
      replacePixels(expected, place, values);
      expect(await readFloats(gpu, frame, start.length)).toEqual(expected);
      for (const buffer of [frame, places, value]) gpu.buffers.release(buffer);
    });
});
