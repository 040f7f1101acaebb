import { describe, expect, it } from "vitest";
import { calmSpectrum, thonRingPicture } from "./thonRings.ts";

const size = 256;
const radius = (i: number): number =>
  Math.hypot((i % size) - size / 2, Math.floor(i / size) - size / 2);

describe("a power spectrum for the eye", () => {
  it("loses its slope and keeps its rings", () => {
    // 30 dB of slope, rings of ±3 dB with a period of 6 rings: less than the background is averaged over.
    const ring = (r: number): number => 3 * Math.cos((2 * Math.PI * r) / 6);
    const values = new Float32Array(size * size).map((_, i) => {
      const r = Math.round(radius(i));
      return 10 ** ((-30 * (r / 128) + ring(r)) / 10);
    });
    const picture = thonRingPicture(values, size);
    for (const r of [30, 33, 60, 63, 90, 93]) {
      const i = (size / 2) * size + size / 2 + r;
      // The background is flat over ±5 rings but for what is left of the ring pattern.
      expect(picture[i]).toBeGreaterThan(ring(r) - 0.6);
      expect(picture[i]).toBeLessThan(ring(r) + 0.6);
    }
  });

  it("is calmed by the mean of neighbours, at the rim as well", () => {
    const ramp = new Float32Array(64).map((_, i) => (i % 8) + 10 * Math.floor(i / 8));
    const calm = calmSpectrum(ramp, 8);
    // The mean of a ramp is its middle; at the corner that of four.
    expect(calm[3 * 8 + 4]).toBeCloseTo(34, 5);
    expect(calm[0]).toBeCloseTo((0 + 1 + 10 + 11) / 4, 5);
  });

  it("takes no notice of scale, and bears empty spectra", () => {
    const values = new Float32Array(size * size).map((_, i) => 1 + (i % 7));
    const scaled = values.map((v) => 1000 * v);
    expect(thonRingPicture(scaled, size)).toBeAllclose(thonRingPicture(values, size), {
      atol: 1e-4,
    });
    expect(thonRingPicture(new Float32Array(64), 8)).toEqual(new Float32Array(64));
  });
});
