import { describe, expect, it } from "vitest";
import { gainCautions } from "./gainCautions.ts";
import type { CautionBasis } from "./gainCautions.ts";
import { createRandom } from "./random.ts";
import { gainStatistics } from "./statistics.ts";

const SIDE = 512;

/** G of 2 % noise a pixel and what `add` puts there. */
function basisOf(
  add: (x: number, y: number) => number,
  change: Partial<CautionBasis> = {},
): CautionBasis {
  const random = createRandom(3);
  const bad = new Uint8Array(SIDE * SIDE);
  const pixelGain = Float32Array.from(
    bad,
    (_, i) => 1 + 0.02 * random.normal() + add(i % SIDE, Math.floor(i / SIDE)),
  );
  return {
    method: "sme",
    pixelGain,
    bad,
    width: SIDE,
    height: SIDE,
    statistics: gainStatistics(pixelGain, bad),
    noise: 0.02,
    counts: 100,
    perGroup: 100,
    frames: 20,
    iterations: [],
    ...change,
  };
}

const codes = (basis: CautionBasis): string[] => gainCautions(basis).map((c) => c.code);
const waves = (x: number, y: number): number => 0.03 * Math.sin(x / 25) * Math.sin(y / 25);

describe("cautions of a gain estimate", () => {
  it("say what was measured of specimen, and what it means for each method", () => {
    expect(codes(basisOf(() => 0))).toEqual([]);
    const texts = (["sme", "sme-neighbour", "mean", "motion"] as const).map((method) => {
      const [caution] = gainCautions(basisOf(waves, { method }));
      expect(caution.code).toBe("phase-plate");
      // rms of the waves is 1.5 %, less what blocks of 32 px average away.
      expect(caution.text).toMatch(/^Blocks of 32 px differ by 1\.[2-5] % rms/);
      return caution.text;
    });
    expect(new Set(texts).size).toBe(4);
  });

  it("do not take the chips of a detector for specimen", () => {
    const random = createRandom(8);
    const chips = Array.from({ length: 32 }, () => 0.04 * random.normal());
    const at = (x: number, y: number): number =>
      chips[8 * Math.floor(y / 128) + Math.floor(x / 64)];
    expect(codes(basisOf(at))).toEqual([]);
    expect(codes(basisOf((x, y) => at(x, y) + waves(x, y)))).toEqual(["phase-plate"]);
  });

  it("tell contamination by its dark side", () => {
    const dark = (x: number, y: number): number =>
      Math.hypot(x - 150, y - 200) < 60 || Math.hypot(x - 400, y - 330) < 50 ? -0.3 : 0;
    const [caution] = gainCautions(basisOf(dark));
    expect(caution.code).toBe("contamination");
    expect(caution.text).toContain("times as far to the dark side");
  });

  it("judge counts by what a method does with them", () => {
    const few = { counts: 100, perGroup: 5 };
    expect(codes(basisOf(() => 0, few))).toEqual(["low-counts"]);
    expect(codes(basisOf(() => 0, { ...few, method: "motion" }))).toEqual([]);
    const [caution] = gainCautions(
      basisOf(() => 0, { method: "motion", counts: 10, perGroup: 1, noise: 0.32 }),
    );
    expect(caution.text).toContain("shot noise of 32 %");
  });
});
