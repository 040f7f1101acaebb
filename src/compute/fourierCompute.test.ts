import { describe, expect, it } from "vitest";
import { realFft2 } from "#src/math/fft.ts";
import { createRandom } from "#src/math/random.ts";
import { testBackends } from "#src/testing/backends.ts";

describe.each(testBackends)("Fourier transforms on $name", ({ open }) => {
  it("serve several images at once, cropped and inverse", async () => {
    const backend = await open();
    const size = { width: 45, height: 22 };
    const crop = { width: 20, height: 11 };
    const images = [1, 2, 3].map((seed) => {
      const random = createRandom(seed);
      return new Float32Array(45 * 22).map(() => random.normal());
    });
    const twin = realFft2(45, 22);
    const found = await Promise.all(
      images.map((image) => backend.fourier.forward(image.slice(), size)),
    );
    const cut = await Promise.all(
      images.map((image) => backend.fourier.forwardCropped(image.slice(), size, crop)),
    );
    for (const [i, image] of images.entries()) {
      // Bins have a size of √990 = 31: 1e-4 is 3e-6 of it, room for single precision passes.
      expect(found[i]).toBeAllclose(twin.forward(image), { atol: 1e-4 });
      expect(cut[i]).toBeAllclose(twin.forwardCropped(image, 20, 11), { atol: 1e-4 });
      expect(await backend.fourier.inverse(found[i], size)).toBeAllclose(image, { atol: 1e-5 });
    }
    await backend.dispose();
  });

  it("stop when cancelled", async () => {
    const backend = await open();
    const signal = AbortSignal.abort();
    await expect(
      backend.fourier.forward(new Float32Array(4), { width: 2, height: 2 }, signal),
    ).rejects.toThrow("Cancelled");
    await backend.dispose();
  });
});
