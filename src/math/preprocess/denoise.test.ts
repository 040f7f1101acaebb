import { describe, expect, it } from "vitest";
import type { Float32Pixels } from "#src/domain/movie.ts";
import { imageOf, noiseImage, runOperations } from "#src/testing/preprocessing.ts";
import { createDenoiser } from "./denoise.ts";
import { imageStatistics } from "./imageStatistics.ts";

describe("denoising", () => {
  const variation = (pixels: Float32Pixels, width: number): number =>
    pixels.reduce((s, p, i) => s + (i % width === 0 ? 0 : Math.abs(p - pixels[i - 1])), 0);

  it("smooths, never rises in energy, and returns to the scale of the input", () => {
    const pixels = noiseImage(64 * 64, 5);
    const { pixels: out, report } = runOperations(pixels, 64, 64, { denoise: { iterations: 30 } });
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
    const { report } = runOperations(noiseImage(32 * 32, 6), 32, 32, {
      denoise: {},
      parity: "xmipp",
    });
    expect(report.statistics.min).toBeGreaterThanOrEqual(0);
    expect(report.statistics.max).toBeLessThanOrEqual(1);
  });

  it("ends on constant, extreme and single-pixel images", () => {
    const images: Record<string, Float32Pixels> = {
      constant: new Float32Array(256).fill(5),
      spike: imageOf(16, 16, (x, y) => (x === 3 && y === 4 ? 3e38 : 0)),
      bothEnds: imageOf(16, 16, (x) => (x % 2 === 0 ? -3.3e38 : 3.3e38)),
      tiny: imageOf(16, 16, (x) => x * 1e-44),
      steps: imageOf(16, 16, (x) => 1e30 * (x & 1)),
    };
    for (const [name, pixels] of Object.entries(images)) {
      const { pixels: out, report } = runOperations(pixels, 16, 16, {
        denoise: { iterations: 40 },
      });
      expect(report.denoise!.iterations, name).toBeLessThanOrEqual(40);
      expect(
        out.every((x) => Number.isFinite(x)),
        name,
      ).toBe(true);
    }
    expect(runOperations(Float32Array.of(4), 1, 1, { denoise: {} }).pixels).toEqual(
      Float32Array.of(4),
    );
  });

  it("gives up a line search on numbers that are none, instead of searching for ever", () => {
    const pixels = noiseImage(64, 7);
    pixels[5] = NaN;
    const denoiser = createDenoiser(pixels, 8, 50);
    denoiser.advance(50);
    expect(denoiser.ended).toBe(true);
    expect(denoiser.report().ended).not.toBe("iterations");
  });

  it("gives the same in one go and bit by bit", () => {
    const pixels = noiseImage(30 * 20, 8);
    const whole = createDenoiser(pixels, 30, 25);
    whole.advance(100);
    const parts = createDenoiser(pixels, 30, 25);
    while (!parts.ended) parts.advance(3);
    expect(parts.result("input")).toEqual(whole.result("input"));
    expect(parts.report()).toEqual(whole.report());
  });
});
