import { describe, expect, it } from "vitest";
import type { Gain } from "#src/domain/gain.ts";
import { averageGains } from "./averageGains.ts";
import { createRandom } from "./random.ts";

const gainOf = (g: readonly number[], bad: readonly number[] = g.map(() => 0)): Gain => ({
  width: g.length,
  height: 1,
  correction: Float32Array.from(g, (v, i) => (bad[i] === 0 ? 1 / v : 0)),
  bad: Uint8Array.from(bad),
});

describe("gains of several movies", () => {
  it("are averaged with the least variance", () => {
    const random = createRandom(7);
    const truth = Array.from({ length: 4096 }, () => 1 + 0.05 * random.normal());
    const sigmas = [0.02, 0.06, 0.03];
    const gains = sigmas.map((sigma) => gainOf(truth.map((g) => g + sigma * random.normal())));
    const { correction } = averageGains(gains, sigmas);
    const mean = truth.reduce((sum, g) => sum + 1 / g, 0) / truth.length;
    const rms = Math.sqrt(
      correction.reduce((sum, c, i) => sum + (1 / c - truth[i] * mean) ** 2, 0) / truth.length,
    );
    // Σ 1/σ² to the power −1/2; the sd of an rms over 4096 values is 1 %.
    const expected = sigmas.reduce((sum, sigma) => sum + 1 / sigma ** 2, 0) ** -0.5;
    expect(rms).toBeGreaterThan(0.95 * expected);
    expect(rms).toBeLessThan(1.05 * expected);
  });

  it("leave out a pixel of the movies where it is bad, and have mean 1", () => {
    const { correction, bad } = averageGains(
      [gainOf([1, 2, 4], [0, 1, 1]), gainOf([1, 2, 4], [0, 0, 1])],
      [null, null],
    );
    expect([...bad]).toEqual([0, 0, 1]);
    // C is 1 and 1/2, scaled to mean 1 over the two.
    expect(correction[0]).toBeCloseTo(4 / 3, 6);
    expect(correction[1]).toBeCloseTo(2 / 3, 6);
    expect(correction[2]).toBe(0);
  });

  it("refuse sizes that differ", () => {
    expect(() => averageGains([gainOf([1]), gainOf([1, 1])], [null, null])).toThrow("1 × 1, 2 × 1");
  });
});
