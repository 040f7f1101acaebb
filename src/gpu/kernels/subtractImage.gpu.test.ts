import { describe, expect, it } from "vitest";
import { createRandom } from "#src/math/random.ts";
import { useTestDevice } from "#src/testing/gpu.ts";
import { createSubtractImage } from "./subtractImage.ts";

const random = createRandom(58);
const noise = (n: number) => Float32Array.from({ length: n }, () => random.normal());

describe("subtractImage on the device", () => {
  const device = useTestDevice();

  it.each([
    [1, 1],
    [3, 37 * 23],
    [5, 257],
  ])("from %i frames of %i pixels", async (slabFrames, pixels) => {
    const slab = noise(slabFrames * pixels);
    const image = noise(pixels);
    const kernel = await createSubtractImage(device.gpu);
    const found = await device.run({ slab, image }, "slab", (encoder, b) =>
      kernel.encode(encoder, { ...b, slabFrames, pixels }),
    );
    // One difference, rounded once.
    expect(found).toEqual(slab.map((v, i) => Math.fround(v - image[i % pixels])));
  });
});
