import { describe, expect, it } from "vitest";
import { HALVING_TAPS } from "#src/math/motion/binFrame.ts";
import { createRandom } from "#src/math/random.ts";
import { useTestDevice } from "#src/testing/gpu.ts";
import { createHalveRows } from "./halveRows.ts";

const random = createRandom(59);

/** Index inside 0 … n − 1, mirrored about the end samples. */
function mirror(i: number, n: number): number {
  if (n === 1) return 0;
  let k = i;
  while (k < 0 || k >= n) k = k < 0 ? -k : 2 * n - 2 - k;
  return k;
}

describe("halveRows on the device", () => {
  const device = useTestDevice();

  // Two pixels, sides that are no multiple of the box, and more results than a workgroup.
  it.each([
    [2, 1, 1],
    [7, 5, 1],
    [37, 23, 2],
    [130, 41, 4],
    [600, 9, 1],
  ])("%i × %i in boxes of %i", async (width, height, box) => {
    const image = Float32Array.from({ length: width * height }, () => random.normal());
    const boxes = Math.floor(width / box);
    const rows = Math.floor(height / box);
    const halvedWidth = Math.floor(width / (2 * box));
    const kernel = await createHalveRows(device.gpu);
    const found = await device.run({ image, halved: halvedWidth * rows }, "halved", (encoder, b) =>
      kernel.encode(encoder, { ...b, width, height, box, halvedWidth }),
    );
    const boxed = (j: number, i: number): number => {
      let sum = 0;
      for (let y = 0; y < box; y++)
        for (let x = 0; x < box; x++) sum += image[(j * box + y) * width + i * box + x];
      return sum / (box * box);
    };
    const expected = Float64Array.from(found, (_, at) => {
      const [j, i] = [Math.floor(at / halvedWidth), at % halvedWidth];
      return HALVING_TAPS.reduce(
        (sum, tap, k) => sum + tap * boxed(j, mirror(2 * i + k - 3, boxes)),
        0,
      );
    });
    // Sums of up to 8 · box² values of size 1 in single precision.
    expect(found).toBeAllclose(expected, { atol: 1e-6 });
  });
});
