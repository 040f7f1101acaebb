import { describe, expect, it } from "vitest";
import { useTestDevice } from "#src/testing/gpu.ts";
import { normalFloats } from "#src/testing/kernelLines.ts";
import { createLayLines } from "./layLines.ts";

describe("layLines on the device", () => {
  const device = useTestDevice();

  it.each([
    [1, 1],
    [17, 5],
    [40, 33],
  ])("lays %i × %i images out as rows and as columns", async (width, height) => {
    const image = normalFloats(width * height, width);
    const bad = Uint8Array.from(image, (_, i) => (i % 7 === 3 ? 1 : 0));
    const layer = await createLayLines(device.gpu);
    for (const columns of [false, true])
      for (const masked of [false, true]) {
        const found = await device.run({ image, bad, lines: image.length }, "lines", (encoder, b) =>
          layer.encode(encoder, { ...b, bad: masked ? b.bad : null, width, height, columns }),
        );
        const place = (i: number): number =>
          columns ? (i % height) * width + Math.floor(i / height) : i;
        found.forEach((value, i) => {
          // What is left out is marked by a number beyond all pixels.
          if (masked && bad[place(i)] === 1) expect(value).toBeGreaterThan(2.9e38);
          else expect(value).toBe(image[place(i)]);
        });
      }
  });
});
