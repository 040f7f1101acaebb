import { describe, expect, it } from "vitest";
import { storageOf, useTestDevice } from "#src/testing/gpu.ts";
import { LINE_SHAPES, normalFloats, sortEach } from "#src/testing/kernelLines.ts";
import { createQuantileReferences } from "./quantileReferences.ts";

describe("sumQuantiles on the device", () => {
  const device = useTestDevice();

  it.each(LINE_SHAPES)(
    "averages the quantile functions of %i lines of %i",
    async (lines, length) => {
      const values = sortEach(normalFloats(lines * length, lines), length);
      const weights = normalFloats(lines, length).map(Math.abs);
      // Lines with fewer good values, the first of several with none.
      const good = Uint32Array.from({ length: lines }, (_, j) =>
        lines > 1 && j === 0 ? 0 : length - Math.floor((j % 3) * 0.3 * length),
      );
      const quantiles = await createQuantileReferences(device.gpu);
      const buffers = [];
      for (const data of [values, good, weights]) buffers.push(await storageOf(device.gpu, data));
      const [sorted, counts, weight] = buffers;
      const found = await quantiles.sum({ sorted, good: counts, lines, length }, weight);
      const expected = Float64Array.from({ length }, (_, r) => {
        let sum = 0;
        for (let j = 0; j < lines; j++)
          if (good[j] > 0)
            sum += weights[j] * values[j * length + Math.floor(((r + 0.5) * good[j]) / length)];
        return sum;
      });
      // Blocks of 64 lines in single precision, in double above them.
      expect(found).toBeAllclose(expected, { atol: 2e-5, rtol: 1e-5 });
      for (const buffer of buffers) device.gpu.buffers.release(buffer);
    },
  );
});
