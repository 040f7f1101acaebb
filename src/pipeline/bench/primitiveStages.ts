import { createRandom } from "#src/math/random.ts";
import { secondsOf } from "./benchStage.ts";
import type { BenchStage } from "./benchStage.ts";

/** Sizes that cameras have, by what their transforms need. */
const FOURIER_SIZES: readonly (readonly [number, number, string])[] = [
  [512, 512, "power of two"],
  [1024, 960, "2, 3, 5"],
  [2048, 2048, "power of two"],
  [1919, 1855, "chirp-z on both axes"],
  [4096, 4096, "power of two"],
];

function noise(length: number): Float32Array<ArrayBuffer> {
  const random = createRandom(1);
  const row = Float32Array.from({ length: 4093 }, () => random.uniform());
  const out = new Float32Array(length);
  for (let i = 0; i < length; i++) out[i] = row[i % 4093];
  return out;
}

/** Forward transform of one image, upload and read-back included, after one to warm up. */
const fourierStages: readonly BenchStage[] = FOURIER_SIZES.map(([width, height, kind]) => ({
  name: `Fourier transform ${width} × ${height} (${kind})`,
  async run(_request, { backend, signal }) {
    const pixels = width * height;
    const image = noise(pixels);
    const size = { width, height };
    await backend.fourier.forward(image.slice(), size, signal);
    const seconds = await secondsOf(() => backend.fourier.forward(image, size, signal));
    return [{ name: this.name, seconds, bytes: pixels * 4, megapixels: pixels / 1e6 }];
  },
}));

const FRAMES = 4;

/** Sum of integer frames with a gain, upload included. */
const sumStage: BenchStage = {
  name: `Sum of ${FRAMES} frames of 4096 × 4096 uint8 with gain`,
  async run(_request, { backend, signal }) {
    const pixels = 4096 * 4096;
    const frames = Array.from({ length: FRAMES }, () => new Uint8Array(pixels).fill(3));
    const sum = await backend.pixels.openSum({
      width: 4096,
      height: 4096,
      correction: new Float32Array(pixels).fill(1),
    });
    const seconds = await secondsOf(async () => {
      for (const frame of frames) await sum.add(frame, signal);
      await sum.finish();
    });
    const bytes = FRAMES * pixels;
    return [{ name: this.name, seconds, bytes, megapixels: bytes / 1e6 }];
  },
};

/** What everything else is made of; the same data on every machine. */
export const primitiveStages: readonly BenchStage[] = [sumStage, ...fourierStages];
