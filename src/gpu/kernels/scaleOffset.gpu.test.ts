import { describe, expect, it } from "vitest";
import { useTestDevice } from "#src/testing/gpu.ts";
import { normalFloats } from "#src/testing/kernelLines.ts";
import { createScaleOffset } from "./scaleOffset.ts";

describe("scaleOffset on the device", () => {
  const device = useTestDevice();

  it.each([1, 37 * 23, 257 * 19])("scales %i pixels", async (count) => {
    const pixels = normalFloats(count, count).map((v) => 400 + 30 * v);
    const kernel = await createScaleOffset(device.gpu);
    const found = await device.run({ pixels }, "pixels", (encoder, b) =>
      kernel.encode(encoder, { ...b, count, scale: -2.5, offset: 7 }),
    );
    // A product and a sum in single precision.
    expect(found).toBeAllclose(
      pixels.map((x) => -2.5 * x + 7),
      { rtol: 3e-7, atol: 1e-5 },
    );
  });
});
