import { describe, expect, it } from "vitest";
import type { MotionField } from "#src/domain/motion.ts";
import { RADIAL_BINS } from "../gainParts/radialBins.ts";
import { highPass } from "./residual.ts";
import { patternVisibility } from "./visibility.ts";

const [width, height] = [64, 48];
const half = width / 2 + 1;

const field = (x: number[], y: number[]): MotionField => ({
  ...{ width, height, referenceFrame: 0, local: null },
  frameIndices: x.map((_, t) => t),
  globalX: Float64Array.from(x),
  globalY: Float64Array.from(y),
});

/** A specimen of power P in all waves, predicted with weight a. */
const specimen = (power: number, weight: number) => ({
  canvas: new Float32Array(0),
  power: new Float64Array(RADIAL_BINS).fill(power),
  weight: new Float64Array(RADIAL_BINS).fill(weight),
});

describe("patternVisibility", () => {
  it("shows nothing of the pattern where the specimen stands still", () => {
    const { visibility, left, noiseShare } = patternVisibility(
      field([0, 0, 0, 0], [0, 0, 0, 0]),
      specimen(0.5, 0.8),
      0.01,
    );
    // Both halves have the same prediction: their difference is noise alone.
    expect(noiseShare).toBeCloseTo(1, 6);
    for (const [kx, ky] of [
      [5, 3],
      [20, 11],
    ]) {
      const a = 0.8 * highPass(Math.hypot(kx / width, ky / height));
      const i = ky * half + kx;
      expect(visibility[i]).toBeCloseTo(1 - a, 5);
      // ν(1 − a)² + P(1 − a)² and what the borders miss, 2.5 px of 2/(1/64 + 1/48), of which c·ν is counted apart.
      const noise =
        0.51 * (1 - a) ** 2 + (0.5 * (2.5 + 75 * (1 - a / 0.8))) / (2 / (1 / 64 + 1 / 48));
      expect(left[i] + visibility[i] * 0.01).toBeCloseTo(noise, 5);
    }
  });

  it("sees waves that the specimen cancels in full, and tells the noise from the halves", () => {
    // Displacements by whole px: no interpolation. Four frames, a period of 4 px goes round once.
    const x = [0, 1, 2, 3];
    const { visibility, left, noiseShare } = patternVisibility(
      field(x, [0, 0, 0, 0]),
      specimen(0, 0.5),
      0.01,
    );
    const gone = 3 * half + width / 4;
    expect(visibility[gone]).toBeCloseTo(1, 5);
    expect(left[gone]).toBeCloseTo(0, 6);
    // Of the difference of the halves a²|U₋|² − 2a|U₋|² is missing, |U₋|² = (1 − cos 2πk)/2·(1 + cos 4πk)/2.
    let own = 0;
    for (let ky = 0; ky < height; ky++)
      for (let kx = 0; kx < half; kx++) {
        const w = (2 * Math.PI * kx) / width;
        const fy = (ky <= (height - 1) / 2 ? ky : ky - height) / height;
        const a = 0.5 * highPass(Math.hypot(kx / width, fy));
        const u = ((1 - Math.cos(w)) / 2) * ((1 + Math.cos(2 * w)) / 2);
        own += (1 - (2 * a - a * a) * u) / (half * height);
      }
    expect(noiseShare).toBeCloseTo(1 / own, 5);
  });
});
