import { describe, expect, it } from "vitest";
import { createRandom } from "#src/math/random.ts";
import { useTestDevice } from "#src/testing/gpu.ts";
import { createCentreImage } from "./centreImage.ts";
import { createImageMoments } from "./imageMoments.ts";

const random = createRandom(61);

describe("centreImage on the device", () => {
  const device = useTestDevice();

  // One pixel, one workgroup's share and one more, and more partial sums than threads.
  it.each([1, 37 * 23, 4096, 4097, 4096 * 70 + 5])(
    "takes the mean off %i pixels",
    async (count) => {
      const pixels = Float32Array.from({ length: count }, () => 3 + random.normal());
      const moments = await createImageMoments(device.gpu);
      const centrer = await createCentreImage(device.gpu);
      const found = await device.run(
        { pixels, partials: 4 * moments.partialsFor(count) },
        "pixels",
        (encoder, { pixels, partials }) => {
          moments.encode(encoder, { pixels, partials, count, shift: 0 });
          centrer.encode(encoder, { pixels, partials, count });
        },
      );
      const mean = pixels.reduce((sum, v) => sum + v, 0) / count;
      // A mean of about 3, its sums in single precision by 64 and by 64 of those.
      expect(found).toBeAllclose(
        pixels.map((v) => v - mean),
        { atol: 2e-6 },
      );
    },
  );
});
