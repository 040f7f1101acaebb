import { describe, expect, it } from "vitest";
import { useTestDevice } from "#src/testing/gpu.ts";
import { normalFloats } from "#src/testing/kernelLines.ts";
import { createScatterPixels } from "./scatterPixels.ts";

describe("scatterPixels on the device", () => {
  const device = useTestDevice();

  it.each([1, 255, 300])(
    "puts %i values where they belong, and nothing elsewhere",
    async (count) => {
      const pixels = normalFloats(1000, 1);
      const values = normalFloats(count, 2);
      const places = Uint32Array.from({ length: count }, (_, n) => (n * 617) % 1000);
      const kernel = await createScatterPixels(device.gpu);
      const found = await device.run({ pixels, places, values }, "pixels", (encoder, b) =>
        kernel.encode(encoder, { ...b, count }),
      );
      const expected = pixels.slice();
      places.forEach((place, n) => (expected[place] = values[n]));
      expect(found).toEqual(expected);
    },
  );
});
