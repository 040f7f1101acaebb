import { describe, expect, it } from "vitest";
import { createRandom } from "#src/math/random.ts";
import { useTestDevice } from "#src/testing/gpu.ts";
import { createTaperImage } from "./taperImage.ts";

const random = createRandom(62);
const noise = (n: number) => Float32Array.from({ length: n }, () => random.normal());

describe("taperImage on the device", () => {
  const device = useTestDevice();

  it.each([
    [1, 1, 2, 2],
    [37, 23, 40, 24],
    [64, 50, 64, 50],
    [30, 300, 30, 320],
  ])("%i × %i into %i × %i", async (width, height, paddedWidth, paddedHeight) => {
    const image = noise(width * height);
    const tapers = noise(width + height);
    const kernel = await createTaperImage(device.gpu);
    const found = await device.run(
      { image, tapers, tapered: paddedWidth * paddedHeight },
      "tapered",
      (encoder, b) => kernel.encode(encoder, { ...b, width, height, paddedWidth, paddedHeight }),
    );
    const expected = Float64Array.from(found, (_, i) => {
      const [y, x] = [Math.floor(i / paddedWidth), i % paddedWidth];
      return x < width && y < height ? tapers[width + y] * tapers[x] * image[y * width + x] : 0;
    });
    expect(found).toBeAllclose(expected, { rtol: 2e-7 });
  });
});
