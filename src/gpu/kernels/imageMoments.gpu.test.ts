import { describe, expect, it } from "vitest";
import { useTestDevice } from "#src/testing/gpu.ts";
import { normalFloats } from "#src/testing/kernelLines.ts";
import { addMoments, createImageMoments } from "./imageMoments.ts";

describe("imageMoments on the device", () => {
  const device = useTestDevice();

  it.each([1, 37 * 23, 4096, 4096 * 41 + 7])("of %i pixels", async (count) => {
    const pixels = normalFloats(count, count).map((v) => 30_000 + 20 * v);
    const kernel = await createImageMoments(device.gpu);
    const shift = 30_000;
    const partials = await device.run(
      { pixels, partials: 4 * kernel.partialsFor(count) },
      "partials",
      (encoder, b) => kernel.encode(encoder, { ...b, count, shift }),
    );
    const found = addMoments(partials);
    let [sum, squares, min, max] = [0, 0, Infinity, -Infinity];
    for (const v of pixels) {
      sum += v - shift;
      squares += (v - shift) ** 2;
      [min, max] = [Math.min(min, v), Math.max(max, v)];
    }
    // Sums of 4096 differences of size 20 in single precision, added in double.
    expect(Math.abs(found.sum - sum)).toBeLessThanOrEqual(1e-4 * Math.sqrt(count) * 20);
    expect(Math.abs(found.squares - squares)).toBeLessThanOrEqual(1e-6 * squares);
    expect([found.min, found.max]).toEqual([min, max]);
  });
});
