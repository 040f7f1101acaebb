import { describe, expect, it } from "vitest";
import { createRandom } from "../random.ts";
import { BatchFft } from "./batchFft.ts";
import { DisplacementMaps } from "./displacementMaps.ts";
import { PatchTransform } from "./patchTransform.ts";

describe("the batched FFT", () => {
  it("is the sum that defines it, for every radix, column by column", () => {
    const random = createRandom(3);
    for (const n of [2, 3, 4, 5, 8, 12, 16, 20, 30, 48, 64]) {
      const batch = 3;
      const fft = new BatchFft(n, batch);
      const re = Float32Array.from({ length: n * batch }, () => random.normal());
      const im = Float32Array.from({ length: n * batch }, () => random.normal());
      fft.re.set(re);
      fft.im.set(im);
      fft.transform();
      let worst = 0;
      for (let b = 0; b < batch; b++)
        for (let k = 0; k < n; k++) {
          let sr = 0;
          let si = 0;
          for (let j = 0; j < n; j++) {
            const c = Math.cos((-2 * Math.PI * j * k) / n);
            const s = Math.sin((-2 * Math.PI * j * k) / n);
            sr += re[j * batch + b] * c - im[j * batch + b] * s;
            si += re[j * batch + b] * s + im[j * batch + b] * c;
          }
          worst = Math.max(
            worst,
            Math.hypot(fft.re[k * batch + b] - sr, fft.im[k * batch + b] - si),
          );
        }
      // Single precision of sums of up to 64 unit normal values.
      expect(worst).toBeLessThan(1e-5);
    }
  });
});

describe("patch spectra and displacement maps", () => {
  const side = 48;
  const wave = (x: number, y: number, dx: number, dy: number): number => {
    let v = 0;
    for (const [kx, ky, a] of [
      [1, 2, 0.7],
      [3, -5, 1.1],
      [7, 4, -0.6],
      [0, 6, 0.9],
      [10, 0, 0.4],
    ])
      v += a * Math.cos((2 * Math.PI * (kx * (x - dx) + ky * (y - dy))) / side + kx);
    return v;
  };
  const transform = new PatchTransform(side, 12);
  const re = new Float32Array(2 * transform.plane);
  const im = new Float32Array(2 * transform.plane);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      transform.inputA[x * side + y] = wave(x, y, 2.25, -1.5);
      transform.inputB[x * side + y] = wave(x, y, 0, 0);
    }
  transform.transform(re, im, 0, transform.plane);

  it("hold the waves that were put in, phase and sign", () => {
    const at = (kx: number, ky: number): number => transform.plane + (ky + 12) * 13 + kx;
    const half = (side * side) / 2;
    expect(re[at(3, -5)] / half).toBeCloseTo(1.1 * Math.cos(3), 4);
    expect(im[at(3, -5)] / half).toBeCloseTo(1.1 * Math.sin(3), 4);
    expect(re[at(0, 6)] / half).toBeCloseTo(0.9, 4);
    expect(re[at(0, -6)] / half).toBeCloseTo(0.9, 4);
    expect(re[at(5, 5)] / half).toBeCloseTo(0, 4);
  });

  it("give the correlation at every displacement of the grid", () => {
    const plane = transform.plane;
    const xr = new Float32Array(plane);
    const xi = new Float32Array(plane);
    for (let i = 0; i < plane; i++) {
      const [ar, ai, br, bi] = [re[i], im[i], re[plane + i], im[plane + i]];
      xr[i] = ar * br + ai * bi;
      xi[i] = ai * br - ar * bi;
    }
    const step = 0.75;
    const maps = new DisplacementMaps(transform.shape, { radiusX: 5, radiusY: 3, step });
    const map = new Float32Array(11 * 7);
    maps.evaluate(xr, xi, map, 0, 1 / side ** 4);
    for (let j = -3; j <= 3; j++)
      for (let i = -5; i <= 5; i++) {
        // mean over the patch of a(x + δ) b(x)
        let direct = 0;
        for (let y = 0; y < side; y++)
          for (let x = 0; x < side; x++)
            direct += wave(x + i * step, y + j * step, 2.25, -1.5) * wave(x, y, 0, 0);
        expect(map[(j + 3) * 11 + i + 5]).toBeCloseTo(direct / side ** 2, 4);
      }
    // The peak is where A lies against B.
    expect(map.indexOf(Math.max(...map))).toBe((3 - 2) * 11 + 5 + 3);
  });
});
