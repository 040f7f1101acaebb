import { describe, expect, it } from "vitest";
import { BAD_PIXEL, findBadPixels } from "./badPixels.ts";
import { noisyPixels } from "./noisyPixels.ts";
import type { TimeSums } from "./noisyPixels.ts";
import { createRandom } from "./random.ts";

const [width, height] = [128, 96];
const n = width * height;

/** Poisson frames of a gain with 3 % pixels, seen through `at`, which changes what a pixel expects. */
function sumsOf(
  seed: number,
  frames: number,
  electrons: number,
  at: (i: number, t: number) => number = () => 1,
): TimeSums {
  const random = createRandom(seed);
  const gain = Float64Array.from({ length: n }, () => 1 + 0.03 * random.normal());
  const sum = new Float32Array(n);
  const squares = new Float32Array(n);
  const largest = new Float32Array(n);
  for (let t = 0; t < frames; t++)
    for (let i = 0; i < n; i++) {
      const r = (gain[i] * random.poisson(electrons * at(i, t))) / electrons;
      sum[i] += r;
      squares[i] += r * r;
      largest[i] = Math.max(largest[i], r);
    }
  return { sum, squares, largest, frames, electronsPerFrame: electrons };
}

const none = new Uint8Array(n);
const marked = (flags: Uint8Array): number[] => [...flags.keys()].filter((i) => flags[i] !== 0);

describe("noisyPixels", () => {
  it("keeps its false alarms from 0.1 to 20 electrons a frame", () => {
    // At 2 expected alarms an image, 6 images: 12 in all; the tail is a bound, so fewer, and never above
    // 12 + 3·√12 = 22 by chance. At 0.01 an image nothing is expected.
    let many = 0;
    let few = 0;
    for (const [seed, frames, electrons] of [
      [1, 12, 8],
      [2, 24, 1],
      [3, 40, 0.3],
      [4, 60, 0.1],
      [5, 10, 20],
      [6, 20, 5],
    ]) {
      const sums = sumsOf(seed, frames, electrons);
      many += marked(noisyPixels(sums, none, width, height, 2)).length;
      few += marked(noisyPixels(sums, none, width, height, 0.01)).length;
    }
    expect(many).toBeLessThanOrEqual(22);
    expect(few).toBeLessThanOrEqual(1);
  });

  it("finds telegraph noise, and neither a single hit nor specimen that moves through", () => {
    const telegraph = [300, 5000, 5001, 9000];
    const random = createRandom(9);
    const state = new Map(telegraph.map((i) => [i, 0]));
    const sums = sumsOf(7, 20, 5, (i, t) => {
      if (i === 7000 && t === 3) return 40;
      // A strong blob, 20 px wide, that crosses the picture: 60 % of contrast.
      const [x, y] = [i % width, Math.floor(i / width)];
      const specimen = 1 + 0.6 * Math.exp(-((x - 30 - 3 * t) ** 2 + (y - 40) ** 2) / 200);
      const old = state.get(i);
      if (old === undefined) return specimen;
      const now = random.uniform() < 0.3 ? 1 - old : old;
      state.set(i, now);
      return specimen * (now === 1 ? 3 : 0.5);
    });
    expect(marked(noisyPixels(sums, none, width, height, 0.01))).toEqual(telegraph);
  });

  it("says nothing of few frames, and keeps the source apart from others", () => {
    const loud = (i: number, t: number): number => (i === 600 ? (t % 2 === 0 ? 4 : 0.1) : 1);
    expect(marked(noisyPixels(sumsOf(8, 6, 10, loud), none, width, height, 0.01))).toEqual([]);
    const sums = sumsOf(8, 16, 10, loud);
    const total = sums.sum.map((v) => v * 10);
    total[77] = 0;
    const { flags, summary } = findBadPixels(total, width, height, 1, null, sums);
    expect(flags[77]).toBe(BAD_PIXEL.dead);
    expect(flags[600] & BAD_PIXEL.noisy).toBe(BAD_PIXEL.noisy);
    expect(summary.noisy).toBe(1);
    expect(summary.falseAlarms).toBeCloseTo(0.02, 12);
    expect(findBadPixels(total, width, height, 1, null).summary.noisy).toBeNull();
  });
});
