import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRandom } from "#src/math/random.ts";
import { createWarpScratch, warpFrame } from "#src/math/warpFrame.ts";
import { openTestGpu, storageOf } from "#src/testing/gpu.ts";
import type { GpuContext } from "../device.ts";
import { readFloats } from "../readback.ts";
import { createWarpFrame } from "./warpFrame.ts";

describe("warpFrame on the device", () => {
  let gpu: GpuContext;
  beforeAll(async () => {
    gpu = await openTestGpu();
  });
  afterAll(() => gpu.destroy());

  // 1 × 1, odd sizes, a tile larger than the image, displacements far beyond the border.
  for (const [width, height, tile, reach] of [
    [1, 1, 16, 3],
    [37, 23, 16, 9],
    [130, 67, 32, 80],
    [255, 3, 128, 2],
  ])
    it(`moves ${width} × ${height} px in tiles of ${tile} px as the twin does`, async () => {
      const random = createRandom(width);
      const frame = new Float32Array(width * height).map(() => random.uniform());
      const start = new Float32Array(width * height).map(() => random.uniform());
      const columns = Math.ceil(width / tile);
      const rows = Math.ceil(height / tile);
      const shift = (): Float32Array<ArrayBuffer> =>
        new Float32Array(columns * rows).map(() => reach * (2 * random.uniform() - 1));
      const displacements = { tile, columns, rows, x: shift(), y: shift() };
      const kernel = await createWarpFrame(gpu);
      const total = await storageOf(gpu, start);
      const fresh = await storageOf(gpu, start);
      const source = await storageOf(gpu, frame);
      const shiftX = await storageOf(gpu, displacements.x);
      const shiftY = await storageOf(gpu, displacements.y);
      const args = { frame: source, shiftX, shiftY, width, height, tile, columns };
      await gpu.scoped("a test", () => {
        const encoder = gpu.device.createCommandEncoder();
        kernel.encode(encoder, { ...args, total, weight: -0.75 });
        kernel.encode(encoder, { ...args, total: fresh, weight: 1, replace: true });
        gpu.submit(encoder);
      });
      const moved = new Float32Array(width * height);
      warpFrame(
        { frame, gain: new Float32Array(width * height).fill(1), firstRow: 0 },
        width,
        height,
        displacements,
        { start: 0, end: height },
        [{ target: moved, weight: 1 }],
        createWarpScratch(tile),
      );
      // Sixteen products of numbers below one in single precision, weights from a rounded fraction.
      expect(await readFloats(gpu, fresh, width * height)).toBeAllclose(moved, { atol: 2e-6 });
      const expected = start.map((v, i) => v - 0.75 * moved[i]);
      expect(await readFloats(gpu, total, width * height)).toBeAllclose(expected, { atol: 2e-6 });
      for (const b of [total, fresh, source, shiftX, shiftY]) gpu.buffers.release(b);
    });

  it("refuses buffers that are too small", async () => {
    const kernel = await createWarpFrame(gpu);
    const small = await storageOf(gpu, new Float32Array(4));
    const encoder = gpu.device.createCommandEncoder();
    expect(() =>
      kernel.encode(encoder, {
        frame: small,
        shiftX: small,
        shiftY: small,
        total: small,
        width: 400,
        height: 400,
        tile: 16,
        columns: 25,
        weight: 1,
      }),
    ).toThrow("smaller than 400 × 400");
    gpu.buffers.release(small);
  });
});
