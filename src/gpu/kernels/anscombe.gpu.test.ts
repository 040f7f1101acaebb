import { describe, expect, it } from "vitest";
import { anscombe, denoiseScale } from "#src/math/preprocess/denoise.ts";
import { imageStatistics } from "#src/math/preprocess/imageStatistics.ts";
import { useTestDevice } from "#src/testing/gpu.ts";
import { normalFloats } from "#src/testing/kernelLines.ts";
import { createAnscombe } from "./anscombe.ts";

describe("anscombe on the device", () => {
  const device = useTestDevice();

  it.each([2, 37 * 23, 257 * 19])(
    "transforms %i pixels, and gives the first estimate",
    async (count) => {
      const pixels = normalFloats(count, count).map((v) => 400 + 30 * v);
      const scale = denoiseScale(imageStatistics(pixels))!;
      const kernel = await createAnscombe(device.gpu);
      const expected = anscombe(pixels, scale, new Float64Array(count));
      for (const result of ["transformed", "estimate"] as const) {
        const found = await device.run(
          { pixels, transformed: count, estimate: count },
          result,
          (encoder, b) => kernel.encode(encoder, { ...b, count, scale }),
        );
        // A root of a number up to 289 in single precision, over 34.
        expect(found).toBeAllclose(expected, { atol: 2e-6 });
      }
    },
  );
});
