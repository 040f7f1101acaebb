import { describe, expect, it } from "vitest";
import { halfKernel } from "#src/math/quantiles.ts";
import { useTestDevice } from "#src/testing/gpu.ts";
import { LINE_SHAPES, normalFloats, sortEach } from "#src/testing/kernelLines.ts";
import { createQuantileReferences } from "./quantileReferences.ts";

describe("smoothQuantiles on the device", () => {
  const device = useTestDevice();

  it.each(LINE_SHAPES)("gives %i lines of %i their neighbourhoods", async (lines, length) => {
    const sorted = sortEach(normalFloats(lines * length, lines), length);
    // Every fifth line has nothing to say, others less than their length.
    const good = Uint32Array.from({ length: lines }, (_, j) =>
      j % 5 === 4 ? 0 : length - Math.floor((j % 3) * 0.3 * length),
    );
    const weights = halfKernel(1.7);
    const reach = weights.length - 1;
    const quantiles = await createQuantileReferences(device.gpu);
    const found = await device.run(
      { sorted, good, kernel: Float32Array.from(weights), references: lines * length },
      "references",
      (encoder, b) => quantiles.encodeSmooth(encoder, { ...b, lines, length }, { ...b, reach }),
    );
    const expected = Float64Array.from(found, (_, at) => {
      const [j, r] = [Math.floor(at / length), at % length];
      let [sum, total] = [0, 0];
      for (let k = -reach; k <= reach; k++) {
        const n = j + k < 0 || j + k >= lines ? 0 : good[j + k];
        if (n === 0) continue;
        sum +=
          weights[Math.abs(k)] * sorted[(j + k) * length + Math.floor(((r + 0.5) * n) / length)];
        total += weights[Math.abs(k)];
      }
      return total > 0 ? sum / total : 0;
    });
    // A weighted mean of up to 13 values of size 1.
    expect(found).toBeAllclose(expected, { atol: 2e-6 });
  });
});
