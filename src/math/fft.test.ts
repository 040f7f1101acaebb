import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { createBatchFft } from "./batchFft.ts";
import { createFft, createRealFft2, nextFastSize } from "./fft.ts";
import { createRandom } from "./random.ts";

const random = createRandom(17);
const noise = (n: number): Float64Array<ArrayBuffer> =>
  Float64Array.from({ length: n }, () => random.normal());

function naive(z: ArrayLike<number>): Float64Array {
  const n = z.length / 2;
  const out = new Float64Array(2 * n);
  for (let k = 0; k < n; k++)
    for (let j = 0; j < n; j++) {
      const a = (-2 * Math.PI * ((j * k) % n)) / n;
      out[2 * k] += z[2 * j] * Math.cos(a) - z[2 * j + 1] * Math.sin(a);
      out[2 * k + 1] += z[2 * j] * Math.sin(a) + z[2 * j + 1] * Math.cos(a);
    }
  return out;
}

describe("createFft", () => {
  const lengths = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 17, 25, 26, 49, 60, 61, 64, 97, 105, 128, 143,
    210, 243,
  ];
  it.each(lengths)("is the plain sum, length %i, and its inverse undoes it", (n) => {
    const z = noise(2 * n);
    const data = z.slice();
    const fft = createFft(n);
    fft.forward(data);
    // Rounding grows with log n: 1e-11 leaves four decades.
    expect(data).toBeAllclose(naive(z), { atol: 1e-11 * Math.max(1, n) });
    fft.inverse(data);
    expect(data).toBeAllclose(z, { atol: 1e-12 });
  });

  it("agrees with fft.js at 4096", () => {
    const Oracle = createRequire(import.meta.url)("fft.js") as new (n: number) => {
      transform(out: number[], data: ArrayLike<number>): void;
    };
    const n = 4096;
    const z = noise(2 * n);
    const expected = new Array<number>(2 * n);
    new Oracle(n).transform(expected, z);
    createFft(n).forward(z);
    expect(z).toBeAllclose(expected, { atol: 1e-10 });
  });

  it.each([1019, 3838, 4091, 4095])("turns an impulse into a wave, length %i", (n) => {
    const z = new Float64Array(2 * n);
    z[2 * 3] = 1;
    createFft(n).forward(z);
    const expected = Float64Array.from({ length: 2 * n }, (_, i) => {
      const a = (-2 * Math.PI * ((3 * (i >> 1)) % n)) / n;
      return i % 2 === 0 ? Math.cos(a) : Math.sin(a);
    });
    expect(z).toBeAllclose(expected, { atol: 1e-12 });
  });

  it("keeps lanes apart", () => {
    const plan = createBatchFft(35, 5);
    const lanes = Array.from({ length: 5 }, () => noise(70));
    lanes.forEach((z, b) => {
      for (let k = 0; k < 35; k++)
        [plan.re[k * 5 + b], plan.im[k * 5 + b]] = [z[2 * k], z[2 * k + 1]];
    });
    plan.forward();
    lanes.forEach((z, b) => {
      const got = Array.from(
        { length: 70 },
        (_, i) => (i % 2 === 0 ? plan.re : plan.im)[(i >> 1) * 5 + b],
      );
      expect(got).toBeAllclose(naive(z), { atol: 1e-11 });
    });
  });

  it("finds fast sizes", () => {
    expect([1, 7, 11, 17, 1019, 4092].map(nextFastSize)).toEqual([1, 8, 12, 18, 1024, 4096]);
  });
});

describe("createRealFft2", () => {
  const sizes: [number, number][] = [
    [1, 1],
    [1, 5],
    [6, 1],
    [2, 2],
    [5, 3],
    [8, 6],
    [9, 33],
    [40, 37],
    [17, 64],
  ];
  it.each(sizes)("is the plain double sum, %i × %i, and back", (width, height) => {
    const image = noise(width * height);
    const plan = createRealFft2(width, height);
    const spectrum = plan.forward(image, new Float64Array(2 * plan.halfWidth * height));
    for (let v = 0; v < height; v++)
      for (let u = 0; u < plan.halfWidth; u++) {
        let re = 0;
        let im = 0;
        for (let i = 0; i < image.length; i++) {
          const a =
            -2 * Math.PI * ((u * (i % width)) / width + (v * Math.floor(i / width)) / height);
          re += image[i] * Math.cos(a);
          im += image[i] * Math.sin(a);
        }
        const k = 2 * (v * plan.halfWidth + u);
        expect([spectrum[k], spectrum[k + 1]]).toBeAllclose([re, im], { atol: 1e-9 });
      }
    const back = plan.inverse(spectrum, new Float64Array(image.length));
    expect(back).toBeAllclose(image, { atol: 1e-12 });
  });

  it("stores float32 with a relative error of a few ulp", () => {
    const [width, height] = [384, 250];
    const image = Float32Array.from(noise(width * height));
    const plan = createRealFft2(width, height);
    const back = plan.inverse(plan.forward(image));
    // Two roundings a stage boundary in storage, unit variance: 1e-6.
    expect(back).toBeAllclose(image, { atol: 3e-6 });
  });

  it("crops to the low frequencies of the whole spectrum", () => {
    const [width, height] = [30, 22];
    const image = noise(width * height);
    const plan = createRealFft2(width, height);
    const full = plan.forward(image);
    const crop = plan.forwardCropped(image, 12, 9);
    for (let v = 0; v < 9; v++)
      for (let u = 0; u < 7; u++) {
        const from = 2 * ((v <= 4 ? v : height - (9 - v)) * plan.halfWidth + u);
        expect(crop[2 * (v * 7 + u)]).toBeCloseTo(full[from], 4);
        expect(crop[2 * (v * 7 + u) + 1]).toBeCloseTo(full[from + 1], 4);
      }
  });
});
