import { describe, expect, it } from "vitest";
import { createRandom } from "../random.ts";
import { separatePowers, typicalPattern } from "./ringPowers.ts";

const T = 20;
const RINGS = 16;

/** Exact moments of rings whose specimen falls off, at overlap `a`, each off by `error` of its noise. */
function momentsOf(
  a: (r: number) => number,
  pattern: (r: number) => number,
  error = 0,
): Parameters<typeof typicalPattern>[0] & { specimen: Float64Array } {
  const random = createRandom(7);
  const rings = Array.from({ length: RINGS }, (_, r) => r);
  const S = (r: number): number => 2 * Math.exp(-r / 3);
  const off = (): number => 1 + error * random.normal();
  return {
    specimen: Float64Array.from(rings, S),
    still: Float64Array.from(rings, (r) => (a(r) * S(r) + pattern(r) + 1 / T) * off()),
    aligned: Float64Array.from(rings, (r) => (S(r) + a(r) * pattern(r) + 1 / T) * off()),
    single: Float64Array.from(rings, (r) => S(r) + pattern(r) + 1),
    overlap: Float64Array.from(rings, a),
  };
}

const fading = (r: number): number => Math.exp(-r / 4);
const independent = new Float64Array(RINGS).fill(2000);

describe("powers of specimen, pattern and noise", () => {
  it("are told apart exactly from exact moments where the overlap allows", () => {
    const moments = momentsOf(fading, () => 0.01);
    const { specimen, pattern, noise } = separatePowers(
      moments.still,
      moments.aligned,
      moments.single,
      moments.overlap,
      T,
    );
    for (let r = 2; r < RINGS; r++) {
      expect(specimen[r]).toBeCloseTo(moments.specimen[r], 9);
      expect(pattern[r]).toBeCloseTo(0.01, 9);
      expect(noise[r]).toBeCloseTo(1, 9);
    }
  });

  it("show the white pattern of all rings, not the strong one of a few", () => {
    // A slope of the gain is a strong pattern in low rings and says nothing of the others.
    const moments = momentsOf(fading, (r) => (r < 5 ? 0.3 : 0.004));
    expect(typicalPattern(moments, T, independent, 0.4)).toBeCloseTo(0.004, 6);
  });

  it("show no typical pattern where there is none, or where nothing tells it from the specimen", () => {
    for (const seed of [0.002, 0.005, 0.01])
      expect(
        typicalPattern(
          momentsOf(fading, () => 0, seed),
          T,
          independent,
          0.4,
        ),
      ).toBeLessThan(0.0015);
    const still = momentsOf(
      () => 0.9,
      () => 0.02,
    );
    expect(typicalPattern(still, T, independent, 0.4)).toBe(0);
  });
});
