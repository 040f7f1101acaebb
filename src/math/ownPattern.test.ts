import { describe, expect, it } from "vitest";
import type { GainPattern } from "./gainPattern.ts";
import { ownPattern } from "./ownPattern.ts";
import { createRandom } from "./random.ts";

const side = 128;
const random = createRandom(8);
const good = new Uint8Array(side * side).fill(1);
const image = (sd: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: side * side }, () => sd * random.normal());
const pattern = (values: Float32Array<ArrayBuffer>): GainPattern => ({
  width: side,
  height: side,
  pattern: values,
  good,
});
const sum = (...images: readonly Float32Array[]): Float32Array<ArrayBuffer> =>
  Float32Array.from(images[0], (_, i) => images.reduce((s, one) => s + one[i], 0));

describe("pattern of a movie's own", () => {
  // Halves with noise of 0.1 over a fixed pattern of 0.03, reference of 0.03.
  const reference = pattern(image(0.03));
  it.each([
    { holds: "the reference's pattern", fixed: reference.pattern, share: 1 },
    { holds: "another of the same strength", fixed: image(0.03), share: 1 },
    { holds: "one of half the strength", fixed: image(0.015), share: 0.25 },
    { holds: "none", fixed: image(0), share: 0 },
  ])("is $share of the reference's where the movie holds $holds", ({ fixed, share }) => {
    const own = ownPattern(
      pattern(sum(fixed, image(0.1))),
      pattern(sum(fixed, image(0.1))),
      reference,
    );
    // s.e. of a covariance: 0.1²/√pixels over the reference's variance (and the pattern's own).
    expect(own.uncertainty).toBeGreaterThan((0.01 / side / 0.0009) * 0.95);
    expect(own.uncertainty).toBeLessThan((0.01 / side / 0.0009) * 1.25);
    expect(Math.abs(own.share - share)).toBeLessThan(3.5 * own.uncertainty + 0.03);
    // Both halves together: noise 0.1/√2; r = 0.03/√(0.03² + 0.0707²).
    const r = 0.03 / Math.hypot(0.03, 0.1 / Math.SQRT2);
    expect(own.expected / ((r * side) / 1.03)).toBeCloseTo(1, 1);
  });

  it("is nothing where no pixel is good", () => {
    const none = { ...reference, good: new Uint8Array(side * side) };
    expect(ownPattern(none, none, reference)).toEqual({ share: 0, uncertainty: 1, expected: 0 });
  });
});
