import { describe, expect, it } from "vitest";
import type { Float32Pixels } from "#src/domain/movie.ts";
import { directTransform } from "#src/testing/directTransform.ts";
import { imageOf, noiseImage, runOperations } from "#src/testing/preprocessing.ts";
import { parsePreprocessRecipe } from "#src/domain/preprocessCheck.ts";
import { accessTo, removeBadPixels, repairPixels } from "./badPixels.ts";
import { createPreprocessChain } from "./runStages.ts";

describe("crop", () => {
  it("takes the same border off all sides", () => {
    const result = runOperations(
      imageOf(100, 80, (x, y) => 1000 * y + x),
      100,
      80,
      { crop: { pixels: 10 } },
    );
    expect([result.width, result.height]).toEqual([80, 60]);
    expect(result.pixels[0]).toBe(10010);
    expect(result.pixels[80 * 60 - 1]).toBe(69089);
  });
});

describe("logarithm", () => {
  it("gives a where x + c is 1", () => {
    const { pixels, report } = runOperations(new Float32Array(4).fill(1 - 336.6), 2, 2, {
      log: {},
    });
    // 1 − c in single precision is off by 1e-5, and so is the logarithm.
    expect(pixels).toBeAllclose(new Float32Array(4).fill(4.431), { atol: 1e-5 });
    expect(report.undefinedLogarithms).toBe(0);
  });

  it("counts what is undefined and takes the smallest defined argument", () => {
    const values = Float32Array.of(-400, 0, 3, -10);
    const { pixels, report } = runOperations(values, 2, 2, { log: { a: 0, b: -1, c: 10 } });
    expect(report.undefinedLogarithms).toBe(2);
    expect(pixels).toBeAllclose([Math.log(10), Math.log(10), Math.log(13), Math.log(10)], {
      rtol: 1e-6,
    });
  });

  it("is infinite or NaN where it is undefined, in the arithmetic of the original", () => {
    const values = Float32Array.of(-400, 0, 3, -10);
    const { pixels, report } = runOperations(values, 2, 2, {
      log: { a: 1, b: 2, c: 10 },
      parity: "xmipp",
    });
    expect(report.undefinedLogarithms).toBe(2);
    expect(Array.from(pixels)).toEqual([
      NaN,
      Math.fround(1 - 2 * Math.log(10)),
      Math.fround(1 - 2 * Math.log(13)),
      Infinity,
    ]);
  });

  it("that is undefined ends no later operation of the original's arithmetic in a loop", () => {
    const values = noiseImage(256, 31, 0, 10);
    const all = { log: { c: 5 }, badPixels: {}, invert: {}, downsample: {}, denoise: {} };
    const more = { gaussian: {}, highPass: {}, lowPass: {}, normalize: {}, parity: "xmipp" };
    const { report } = runOperations(values, 16, 16, { ...all, ...more });
    expect(report.undefinedLogarithms).toBeGreaterThan(10);
    expect(report.badPixels).toBe(0);
  });

  it("refuses when no pixel has a logarithm", () => {
    expect(() => runOperations(new Float32Array(4).fill(-5), 2, 2, { log: { c: 1 } })).toThrow(
      /larger c/,
    );
  });
});

describe("bad pixels", () => {
  it("take the median of their 24 neighbours", () => {
    const width = 31;
    const pixels = noiseImage(width * width, 3);
    const at = 15 * width + 12;
    pixels[at] *= 100;
    const neighbours: number[] = [];
    for (let v = -2; v <= 2; v++)
      for (let u = -2; u <= 2; u++)
        if (u !== 0 || v !== 0) neighbours.push(pixels[at + v * width + u]);
    neighbours.sort((a, b) => a - b);
    const { pixels: out, report } = runOperations(pixels, width, width, {
      badPixels: { stddev: 5 },
    });
    expect(report.badPixels).toBe(1);
    expect(out[at]).toBeCloseTo((neighbours[11] + neighbours[12]) / 2, 4);
    out[at] = pixels[at];
    expect(out).toEqual(pixels);
  });

  it("use repaired neighbours at once: 23 for the first of two, 24 for the second", () => {
    const width = 9;
    const pixels = imageOf(width, width, (x, y) => x + 9 * y);
    const first = 4 * width + 4;
    const seen: number[] = [];
    const access = accessTo(pixels, width);
    let reads = 0;
    repairPixels(
      {
        get: (x, y) => {
          reads++;
          return access.get(x, y);
        },
        set: (x, y, value) => {
          seen.push(reads);
          reads = 0;
          access.set(x, y, value);
        },
      },
      width,
      width,
      [first, first + 1],
    );
    expect(seen).toEqual([23, 24]);
  });

  it("are repaired from the rim inwards where a whole corner is bad", () => {
    const width = 12;
    const pixels = imageOf(width, width, (x, y) => (x < 6 && y < 6 ? 1e6 : 5));
    const bad: number[] = [];
    for (let y = 0; y < 6; y++) for (let x = 0; x < 6; x++) bad.push(y * width + x);
    expect(repairPixels(accessTo(pixels, width), width, width, bad)).toBe(0);
    expect(pixels).toEqual(new Float32Array(144).fill(5));
  });

  it("are left alone in a constant image, and end when every pixel is bad", () => {
    const constant = new Float32Array(64).fill(0.1);
    expect(removeBadPixels(constant, 8, 8, 1)).toBe(0);
    const all = Array.from({ length: 64 }, (_, i) => i);
    expect(repairPixels(accessTo(constant, 8), 8, 8, all)).toBe(64);
  });

  it("include NaN and infinity, whatever is switched on", () => {
    const pixels = noiseImage(400, 9);
    pixels[33] = NaN;
    pixels[34] = Infinity;
    const { pixels: out, report } = runOperations(pixels, 20, 20, { invert: {} });
    expect(report.nonFinitePixels).toBe(2);
    expect(out.every((x) => Number.isFinite(x))).toBe(true);
    expect(() => runOperations(new Float32Array(4).fill(NaN), 2, 2, { invert: {} })).toThrow(
      /no finite/,
    );
  });
});

describe("downsampling", () => {
  it("keeps a cosine below the new Nyquist frequency, and the mean", () => {
    const wave = (n: number) => (x: number, y: number) =>
      50 + Math.cos((2 * Math.PI * 7 * x) / n) + 0.5 * Math.sin((2 * Math.PI * 5 * y) / n);
    const { pixels, width, report } = runOperations(imageOf(64, 64, wave(64)), 64, 64, {
      downsample: { factor: 2 },
    });
    expect(width).toBe(32);
    expect(pixels).toBeAllclose(imageOf(32, 32, wave(32)), { atol: 2e-5 });
    expect(report.factorX).toBe(2);
    expect(report.statistics.mean).toBeCloseTo(50, 5);
  });

  it("gives 2047 px for 4095 px and factor 2, with the exact factor", () => {
    for (const parity of [{}, { parity: "xmipp" }]) {
      const chain = createPreprocessChain(
        new Float32Array(45 * 45),
        { width: 45, height: 45 },
        parsePreprocessRecipe({ downsample: {}, ...parity }),
        directTransform,
      );
      while (chain.position.stage !== "done") chain.advance();
      expect(chain.result().width).toBe(22);
      expect(chain.result().report.factorX).toBeCloseTo(45 / 22, 12);
    }
  });
});

describe("Fourier filters", () => {
  const impulse = imageOf(65, 65, (x, y) => (x === 32 && y === 32 ? 1 : 0));
  const variance = (pixels: Float32Pixels): number =>
    pixels.reduce((sum, p, i) => sum + p * ((i % 65) - 32) ** 2, 0);

  it("smooth by the standard deviation that is asked for, Xmipp by that over √2", () => {
    expect(variance(runOperations(impulse, 65, 65, { gaussian: { sigma: 2 } }).pixels)).toBeCloseTo(
      4,
      3,
    );
    const parity = { gaussian: { sigma: 2 }, parity: "xmipp" };
    expect(variance(runOperations(impulse, 65, 65, parity).pixels)).toBeCloseTo(2, 3);
  });

  it("take a constant and a checkerboard away", () => {
    const flat = runOperations(new Float32Array(900).fill(7), 30, 30, { highPass: {} });
    expect(flat.pixels).toBeAllclose(new Float32Array(900), { atol: 1e-6 });
    const board = imageOf(30, 30, (x, y) => ((x + y) % 2 === 0 ? 1 : -1));
    const smooth = runOperations(board, 30, 30, { lowPass: {} });
    expect(smooth.pixels).toBeAllclose(new Float32Array(900), { atol: 1e-6 });
  });

  it("pass what lies inside and halve what lies in the middle of a transition", () => {
    const wave = (k: number): Float32Pixels =>
      imageOf(40, 40, (x) => Math.cos((2 * Math.PI * k * x) / 40));
    const bands = {
      highPass: { cutoff: 0.2, transition: 0.1 },
      lowPass: { cutoff: 0.3, transition: 0.1 },
    };
    // 0.25 inside; 0.15 and 0.35 in the middle; 0.1 and 0.4 outside.
    for (const [k, factor] of [
      [10, 1],
      [6, 0.5],
      [14, 0.5],
      [4, 0],
      [16, 0],
    ] as const)
      expect(runOperations(wave(k), 40, 40, bands).pixels).toBeAllclose(
        wave(k).map((x) => factor * x),
        { atol: 1e-5 },
      );
  });

  it("keep part of the mean when the high-pass is wider than its cutoff", () => {
    const { report } = runOperations(new Float32Array(900).fill(8), 30, 30, {
      highPass: { cutoff: 0.1, transition: 0.2 },
    });
    expect(report.statistics.mean).toBeCloseTo(8 * 0.5 * (1 + Math.cos(Math.PI / 2)), 5);
  });
});

describe("normalization", () => {
  it("gives mean 0 and standard deviation 1", () => {
    const { report } = runOperations(noiseImage(40 * 41, 4, 1e4, 3), 40, 41, { normalize: {} });
    expect(report.statistics.mean).toBeCloseTo(0, 6);
    expect(report.statistics.std).toBeCloseTo(1, 6);
  });

  it("gives 0 for a constant image", () => {
    expect(runOperations(new Float32Array(9).fill(3), 3, 3, { normalize: {} }).pixels).toEqual(
      new Float32Array(9),
    );
  });
});
