import { describe, expect, it } from "vitest";
import { useTestDevice } from "#src/testing/gpu.ts";
import { LINE_SHAPES, normalFloats, sortEach } from "#src/testing/kernelLines.ts";
import { createQuantileReferences } from "./quantileReferences.ts";

describe("prefixQuantiles on the device", () => {
  const device = useTestDevice();

  it.each(LINE_SHAPES)("adds %i references of %i up in fixed point", async (lines, length) => {
    const references = sortEach(normalFloats(lines * length, lines), length);
    // A reference of one value throughout has no span.
    references.fill(1.5, 0, length);
    const quantiles = await createQuantileReferences(device.gpu);
    const found = await device.run(
      { references, sums: lines * (length + 1) },
      "sums",
      (encoder, b) => quantiles.encodeSums(encoder, { ...b, lines, length }),
    );
    const sums = new Uint32Array(found.buffer);
    for (let j = 0; j < lines; j++) {
      const line = references.subarray(j * length, (j + 1) * length);
      const span = line[length - 1] - line[0];
      const unit = (span * length) / 2 ** 31;
      let expected = 0;
      for (let r = 0; r <= length; r++) {
        // Each step rounds to single precision (2⁻²⁴ of the span) and to half a unit.
        expect(Math.abs(sums[j * (length + 1) + r] * unit - expected)).toBeLessThanOrEqual(
          r * (span * 2e-7 + unit),
        );
        if (r < length) expected += line[r] - line[0];
      }
    }
  });
});
