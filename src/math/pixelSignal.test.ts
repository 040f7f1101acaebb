import { describe, expect, it } from "vitest";
import { gaussianFilter } from "./gaussianFilter.ts";
import { combinePixelSignals, measurePixelSignal } from "./pixelSignal.ts";
import type { SplitPatch } from "./pixelSignal.ts";
import { createRandom } from "./random.ts";

const SIDE = 256;
const MARGIN = 16;
const RUNS = 4;
/** Electrons a pixel in a run. */
const ELECTRONS = 25;

/**
 * Runs of noise about a white pattern of standard deviation `pattern` and a specimen (blurred noise with
 * grain of single pixels) that moves by whole pixels: closed form of everything but the noise.
 */
function patchOf(seed: number, pattern: number, specimen: number, step: number): SplitPatch {
  const random = createRandom(seed);
  const wide = SIDE + 2 * MARGIN;
  const white = Float32Array.from({ length: wide * wide }, () => random.normal());
  const scene = gaussianFilter(white, wide, wide, 0.7).map((v, i) => v + 0.1 * white[i]);
  const rms = Math.sqrt(scene.reduce((s, v) => s + v * v, 0) / scene.length);
  const fixed = Float32Array.from({ length: SIDE * SIDE }, () => pattern * random.normal());
  const runs = Array.from({ length: RUNS }, (_, t) => {
    const at = MARGIN - Math.round(t * step);
    return Float32Array.from(fixed, (g, i) => {
      const x = (i % SIDE) + at;
      const y = Math.floor(i / SIDE) + at;
      const scatter = random.normal() / Math.sqrt(ELECTRONS);
      return g + (specimen * scene[y * wide + x]) / rms + scatter;
    });
  });
  return { width: SIDE, height: SIDE, runs };
}

const signalOf = (...args: Parameters<typeof patchOf>) => {
  const signal = measurePixelSignal([patchOf(...args)]);
  if (signal === null) throw new Error("nothing was measured");
  return signal;
};

describe("the pixel pattern from runs of frames", () => {
  it("is found within its uncertainty where the specimen moves, and where there is none", () => {
    for (const [seed, specimen] of [
      [1, 0.15],
      [2, 0.05],
      [3, 0],
    ])
      for (const pattern of [0, 0.03]) {
        const found = signalOf(seed, pattern, specimen, 4);
        // Noise of C(0): ν·√(1/(pairs · pixels · share of the band ½)), ν = 1/25, six pairs: 0.00009.
        expect(found.noise).toBeLessThan(0.0002);
        expect(found.doubt).toBeLessThan(0.0006);
        expect(Math.abs(found.variance - pattern ** 2)).toBeLessThan(3 * found.noise + found.doubt);
        if (specimen > 0) expect(found.specimenMoved).toBe(true);
      }
  });

  it("is in doubt by all of the specimen where that stays", () => {
    for (const pattern of [0, 0.03]) {
      const found = signalOf(4, pattern, 0.15, 0);
      expect(found.specimenMoved).toBe(false);
      expect(found.variance).toBeGreaterThan(0.001);
      expect(found.variance - found.doubt).toBeLessThan(0);
    }
  });

  it("takes neither rows nor columns nor slow waves for pixels", () => {
    const { width, height, runs } = patchOf(5, 0, 0.1, 4);
    const random = createRandom(6);
    const rows = Float64Array.from({ length: height }, () => 0.05 * random.normal());
    const columns = Float64Array.from({ length: width }, () => 0.05 * random.normal());
    for (const run of runs)
      for (let i = 0; i < run.length; i++) {
        const [x, y] = [i % width, Math.floor(i / width)];
        run[i] += rows[y] + columns[x] + 0.1 * Math.sin((2 * Math.PI * (x + y)) / 200);
      }
    const found = measurePixelSignal([{ width, height, runs }]);
    expect(found?.variance ?? 1).toBeLessThan(0.0003);
  });

  it("needs two runs, and gains from further movies", () => {
    const patch = patchOf(7, 0.03, 0.1, 4);
    expect(measurePixelSignal([{ ...patch, runs: patch.runs.slice(0, 1) }])).toBeNull();
    expect(measurePixelSignal([])).toBeNull();
    const one = signalOf(8, 0.03, 0.1, 4);
    const both = combinePixelSignals([one, signalOf(9, 0.03, 0.1, 4)]);
    expect(both?.noise ?? 1).toBeLessThan(0.8 * one.noise);
    expect(combinePixelSignals([])).toBeNull();
  });
});
