import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Float32Pixels } from "#src/domain/movie.ts";
import { parsePreprocessRecipe } from "#src/domain/preprocessCheck.ts";
import { createRandom } from "#src/math/random.ts";
import { directTransform } from "#src/testing/directTransform.ts";
import { accessTo, removeBadPixels, repairPixels } from "./badPixels.ts";
import { createDenoiser } from "./denoise.ts";
import { imageStatistics } from "./imageStatistics.ts";
import { createPreprocessChain } from "./runStages.ts";
import type { PreprocessedImage } from "./runStages.ts";

function run(
  pixels: Float32Pixels,
  width: number,
  height: number,
  operations: Record<string, unknown>,
): PreprocessedImage {
  const chain = createPreprocessChain(
    pixels.slice(),
    { width, height },
    parsePreprocessRecipe(operations),
    directTransform,
  );
  while (chain.position.stage !== "done") chain.advance();
  return chain.result();
}

function noise(count: number, seed: number, mean = 100, std = 10): Float32Pixels {
  const random = createRandom(seed);
  return new Float32Array(count).map(() => mean + std * random.normal());
}

const image = (width: number, height: number, f: (x: number, y: number) => number): Float32Pixels =>
  new Float32Array(width * height).map((_, i) => f(i % width, Math.floor(i / width)));

describe("crop", () => {
  it("takes the same border off all sides", () => {
    const result = run(
      image(100, 80, (x, y) => 1000 * y + x),
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
    const { pixels, report } = run(new Float32Array(4).fill(1 - 336.6), 2, 2, { log: {} });
    // 1 − c in single precision is off by 1e-5, and so is the logarithm.
    expect(pixels).toBeAllclose(new Float32Array(4).fill(4.431), { atol: 1e-5 });
    expect(report.undefinedLogarithms).toBe(0);
  });

  it("counts what is undefined and takes the smallest defined argument", () => {
    const values = Float32Array.of(-400, 0, 3, -10);
    const { pixels, report } = run(values, 2, 2, { log: { a: 0, b: -1, c: 10 } });
    expect(report.undefinedLogarithms).toBe(2);
    expect(pixels).toBeAllclose([Math.log(10), Math.log(10), Math.log(13), Math.log(10)], {
      rtol: 1e-6,
    });
  });

  it("refuses when no pixel has a logarithm", () => {
    expect(() => run(new Float32Array(4).fill(-5), 2, 2, { log: { c: 1 } })).toThrow(/larger c/);
  });
});

describe("bad pixels", () => {
  it("take the median of their 24 neighbours", () => {
    const width = 31;
    const pixels = noise(width * width, 3);
    const at = 15 * width + 12;
    pixels[at] *= 100;
    const neighbours: number[] = [];
    for (let v = -2; v <= 2; v++)
      for (let u = -2; u <= 2; u++)
        if (u !== 0 || v !== 0) neighbours.push(pixels[at + v * width + u]);
    neighbours.sort((a, b) => a - b);
    const { pixels: out, report } = run(pixels, width, width, { badPixels: { stddev: 5 } });
    expect(report.badPixels).toBe(1);
    expect(out[at]).toBeCloseTo((neighbours[11] + neighbours[12]) / 2, 4);
    out[at] = pixels[at];
    expect(out).toEqual(pixels);
  });

  it("use repaired neighbours at once: 23 for the first of two, 24 for the second", () => {
    const width = 9;
    const pixels = image(width, width, (x, y) => x + 9 * y);
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
    const pixels = image(width, width, (x, y) => (x < 6 && y < 6 ? 1e6 : 5));
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
    const pixels = noise(400, 9);
    pixels[33] = NaN;
    pixels[34] = Infinity;
    const { pixels: out, report } = run(pixels, 20, 20, { invert: {} });
    expect(report.nonFinitePixels).toBe(2);
    expect(out.every((x) => Number.isFinite(x))).toBe(true);
    expect(() => run(new Float32Array(4).fill(NaN), 2, 2, { invert: {} })).toThrow(/no finite/);
  });
});

describe("downsampling", () => {
  it("keeps a cosine below the new Nyquist frequency, and the mean", () => {
    const wave = (n: number) => (x: number, y: number) =>
      50 + Math.cos((2 * Math.PI * 7 * x) / n) + 0.5 * Math.sin((2 * Math.PI * 5 * y) / n);
    const { pixels, width, report } = run(image(64, 64, wave(64)), 64, 64, {
      downsample: { factor: 2 },
    });
    expect(width).toBe(32);
    expect(pixels).toBeAllclose(image(32, 32, wave(32)), { atol: 2e-5 });
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
  const impulse = image(65, 65, (x, y) => (x === 32 && y === 32 ? 1 : 0));
  const variance = (pixels: Float32Pixels): number =>
    pixels.reduce((sum, p, i) => sum + p * ((i % 65) - 32) ** 2, 0);

  it("smooth by the standard deviation that is asked for, Xmipp by that over √2", () => {
    expect(variance(run(impulse, 65, 65, { gaussian: { sigma: 2 } }).pixels)).toBeCloseTo(4, 3);
    const parity = { gaussian: { sigma: 2 }, parity: "xmipp" };
    expect(variance(run(impulse, 65, 65, parity).pixels)).toBeCloseTo(2, 3);
  });

  it("take a constant and a checkerboard away", () => {
    const flat = run(new Float32Array(900).fill(7), 30, 30, { highPass: {} });
    expect(flat.pixels).toBeAllclose(new Float32Array(900), { atol: 1e-6 });
    const board = image(30, 30, (x, y) => ((x + y) % 2 === 0 ? 1 : -1));
    const smooth = run(board, 30, 30, { lowPass: {} });
    expect(smooth.pixels).toBeAllclose(new Float32Array(900), { atol: 1e-6 });
  });

  it("pass what lies inside and halve what lies in the middle of a transition", () => {
    const wave = (k: number): Float32Pixels =>
      image(40, 40, (x) => Math.cos((2 * Math.PI * k * x) / 40));
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
      expect(run(wave(k), 40, 40, bands).pixels).toBeAllclose(
        wave(k).map((x) => factor * x),
        { atol: 1e-5 },
      );
  });

  it("keep part of the mean when the high-pass is wider than its cutoff", () => {
    const { report } = run(new Float32Array(900).fill(8), 30, 30, {
      highPass: { cutoff: 0.1, transition: 0.2 },
    });
    expect(report.statistics.mean).toBeCloseTo(8 * 0.5 * (1 + Math.cos(Math.PI / 2)), 5);
  });
});

describe("normalization", () => {
  it("gives mean 0 and standard deviation 1", () => {
    const { report } = run(noise(40 * 41, 4, 1e4, 3), 40, 41, { normalize: {} });
    expect(report.statistics.mean).toBeCloseTo(0, 6);
    expect(report.statistics.std).toBeCloseTo(1, 6);
  });

  it("gives 0 for a constant image", () => {
    expect(run(new Float32Array(9).fill(3), 3, 3, { normalize: {} }).pixels).toEqual(
      new Float32Array(9),
    );
  });
});

describe("denoising", () => {
  const variation = (pixels: Float32Pixels, width: number): number =>
    pixels.reduce((s, p, i) => s + (i % width === 0 ? 0 : Math.abs(p - pixels[i - 1])), 0);

  it("smooths, never rises in energy, and returns to the scale of the input", () => {
    const pixels = noise(64 * 64, 5);
    const { pixels: out, report } = run(pixels, 64, 64, { denoise: { iterations: 30 } });
    expect(variation(out, 64)).toBeLessThan(0.2 * variation(pixels, 64));
    const { energies } = report.denoise!;
    expect(energies.length).toBe(31);
    for (let i = 1; i < energies.length; i++)
      expect(energies[i]).toBeLessThanOrEqual(energies[i - 1]);
    const before = imageStatistics(pixels);
    expect(report.statistics.min).toBeGreaterThanOrEqual(before.min);
    expect(report.statistics.max).toBeLessThanOrEqual(before.max);
    expect(Math.abs(report.statistics.mean - before.mean)).toBeLessThan(0.5 * before.std);
  });

  it("stays within 0 and 1 in the arithmetic of the original", () => {
    const { report } = run(noise(32 * 32, 6), 32, 32, { denoise: {}, parity: "xmipp" });
    expect(report.statistics.min).toBeGreaterThanOrEqual(0);
    expect(report.statistics.max).toBeLessThanOrEqual(1);
  });

  it("ends on constant, extreme and single-pixel images", () => {
    const images: Record<string, Float32Pixels> = {
      constant: new Float32Array(256).fill(5),
      spike: image(16, 16, (x, y) => (x === 3 && y === 4 ? 3e38 : 0)),
      bothEnds: image(16, 16, (x) => (x % 2 === 0 ? -3.3e38 : 3.3e38)),
      tiny: image(16, 16, (x) => x * 1e-44),
      steps: image(16, 16, (x) => 1e30 * (x & 1)),
    };
    for (const [name, pixels] of Object.entries(images)) {
      const { pixels: out, report } = run(pixels, 16, 16, { denoise: { iterations: 40 } });
      expect(report.denoise!.iterations, name).toBeLessThanOrEqual(40);
      expect(
        out.every((x) => Number.isFinite(x)),
        name,
      ).toBe(true);
    }
    expect(run(Float32Array.of(4), 1, 1, { denoise: {} }).pixels).toEqual(Float32Array.of(4));
  });

  it("gives up a line search on numbers that are none, instead of searching for ever", () => {
    const pixels = noise(64, 7);
    pixels[5] = NaN;
    const denoiser = createDenoiser(pixels, 8, 8, 50);
    denoiser.advance(50);
    expect(denoiser.ended).toBe(true);
    expect(denoiser.report().ended).not.toBe("iterations");
  });

  it("gives the same in one go and bit by bit", () => {
    const pixels = noise(30 * 20, 8);
    const whole = createDenoiser(pixels, 30, 20, 25);
    whole.advance(100);
    const parts = createDenoiser(pixels, 30, 20, 25);
    while (!parts.ended) parts.advance(3);
    expect(parts.result("input")).toEqual(whole.result("input"));
    expect(parts.report()).toEqual(whole.report());
  });
});

describe("properties", () => {
  const size = fc.record({
    width: fc.integer({ min: 3, max: 24 }),
    height: fc.integer({ min: 3, max: 24 }),
  });
  const filters = {
    gaussian: { sigma: 1.3 },
    highPass: { cutoff: 0.1, transition: 0.05 },
    lowPass: { cutoff: 0.3, transition: 0.1 },
  };
  const settings = { seed: 11, numRuns: 40 };

  it("filters and downsampling are linear", () => {
    fc.assert(
      fc.property(size, fc.integer({ min: 1, max: 1000 }), ({ width, height }, seed) => {
        const a = noise(width * height, seed, 0, 1);
        const b = noise(width * height, seed + 1, 0, 1);
        const operations = { downsample: { factor: 1.3 }, ...filters };
        const of = (pixels: Float32Pixels): Float32Pixels =>
          run(pixels, width, height, operations).pixels;
        const sum = of(a.map((x, i) => 2 * x - 3 * b[i]));
        const [fa, fb] = [of(a), of(b)];
        expect(sum).toBeAllclose(
          fa.map((x, i) => 2 * x - 3 * fb[i]),
          { atol: 2e-5 },
        );
      }),
      settings,
    );
  });

  it("filters never add energy, and the mean survives without a high-pass", () => {
    fc.assert(
      fc.property(size, fc.integer({ min: 1, max: 1000 }), ({ width, height }, seed) => {
        const pixels = noise(width * height, seed, 5, 1);
        const before = imageStatistics(pixels);
        const after = run(pixels, width, height, filters).report.statistics;
        expect(after.std).toBeLessThanOrEqual(before.std * (1 + 1e-6));
        const { gaussian, lowPass } = filters;
        const smooth = run(pixels, width, height, { gaussian, lowPass }).report.statistics;
        expect(smooth.mean).toBeCloseTo(before.mean, 5);
      }),
      settings,
    );
  });

  it("normalizing, sharp bands and removing bad pixels twice change nothing more", () => {
    fc.assert(
      fc.property(size, fc.integer({ min: 1, max: 1000 }), ({ width, height }, seed) => {
        const pixels = noise(width * height, seed);
        for (const operations of [
          { normalize: {} },
          { lowPass: { cutoff: 0.23, transition: 0 } },
          { highPass: { cutoff: 0.23, transition: 0 } },
        ]) {
          const once = run(pixels, width, height, operations);
          const twice = run(once.pixels, width, height, operations);
          expect(twice.pixels).toBeAllclose(once.pixels, { atol: 2e-4 });
        }
      }),
      settings,
    );
  });

  it("inverting twice is nothing, and everything at once is one after the other", () => {
    const all: Record<string, unknown> = {
      crop: { pixels: 2 },
      log: { a: 1, b: -2, c: 50 },
      badPixels: { stddev: 2.5 },
      invert: {},
      downsample: { factor: 1.5 },
      denoise: { iterations: 6 },
      ...filters,
      normalize: {},
    };
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 30 }),
        fc.integer({ min: 10, max: 30 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.uniqueArray(fc.constantFrom(...Object.keys(all)), { minLength: 1 }),
        (width, height, seed, names) => {
          const pixels = noise(width * height, seed);
          const chosen = Object.keys(all).filter((name) => names.includes(name));
          const atOnce = run(
            pixels,
            width,
            height,
            Object.fromEntries(chosen.map((n) => [n, all[n]])),
          );
          let step = { pixels, width, height };
          for (const name of chosen)
            step = run(step.pixels, step.width, step.height, { [name]: all[name] });
          expect([atOnce.width, atOnce.height]).toEqual([step.width, step.height]);
          const { std } = imageStatistics(step.pixels);
          // Single precision between steps that are fused otherwise; the denoiser amplifies it.
          expect(atOnce.pixels).toBeAllclose(step.pixels, { atol: 2e-3 * std + 1e-4 });
        },
      ),
      { seed: 3, numRuns: 60 },
    );
    const pixels = noise(49, 2);
    const once = run(pixels, 7, 7, { invert: {} }).pixels;
    expect(run(once, 7, 7, { invert: {} }).pixels).toEqual(pixels);
  });
});
