import { describe, expect, it } from "vitest";
import { createFft } from "#src/math/fft.ts";
import { createRandom } from "#src/math/random.ts";
import { relativeError, useTestDevice } from "#src/testing/gpu.ts";
import { createSplitPatches } from "./splitPatches.ts";

const random = createRandom(56);

describe("splitPatches on the device", () => {
  const device = useTestDevice();

  it.each([
    [8, 2, 3, 3],
    [12, 3, 4, 2],
    [16, 1, 1, 7],
  ])("side %i, %i patches of %i frames, kept %i", async (side, items, frames, kept) => {
    const pairs = Math.ceil(frames / 2);
    const across = items * pairs;
    const images = Float64Array.from({ length: items * frames * side * side }, () =>
      random.normal(),
    );
    // Pairs as complex images in the layout of the device, transformed in double precision.
    const data = new Float64Array(2 * across * side * side);
    for (let p = 0; p < items; p++)
      for (let t = 0; t < frames; t++)
        for (let i = 0; i < side * side; i++) {
          const row = Math.floor(i / side) * across + p * pairs + (t >> 1);
          data[2 * (row * side + (i % side)) + (t % 2)] =
            images[(p * frames + t) * side * side + i];
        }
    createFft(side).forward(data, { batch: across * side, batchStride: side, stride: 1 });
    createFft(side).forward(data, { batch: across * side, batchStride: 1, stride: across * side });
    const plane = (2 * kept + 1) * (kept + 1);
    const kernel = await createSplitPatches(device.gpu);
    const found = await device.run(
      { pairs: Float32Array.from(data), spectra: 2 * items * frames * plane },
      "spectra",
      (encoder, b) => kernel.encode(encoder, { ...b, side, items, frames, kept }),
    );
    // The definition of the transform of each real image.
    const expected: number[] = [];
    for (let member = 0; member < items * frames; member++)
      for (let ky = -kept; ky <= kept; ky++)
        for (let kx = 0; kx <= kept; kx++) {
          let [re, im] = [0, 0];
          for (let y = 0; y < side; y++)
            for (let x = 0; x < side; x++) {
              const angle = (-2 * Math.PI * (kx * x + ky * y)) / side;
              const v = images[(member * side + y) * side + x];
              re += v * Math.cos(angle);
              im += v * Math.sin(angle);
            }
          expected.push(re, im);
        }
    expect(relativeError(found, expected)).toBeLessThan(1e-6);
  });
});
