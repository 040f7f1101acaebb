import { describe, expect, it } from "vitest";
import { storageOf, useTestDevice } from "#src/testing/gpu.ts";
import { LINE_SHAPES, normalFloats } from "#src/testing/kernelLines.ts";
import { createLineVariation } from "./lineVariation.ts";

describe("lineVariation on the device", () => {
  const device = useTestDevice();

  it.each(LINE_SHAPES)("adds up the differences across %i lines of %i", async (lines, length) => {
    const values = normalFloats(lines * length, length);
    const masked = values.map((v, i) => (i % 11 === 5 ? 3e38 : v));
    const meter = await createLineVariation(device.gpu);
    const buffer = await storageOf(device.gpu, values);
    const marks = await storageOf(device.gpu, masked);
    const found = await meter.measure({ values: buffer, masked: marks, lines, length });
    let expected = 0;
    for (let i = length; i < values.length; i++)
      if (i % 11 !== 5 && (i - length) % 11 !== 5)
        expected += Math.abs(values[i] - values[i - length]);
    // Partial sums of a few hundred values in single precision: 1e-5 of the sum.
    expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-5 * expected);
    for (const used of [buffer, marks]) device.gpu.buffers.release(used);
  });
});
