import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";
import {
  compositeSpectrum,
  piecePlaces,
  pieceSize,
  protocolSpectrum,
  spectrumCurve,
  readingSpectrum,
} from "./powerSpectrum.ts";

describe("pieces", () => {
  it("stand where Xmipp puts them", () => {
    const places = piecePlaces(4096, 384, 230);
    expect(places.length).toBe(18);
    expect(places.slice(-2)).toEqual([16 * 230, 4096 - 384]);
    expect(piecePlaces(384, 384, 230)).toEqual([0]);
    expect(pieceSize(384, 4096, 301)).toBe(300);
    expect(pieceSize(384, 1, 1)).toBe(2);
  });
});

describe("spectra", () => {
  it("of a wave have their peak at its frequency, on the right side", () => {
    const [width, height] = [700, 600];
    const [u, v] = [40 / 512, -90 / 512];
    const image = Float32Array.from({ length: width * height }, (_, i) =>
      Math.cos(2 * Math.PI * (u * (i % width) + v * Math.floor(i / width))),
    );
    const { values, size, pieces } = readingSpectrum(image, width, height);
    expect([size, pieces]).toEqual([512, 4]);
    const peak = values.indexOf(values.reduce((a, b) => Math.max(a, b)));
    const [px, py] = [peak % size, Math.floor(peak / size)];
    // A cosine stands at ±k; either may be the first of two equal maxima.
    expect([Math.abs(px - 256), (py - 256) * Math.sign(px - 256)]).toEqual([40, -90]);
  });

  it("of white noise are flat at its variance, and independent of its strength in the protocol", () => {
    const random = createRandom(6);
    const [width, height] = [769, 800];
    const image = Float32Array.from({ length: width * height }, () => 5 + 3 * random.normal());
    const reading = readingSpectrum(image, width, height);
    const curve = spectrumCurve(reading.values, reading.size);
    // 9 pieces at half overlap are about 5 independent ones; rings beyond 20 steps hold over 120 values.
    for (let r = 20; r < curve.value.length; r++) expect(curve.value[r] / 9).toBeCloseTo(1, 0);
    const mean = curve.value.slice(20).reduce((s, x) => s + x, 0) / (curve.value.length - 20);
    expect(mean / 9).toBeCloseTo(1, 1);
    expect(curve.frequency[curve.frequency.length - 1]).toBe(0.5);
    const a = protocolSpectrum(image, width, height);
    const b = protocolSpectrum(
      image.map((x) => 10 * x + 4),
      width,
      height,
    );
    expect(a.size).toBe(384);
    expect(a.pieces).toBe(9);
    expect(b.values).toBeAllclose(a.values, { rtol: 1e-3, atol: 1e-2 });
    // |F| of a complex normal value of power size²: mean √π/2 · size; the taper takes under 3 %.
    const ring = spectrumCurve(a.values, a.size);
    const level = ring.value[100] / (9 * 384 * (Math.sqrt(Math.PI) / 2));
    expect(level).toBeGreaterThan(0.93);
    expect(level).toBeLessThan(1.02);
  });

  it("are symmetric, and empty for an empty image", () => {
    const random = createRandom(9);
    const image = Float32Array.from({ length: 90 * 70 }, () => random.uniform());
    const { values, size } = readingSpectrum(image, 90, 70);
    for (let y = 1; y < size; y++)
      for (let x = 1; x < size; x++)
        expect(values[y * size + x]).toBe(values[(size - y) * size + size - x]);
    expect(readingSpectrum(new Float32Array(90 * 70).fill(3), 90, 70)).toMatchObject({ pieces: 0 });
  });

  it("join in the composite as FlexAlign's viewer shows them", () => {
    const before = new Float32Array(16).fill(1);
    const after = new Float32Array(16).fill(2);
    expect(Array.from(compositeSpectrum(before, after, 4).slice(0, 4))).toEqual([1, 1, 2, 2]);
  });
});
