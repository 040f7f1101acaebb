import FFT from "fft.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createFft,
  createRealFft2,
  frequencyOfIndex,
  halfWidth,
  nextFastSize,
  previousFastSize,
  realFft2,
  resampleSpectrum,
  shiftSpectrum,
  signedIndex,
} from "./fft.ts";
import { createRandom } from "./random.ts";

/** Σ_j x[j] e^{−2πi·jk/n} over interleaved values, straight from the definition. */
function naiveDft(x: ArrayLike<number>): Float64Array {
  const n = x.length / 2;
  const out = new Float64Array(2 * n);
  for (let k = 0; k < n; k++)
    for (let j = 0; j < n; j++) {
      const angle = (-2 * Math.PI * ((j * k) % n)) / n;
      out[2 * k] += x[2 * j] * Math.cos(angle) - x[2 * j + 1] * Math.sin(angle);
      out[2 * k + 1] += x[2 * j] * Math.sin(angle) + x[2 * j + 1] * Math.cos(angle);
    }
  return out;
}

function noise(length: number, seed: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length }, () => random.normal());
}

const LENGTHS = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 21, 25, 30, 31, 32, 35, 37, 49, 53, 60,
  64, 74, 77, 97, 105, 128, 210, 211, 243, 256, 330,
];

describe("createFft", () => {
  it.each(LENGTHS)("follows the definition at length %i", (n) => {
    const x = noise(2 * n, n);
    const y = x.slice();
    createFft(n).forward(y);
    // Rounding of about log2(n) additions of values of size √n, in double.
    expect(y).toBeAllclose(naiveDft(x), { atol: 2e-13 * Math.sqrt(n) });
    createFft(n).inverse(y);
    expect(y).toBeAllclose(x, { atol: 1e-14 * Math.log2(n + 4) });
  });

  it("agrees with fft.js at 4096", () => {
    const n = 4096;
    const x = noise(2 * n, 5);
    const oracle = new FFT(n);
    const expected = oracle.createComplexArray();
    oracle.transform(expected, Array.from(x));
    createFft(n).forward(x);
    expect(x).toBeAllclose(expected, { atol: 1e-10 });
  });

  it("keeps energy (Parseval) and single-storage error within one rounding", () => {
    for (const n of [3838, 3710, 4095, 4092, 5760, 11520]) {
      const x = Float32Array.from(noise(2 * n, n));
      const single = x.slice();
      const double = Float64Array.from(x);
      createFft(n).forward(single);
      createFft(n).forward(double);
      const energy = (a: ArrayLike<number>): number => {
        let sum = 0;
        for (let i = 0; i < a.length; i++) sum += a[i] * a[i];
        return sum;
      };
      expect(energy(double) / n / energy(x)).toBeCloseTo(1, 12);
      let worst = 0;
      for (let i = 0; i < 2 * n; i++) worst = Math.max(worst, Math.abs(single[i] - double[i]));
      // Values stay below 8·√n; half a unit in the last place of a float is 6e-8 of it.
      expect(worst).toBeLessThan(6e-8 * 8 * Math.sqrt(n));
    }
  });

  it("serves strides and batches in place and touches nothing else", () => {
    const n = 12;
    const rows = noise(2 * n * 21, 8);
    const columns = new Float64Array(2 * (21 * n + 3)).fill(7);
    for (let b = 0; b < 21; b++)
      for (let k = 0; k < n; k++)
        for (const part of [0, 1])
          columns[2 * (3 + k * 21 + b) + part] = rows[2 * (b * n + k) + part];
    createFft(n).forward(rows, { batch: 21 });
    createFft(n).forward(columns, { offset: 3, stride: 21, batch: 21, batchStride: 1 });
    expect(columns.subarray(0, 6)).toBeAllclose(new Float64Array(6).fill(7));
    for (let b = 0; b < 21; b++)
      for (let k = 0; k < n; k++)
        expect(columns[2 * (3 + k * 21 + b)]).toBeCloseTo(rows[2 * (b * n + k)], 12);
  });

  it("refuses an array that is too short and a length that is no count", () => {
    expect(() => createFft(8).forward(new Float32Array(15))).toThrow("needs 16 numbers");
    expect(() => createFft(0)).toThrow("whole length");
    expect(() => createFft(2.5)).toThrow("whole length");
  });
});

describe("createRealFft2", () => {
  const sizes: readonly (readonly [number, number])[] = [
    [1, 1],
    [1, 7],
    [7, 1],
    [2, 2],
    [6, 5],
    [5, 6],
    [37, 4],
    [4, 37],
    [16, 33],
    [53, 41],
    [64, 48],
  ];

  it.each(sizes)("equals the complex transform at %i × %i", (width, height) => {
    const image = noise(width * height, width * 100 + height);
    const full = new Float64Array(2 * width * height);
    image.forEach((value, i) => (full[2 * i] = value));
    createFft(width).forward(full, { batch: height });
    createFft(height).forward(full, { stride: width, batch: width, batchStride: 1 });
    const half = createRealFft2(width, height).forward(image);
    for (let y = 0; y < height; y++)
      for (let k = 0; k < halfWidth(width); k++)
        for (const part of [0, 1])
          expect(half[2 * (y * halfWidth(width) + k) + part]).toBeCloseTo(
            full[2 * (y * width + k) + part],
            10,
          );
    expect(createRealFft2(width, height).inverse(half)).toBeAllclose(image, { atol: 1e-13 });
  });

  it("puts an impulse and a plane wave where the convention says", () => {
    const width = 12;
    const height = 10;
    const fft = createRealFft2(width, height);
    const impulse = new Float32Array(width * height);
    impulse[3 * width + 2] = 1;
    const spectrum = fft.forward(impulse);
    const angle = -2 * Math.PI * ((1 * 2) / width + (4 * 3) / height);
    expect(spectrum[2 * (4 * 7 + 1)]).toBeCloseTo(Math.cos(angle), 6);
    expect(spectrum[2 * (4 * 7 + 1) + 1]).toBeCloseTo(Math.sin(angle), 6);
    const wave = Float32Array.from({ length: width * height }, (_, i) =>
      Math.cos(2 * Math.PI * ((3 * (i % width)) / width - (2 * Math.floor(i / width)) / height)),
    );
    const peak = fft.forward(wave);
    // Frequency (kx, ky) = (3, −2) lies in row height − 2.
    expect(peak[2 * (8 * 7 + 3)]).toBeCloseTo((width * height) / 2, 4);
    expect(peak[2 * (2 * 7 + 3)]).toBeCloseTo(0, 4);
  });

  it("is linear and obeys the shift theorem, whole px being a cyclic roll", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: -25, max: 25 }),
        fc.integer({ min: -25, max: 25 }),
        (width, height, dx, dy) => {
          const image = noise(width * height, width + 31 * height);
          const fft = realFft2(width, height);
          const spectrum = fft.forward(image);
          shiftSpectrum(spectrum, width, height, dx, dy);
          const moved = fft.inverse(spectrum);
          const rolled = image.map((_, i) => {
            const x = ((((i % width) - dx) % width) + width) % width;
            const y = (((Math.floor(i / width) - dy) % height) + height) % height;
            return image[y * width + x];
          });
          expect(moved).toBeAllclose(rolled, { atol: 1e-12 });
        },
      ),
      { numRuns: 60, seed: 7 },
    );
  });

  it("keeps a half-pixel shift real: there and back is the low-passed image", () => {
    const fft = createRealFft2(15, 9);
    const image = noise(15 * 9, 3);
    const spectrum = fft.forward(image);
    shiftSpectrum(spectrum, 15, 9, 0.5, -1.25);
    shiftSpectrum(spectrum, 15, 9, -0.5, 1.25);
    expect(fft.inverse(spectrum)).toBeAllclose(image, { atol: 1e-12 });
  });

  it("is exact to a rounding in single storage at detector sizes", () => {
    // 4095 = 3²·5·7·13 and 1279 is prime (chirp-z).
    const width = 4095;
    const height = 127;
    const image = Float32Array.from(noise(width * height, 1));
    const fft = createRealFft2(width, height);
    const back = fft.inverse(fft.forward(image));
    // Two roundings of spectra of size √(width·height): relative 2 × 6e-8, times 5 sd.
    expect(back).toBeAllclose(image, { atol: 1e-6 });
  });

  it("says which size does not fit", () => {
    expect(() => createRealFft2(4, 4).forward(new Float32Array(15))).toThrow("15 numbers, 16");
    expect(() => createRealFft2(4, 4).forwardCropped(new Float32Array(16), 6, 4)).toThrow(
      "cut to 6",
    );
  });
});

describe("resampleSpectrum", () => {
  const sizes: readonly (readonly [number, number, number, number])[] = [
    [12, 10, 6, 4],
    [12, 10, 7, 5],
    [13, 9, 6, 4],
    [13, 9, 7, 8],
    [16, 16, 16, 8],
    [9, 12, 1, 1],
  ];

  it.each(sizes)("%i × %i to %i × %i samples a band-limited image", (w, h, cw, ch) => {
    // Sum of waves within the small band (Nyquist of an even axis included), sampled on both grids.
    const random = createRandom(w * h + cw);
    const waves: number[][] = [];
    for (let kx = -Math.floor(cw / 2); kx <= cw / 2; kx++)
      for (let ky = -Math.floor(ch / 2); ky <= ch / 2; ky++)
        waves.push([kx, ky, random.normal(), random.uniform() * 6]);
    const sample = (width: number, height: number): Float64Array =>
      Float64Array.from({ length: width * height }, (_, i) => {
        const x = (i % width) / width;
        const y = Math.floor(i / width) / height;
        return waves.reduce(
          (s, [kx, ky, a, p]) => s + a * Math.cos(2 * Math.PI * (kx * x + ky * y) + p),
          0,
        );
      });
    const big = createRealFft2(w, h);
    const small = createRealFft2(cw, ch);
    const cut = resampleSpectrum(
      big.forward(sample(w, h)),
      { width: w, height: h },
      { width: cw, height: ch },
    );
    expect(small.inverse(cut.slice())).toBeAllclose(sample(cw, ch), { atol: 1e-10 });
    expect(big.forwardCropped(sample(w, h), cw, ch)).toBeAllclose(cut, { atol: 1e-10 });
  });

  it("gives the image back after enlarging and shrinking, even and odd", () => {
    for (const [w, h, bw, bh] of [
      [8, 6, 16, 9],
      [8, 6, 9, 7],
      [7, 5, 12, 6],
      [8, 5, 8, 10],
    ]) {
      const image = noise(w * h, w * bw);
      const size = { width: w, height: h };
      const larger = { width: bw, height: bh };
      const up = resampleSpectrum(createRealFft2(w, h).forward(image), size, larger);
      const down = resampleSpectrum(up, larger, size);
      expect(createRealFft2(w, h).inverse(down)).toBeAllclose(image, { atol: 1e-12 });
    }
  });
});

describe("sizes and frequencies", () => {
  it("finds fast sizes", () => {
    expect([1, 11, 13, 4095, 11000, 3709].map((n) => nextFastSize(n))).toEqual([
      1, 12, 14, 4096, 11025, 3750,
    ]);
    expect(nextFastSize(11000, { even: true })).toBe(11200);
    expect([4095, 1, 23].map((n) => previousFastSize(n))).toEqual([4050, 1, 21]);
    expect(previousFastSize(23, { even: true })).toBe(20);
  });

  it("numbers bins as numpy's fftfreq", () => {
    expect([0, 1, 2, 3].map((i) => frequencyOfIndex(i, 4))).toEqual([0, 0.25, -0.5, -0.25]);
    expect([0, 1, 2, 3, 4].map((i) => signedIndex(i, 5))).toEqual([0, 1, 2, -2, -1]);
  });
});
