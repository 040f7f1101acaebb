import { describe, expect, it } from "vitest";
import { binImage } from "#src/math/motion/binFrame.ts";
import { createRandom } from "#src/math/random.ts";
import { useTestDevice } from "#src/testing/gpu.ts";
import { createHalveColumns } from "./halveColumns.ts";
import { createHalveRows } from "./halveRows.ts";

const random = createRandom(60);

describe("halveColumns on the device", () => {
  const device = useTestDevice();

  // After halveRows this is the twin's binning by twice the box.
  it.each([
    [4, 4, 1],
    [37, 23, 1],
    [101, 83, 2],
    [160, 70, 4],
  ])("after halveRows bins %i × %i by twice %i", async (width, height, box) => {
    const image = Float32Array.from({ length: width * height }, () => random.normal());
    const rows = Math.floor(height / box);
    const [halvedWidth, halvedHeight] = [width, height].map((n) => Math.floor(n / (2 * box)));
    const [first, second] = [
      await createHalveRows(device.gpu),
      await createHalveColumns(device.gpu),
    ];
    const found = await device.run(
      { image, between: halvedWidth * rows, halved: halvedWidth * halvedHeight },
      "halved",
      (encoder, { image, between, halved }) => {
        first.encode(encoder, { image, halved: between, width, height, box, halvedWidth });
        second.encode(encoder, {
          ...{ image: between, halved, width: halvedWidth, height: rows, halvedHeight },
        });
      },
    );
    expect(found).toBeAllclose(binImage(image, width, height, 2 * box), { atol: 1e-6 });
  });

  it("keeps a constant, to the edges", async () => {
    const kernel = await createHalveColumns(device.gpu);
    const found = await device.run(
      { image: new Float32Array(300 * 9).fill(2.5), halved: 300 * 4 },
      "halved",
      (encoder, b) => kernel.encode(encoder, { ...b, width: 300, height: 9, halvedHeight: 4 }),
    );
    // The taps add up to 1 to the last digit or two.
    expect(found).toBeAllclose(new Float32Array(1200).fill(2.5), { atol: 1e-6 });
  });
});
