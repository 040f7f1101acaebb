import { expect, it } from "vitest";
import { createRandom } from "../random.ts";
import { withoutWasm } from "../wasm/wasmModule.ts";
import { FrameSpectrum } from "./frameSpectrum.ts";

it.each([
  [150, 130],
  [97, 201],
  [33, 64],
  [640, 17],
  [16, 18],
])(
  "the low frequencies of %i × %i px are the twin's and those of the definition",
  (width, height) => {
    const random = createRandom(width);
    const image = Float32Array.from({ length: width * height }, () => random.normal());
    const spectra = new FrameSpectrum(width, height);
    spectra.transform(image.map(() => random.normal()));
    const fast = spectra.transform(image);
    const slow = withoutWasm(() => new FrameSpectrum(width, height).transform(image));
    // Single precision in sums of that many numbers of about 1.
    const tolerance = 3e-6 * Math.sqrt(width * height);
    let worst = 0;
    for (const part of ["re", "im"] as const)
      slow[part].forEach((v, i) => (worst = Math.max(worst, Math.abs(v - fast[part][i]))));
    expect(worst).toBeLessThan(tolerance);
    const { shape, taperX, taperY } = spectra;
    const [kx, ky] = [Math.min(2, shape.kx), -Math.min(1, shape.ky)];
    let [re, im] = [0, 0];
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const v = image[y * width + x] * taperX[x] * taperY[y];
        const angle = -2 * Math.PI * ((kx * x) / shape.width + (ky * y) / shape.height);
        re += v * Math.cos(angle);
        im += v * Math.sin(angle);
      }
    const at = (ky + shape.ky) * (shape.kx + 1) + kx;
    expect(Math.abs(fast.re[at] - re)).toBeLessThan(tolerance);
    expect(Math.abs(fast.im[at] - im)).toBeLessThan(tolerance);
  },
);
