import { describe, expect, it } from "vitest";
import { BAD_PIXEL, findBadPixels } from "./badPixels.ts";
import { normalQuantile } from "./normalQuantile.ts";
import { createRandom } from "./random.ts";

const [width, height] = [160, 120];

/** Poisson sums of a gain with 3 % pixels and 2 % columns, 32 units per electron. */
function sumOf(seed: number, electrons: number): Float32Array {
  const random = createRandom(seed);
  const columns = Float64Array.from({ length: width }, () => 1 + 0.02 * random.normal());
  return Float32Array.from(
    { length: width * height },
    (_, i) => 32 * columns[i % width] * (1 + 0.03 * random.normal()) * random.poisson(electrons),
  );
}

describe("findBadPixels", () => {
  it("keeps its false alarms: none in twenty good detectors at 15 to 400 electrons", () => {
    // 20 images at 0.01 expected alarms each: more than one alarm in all has a probability of 2 %.
    let alarms = 0;
    for (let seed = 0; seed < 20; seed++) {
      const { summary } = findBadPixels(
        sumOf(seed, [15, 50, 400][seed % 3]),
        width,
        height,
        32,
        null,
      );
      alarms += summary.hot + summary.dead;
    }
    expect(alarms).toBeLessThanOrEqual(1);
  });

  it("finds dead and hot pixels, also beside each other, a row and a column", () => {
    const sum = sumOf(3, 100);
    const at = (x: number, y: number) => y * width + x;
    sum[at(20, 30)] = 0;
    sum[at(50, 60)] *= 4;
    sum[at(51, 60)] *= 8;
    for (let x = 0; x < width; x++) sum[at(x, 90)] *= 5; // brighter than what a block of 8 rows hides
    for (let y = 0; y < height; y++) sum[at(7, y)] = 0;
    const { flags, summary } = findBadPixels(sum, width, height, 32, null);
    expect(flags[at(20, 30)]).toBe(BAD_PIXEL.dead);
    expect(flags[at(50, 60)] & BAD_PIXEL.hot).toBeTruthy();
    expect(flags[at(51, 60)] & BAD_PIXEL.hot).toBeTruthy();
    expect(summary.rows).toEqual([90]);
    expect(summary.columns).toEqual([7]);
    expect(flags[at(100, 100)]).toBe(0);
  });

  it("merges the reference's and keeps the source of each flag", () => {
    const reference = new Uint8Array(width * height);
    reference[77] = 1;
    const { flags, summary } = findBadPixels(sumOf(5, 60), width, height, 32, reference);
    expect(flags[77]).toBe(BAD_PIXEL.reference);
    expect(summary.reference).toBe(1);
  });

  it("knows normal quantiles", () => {
    for (const [p, z] of [
      [0.025, 1.95996],
      [1e-4, 3.71902],
      [1e-9, 5.99781],
    ])
      expect(normalQuantile(p)).toBeCloseTo(z, 2);
  });
});
