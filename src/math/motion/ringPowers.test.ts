import { describe, expect, it } from "vitest";
import { Cholesky } from "../cholesky.ts";
import { createRandom } from "../random.ts";
import { jointLikelihood, separatePowers, typicalPattern } from "./ringPowers.ts";

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

describe("the likelihood of a specimen and a pattern", () => {
  it("has the determinant of the covariance of frames", () => {
    const [S, P, N, frames] = [0.7, 0.2, 1.3, 5];
    const phases = Float64Array.from({ length: frames }, (_, t) => 0.8 * t + 0.1 * t * t);
    const [re, im] = [Math.cos, Math.sin].map((f) => phases.reduce((sum, p) => sum + f(p), 0));
    // Complex covariance N·I + S·vv* + P·11* as a real one of twice the size: the determinant squared.
    const covariance = Float64Array.from({ length: (2 * frames) ** 2 }, (_, i) => {
      const [row, column] = [Math.floor(i / (2 * frames)), i % (2 * frames)];
      const [t, s] = [row % frames, column % frames];
      const angle = phases[t] - phases[s];
      const cross = row < frames !== column < frames;
      const sign = row < frames ? -1 : 1;
      if (cross) return sign * S * Math.sin(angle);
      return S * Math.cos(angle) + P + (t === s ? N : 0);
    });
    const half = 0.5 * new Cholesky(covariance, 2 * frames).logDeterminant();
    const one = (value: number): Float64Array => Float64Array.of(value);
    const found = jointLikelihood(
      { specimen: one(S), pattern: one(P), noise: one(N) },
      one((re * re + im * im) / (frames * frames)),
      frames,
      one(3),
    );
    expect(found).toBeCloseTo(-0.5 * 3 * half, 8);
  });
});
