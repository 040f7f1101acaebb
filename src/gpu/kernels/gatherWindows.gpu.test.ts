import { describe, expect, it } from "vitest";
import { useTestDevice } from "#src/testing/gpu.ts";
import { normalFloats } from "#src/testing/kernelLines.ts";
import { WINDOW_VALUES, createGatherWindows } from "./gatherWindows.ts";

describe("gatherWindows on the device", () => {
  const device = useTestDevice();

  it.each([
    [1, 1],
    [4, 3],
    [37, 23],
  ])("copies windows of %i × %i, 0 outside", async (width, height) => {
    const pixels = normalFloats(width * height, width);
    // Corners, edges and inside, in no order.
    const places = Uint32Array.from({ length: 30 }, (_, n) => (n * 7919) % pixels.length);
    [places[3], places[4]] = [0, pixels.length - 1];
    const kernel = await createGatherWindows(device.gpu);
    const count = places.length;
    const found = await device.run(
      { pixels, places, windows: WINDOW_VALUES * count },
      "windows",
      (encoder, b) => kernel.encode(encoder, { ...b, width, height, count }),
    );
    const expected = Float32Array.from(found, (_, i) => {
      const [place, k] = [places[Math.floor(i / 25)], i % 25];
      const x = (place % width) + (k % 5) - 2;
      const y = Math.floor(place / width) + Math.floor(k / 5) - 2;
      return x >= 0 && y >= 0 && x < width && y < height ? pixels[y * width + x] : 0;
    });
    expect(found).toEqual(expected);
  });
});
