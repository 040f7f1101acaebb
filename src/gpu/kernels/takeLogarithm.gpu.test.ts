import { describe, expect, it } from "vitest";
import { takeLogarithm } from "#src/math/preprocess/logarithm.ts";
import { useTestDevice } from "#src/testing/gpu.ts";
import { normalFloats } from "#src/testing/kernelLines.ts";
import { createTakeLogarithm } from "./takeLogarithm.ts";

describe("takeLogarithm on the device", () => {
  const device = useTestDevice();

  it.each([1, 37 * 23, 257 * 19])("of %i pixels, some of them without one", async (count) => {
    const log = { a: 4.431, b: 0.402, c: -380 };
    const pixels = normalFloats(count, count).map((v) => 400 + 30 * v);
    pixels[0] = 450;
    const expected = pixels.slice();
    takeLogarithm(expected, log);
    const smallest = Math.min(...Array.from(pixels, (x) => x + log.c).filter((x) => x > 0));
    const kernel = await createTakeLogarithm(device.gpu);
    const found = await device.run({ pixels }, "pixels", (encoder, b) =>
      kernel.encode(encoder, { ...b, count, smallest, ...log }),
    );
    // WGSL's logarithm: 3 units in the last place; the smallest argument of many may be small.
    expect(found).toBeAllclose(expected, { atol: 3e-6 });
  });
});
