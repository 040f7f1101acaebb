import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accumulate } from "#src/math/accumulate.ts";
import { createRandom } from "#src/math/random.ts";
import { openTestGpu, storageOf } from "#src/testing/gpu.ts";
import type { PixelArray } from "#src/domain/movie.ts";
import type { GpuContext } from "../device.ts";
import { packedType } from "../packed.ts";
import { readFloats } from "../readback.ts";
import { createAccumulate } from "./accumulate.ts";

describe("accumulate on the device", () => {
  let gpu: GpuContext;
  beforeAll(async () => {
    gpu = await openTestGpu();
  });
  afterAll(() => gpu.destroy());

  const run = async (
    frame: PixelArray,
    correction: Float32Array<ArrayBuffer> | null,
    start: Float32Array<ArrayBuffer>,
  ): Promise<Float32Array> => {
    const kernel = await createAccumulate(gpu);
    const packed = await storageOf(gpu, frame);
    const total = await storageOf(gpu, start);
    const factor = correction === null ? null : await storageOf(gpu, correction);
    await gpu.scoped("a test", () => {
      const encoder = gpu.device.createCommandEncoder();
      kernel.encode(encoder, {
        frame: packed,
        pixelType: packedType(frame),
        correction: factor,
        total,
        count: frame.length,
      });
      gpu.submit(encoder);
    });
    const result = await readFloats(gpu, total, frame.length);
    for (const buffer of [packed, total, factor]) if (buffer !== null) gpu.buffers.release(buffer);
    return result;
  };

  const makers: Record<string, (n: number) => PixelArray> = {
    uint8: (n) => new Uint8Array(n),
    int8: (n) => new Int8Array(n),
    uint16: (n) => new Uint16Array(n),
    int16: (n) => new Int16Array(n),
    uint32: (n) => new Uint32Array(n),
    int32: (n) => new Int32Array(n),
    float32: (n) => new Float32Array(n),
  };
  // 1 × 1, odd sizes whose bytes are no multiple of 4, and one row more than a workgroup.
  for (const [name, make] of Object.entries(makers))
    for (const count of [1, 37 * 23, 257])
      it(`adds ${count} ${name} pixels as the twin does`, async () => {
        const random = createRandom(count);
        const frame = make(count).map(() => Math.round(40 * random.normal()));
        const correction = new Float32Array(count).map(() => 0.5 + random.uniform());
        const start = new Float32Array(count).map(() => random.integer(100));
        for (const factor of [null, correction]) {
          const expected = Float64Array.from(start);
          accumulate(expected, frame, factor);
          // One product and one sum in single precision: 2 roundings of 2⁻²⁴ of either term.
          expect(await run(frame, factor, start)).toBeAllclose(expected, {
            rtol: 2e-7,
            atol: 1e-5,
          });
        }
      });

  it("covers more pixels than one dimension of a dispatch holds", async () => {
    const count = 65536 * 256 + 3;
    const frame = new Uint8Array(count).fill(3);
    frame[count - 1] = 7;
    const total = await run(frame, null, new Float32Array(count).fill(1));
    expect(total[0]).toBe(4);
    expect(total[count - 1]).toBe(8);
    expect(total.reduce((s, v) => s + v, 0)).toBe(4 * (count - 1) + 8);
  });
});
