import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Float32Pixels } from "#src/domain/movie.ts";
import { noiseImage, runOperations } from "#src/testing/preprocessing.ts";
import { imageStatistics } from "./imageStatistics.ts";

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
        const a = noiseImage(width * height, seed, 0, 1);
        const b = noiseImage(width * height, seed + 1, 0, 1);
        const operations = { downsample: { factor: 1.3 }, ...filters };
        const of = (pixels: Float32Pixels): Float32Pixels =>
          runOperations(pixels, width, height, operations).pixels;
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
        const pixels = noiseImage(width * height, seed, 5, 1);
        const before = imageStatistics(pixels);
        const after = runOperations(pixels, width, height, filters).report.statistics;
        expect(after.std).toBeLessThanOrEqual(before.std * (1 + 1e-6));
        const { gaussian, lowPass } = filters;
        const smooth = runOperations(pixels, width, height, { gaussian, lowPass }).report
          .statistics;
        expect(smooth.mean).toBeCloseTo(before.mean, 5);
      }),
      settings,
    );
  });

  it("normalizing, sharp bands and removing bad pixels twice change nothing more", () => {
    fc.assert(
      fc.property(size, fc.integer({ min: 1, max: 1000 }), ({ width, height }, seed) => {
        const pixels = noiseImage(width * height, seed);
        for (const operations of [
          { normalize: {} },
          { lowPass: { cutoff: 0.23, transition: 0 } },
          { highPass: { cutoff: 0.23, transition: 0 } },
        ]) {
          const once = runOperations(pixels, width, height, operations);
          const twice = runOperations(once.pixels, width, height, operations);
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
          const pixels = noiseImage(width * height, seed);
          const chosen = Object.keys(all).filter((name) => names.includes(name));
          const atOnce = runOperations(
            pixels,
            width,
            height,
            Object.fromEntries(chosen.map((n) => [n, all[n]])),
          );
          let step = { pixels, width, height };
          for (const name of chosen)
            step = runOperations(step.pixels, step.width, step.height, { [name]: all[name] });
          expect([atOnce.width, atOnce.height]).toEqual([step.width, step.height]);
          const { std } = imageStatistics(step.pixels);
          // Single precision between steps that are fused otherwise; the denoiser amplifies it.
          expect(atOnce.pixels).toBeAllclose(step.pixels, { atol: 2e-3 * std + 1e-4 });
        },
      ),
      { seed: 3, numRuns: 60 },
    );
    const pixels = noiseImage(49, 2);
    const once = runOperations(pixels, 7, 7, { invert: {} }).pixels;
    expect(runOperations(once, 7, 7, { invert: {} }).pixels).toEqual(pixels);
  });
});
