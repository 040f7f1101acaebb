import { describe, expect, it } from "vitest";
import { createRandom } from "../random.ts";
import { chipBoundaries, NARROW_REACH, WIDE_REACH } from "./chipBoundaries.ts";
import { decompose } from "./decompose.ts";
import { profileSpectrum, shrinkProfile } from "./lineProfile.ts";
import { emptyParts, partDeviations, totalLogGain } from "./parts.ts";

const normals = (seed: number, n: number, sd: number): Float64Array => {
  const random = createRandom(seed);
  return Float64Array.from({ length: n }, () => sd * random.normal());
};

function correlation2(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = a.length;
  const mean = (v: ArrayLike<number>) => Array.from(v).reduce((s, x) => s + x, 0) / n;
  const [ma, mb] = [mean(a), mean(b)];
  let [saa, sbb, sab] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    saa += (a[i] - ma) ** 2;
    sbb += (b[i] - mb) ** 2;
    sab += (a[i] - ma) * (b[i] - mb);
  }
  return (sab * sab) / (saa * sbb);
}

describe("shrinkProfile", () => {
  it("finds the prior and keeps its share of a noisy profile", () => {
    const n = 4096;
    const truth = normals(1, n, 0.02);
    const noise = normals(2, n, 0.01);
    const ones = new Float64Array(n / 2 + 1).fill(1);
    const { profile, priorDeviation, posteriorVariance } = shrinkProfile(
      profileSpectrum(truth.map((v, i) => v + noise[i])),
      ones,
      ones.map(() => 1e-4),
    );
    // 4096 values know their sd to about 1 %.
    expect(priorDeviation).toBeGreaterThan(0.019);
    expect(priorDeviation).toBeLessThan(0.021);
    expect(correlation2(profile, truth)).toBeGreaterThan(0.78); // Wiener: 0.8
    const error = Math.sqrt(profile.reduce((s, v, i) => s + (v - truth[i]) ** 2, 0) / n);
    expect(error / Math.sqrt(posteriorVariance)).toBeGreaterThan(0.95);
    expect(error / Math.sqrt(posteriorVariance)).toBeLessThan(1.05);
  });

  it("returns nothing of noise alone", () => {
    const ones = new Float64Array(513).fill(1);
    const { profile } = shrinkProfile(
      profileSpectrum(normals(3, 1024, 0.01)),
      ones,
      ones.map(() => 1e-4),
    );
    const rms = Math.sqrt(profile.reduce((s, v) => s + v * v, 0) / 1024);
    // Octaves of few modes pass by chance: less than a third of the noise comes through.
    expect(rms).toBeLessThan(0.0035);
  });
});

describe("chipBoundaries", () => {
  const width = 600;
  const height = 320;
  const image = (edges: number[], amplitude: number): Float32Array => {
    const noise = normals(5, width * height, 0.1);
    return Float32Array.from(noise, (v, i) => {
      const x = i % width;
      const block = edges.filter((e) => x >= e).length;
      // Each block differs by a value that changes along y, as chips of a mosaic do.
      return v + amplitude * (((block * 7 + Math.floor(i / width / 160) * 3) % 5) - 2);
    });
  };
  it("finds the edges of chips and completes a regular grid", () => {
    expect(chipBoundaries(image([150, 300, 450], 0.05), width, height, WIDE_REACH)).toEqual([
      150, 300, 450,
    ]);
    const found = chipBoundaries(image([137, 355], 0.05), width, height, NARROW_REACH);
    expect(found).toHaveLength(2);
    expect(Math.abs(found[0] - 137) + Math.abs(found[1] - 355)).toBeLessThan(6);
  });
  it("finds the finer grid whose further boundaries stand out together only", () => {
    const noise = normals(6, width * height, 0.1);
    const weak = Float32Array.from(noise, (v, i) => {
      const block = Math.floor((i % width) / 80);
      const sign = Math.floor(i / width / 160) === 0 ? 1 : -1;
      // Every other boundary a step of 0.1, the others of 0.012: twice their standard error of 0.006.
      return v + sign * ((Math.floor(block / 2) % 2 === 0 ? 0.05 : -0.05) + (block % 2) * 0.012);
    });
    const grid = [80, 160, 240, 320, 400, 480, 560];
    expect(chipBoundaries(weak, width, height, NARROW_REACH)).toEqual(grid);
    const coarse = Float32Array.from(noise, (v, i) => {
      const sign = Math.floor(i / width / 160) === 0 ? 1 : -1;
      return v + sign * (Math.floor((i % width) / 160) % 2 === 0 ? 0.05 : -0.05);
    });
    expect(chipBoundaries(coarse, width, height, NARROW_REACH)).toEqual([160, 320, 480]);
  });
  it("finds none in noise", () => {
    expect(chipBoundaries(image([], 0), width, height, NARROW_REACH)).toEqual([]);
  });
  it("needs room", () => {
    expect(chipBoundaries(new Float32Array(60 * 60), 60, 60, WIDE_REACH)).toEqual([]);
  });
});

describe("decompose", () => {
  it("takes a gain apart as well as its noise allows", () => {
    const [width, height] = [320, 256];
    const n = width * height;
    const columns = normals(11, width, 0.02);
    const rows = normals(12, height, 0.02);
    const pixels = normals(13, n, 0.03);
    const truth = new Float32Array(n);
    for (let i = 0; i < n; i++)
      truth[i] =
        pixels[i] +
        columns[i % width] +
        rows[Math.floor(i / width)] +
        0.05 * ((i % width) / width - 0.5);
    const electrons = 400;
    // Halves of 200 electrons each: 0.0707 of noise a pixel.
    const half = (seed: number) => {
      const noise = normals(seed, n, Math.sqrt(2 / electrons));
      const e = truth.map((v, i) => v + noise[i]);
      const mean = e.reduce((s, v) => s + v, 0) / n;
      return e.map((v) => v - mean);
    };
    const odd = half(14);
    const even = half(15);
    const bins = (width / 2 + 1) * height;
    const result = decompose(
      {
        odd,
        even,
        all: odd.map((v, i) => 0.5 * (v + even[i])),
        visibility: new Float32Array(bins).fill(1),
        left: new Float32Array(bins),
        noiseShare: 1,
      },
      new Uint8Array(n).fill(1),
      emptyParts(width, height),
      electrons,
      true,
    );
    expect(result.noiseVariance * electrons).toBeGreaterThan(0.97);
    expect(result.noiseVariance * electrons).toBeLessThan(1.03);
    expect(result.pixelPrior).toBeGreaterThan(0.027);
    expect(result.pixelPrior).toBeLessThan(0.033);
    const total = totalLogGain(result.parts);
    const d = partDeviations(result.parts);
    expect(d.columns).toBeGreaterThan(0.017);
    expect(d.rows).toBeGreaterThan(0.017);
    // Structure (0.0011 of 0.0019 variance) is known, pixels by s²/(s² + ν) = 0.26 of theirs.
    expect(correlation2(total, truth)).toBeGreaterThan(0.62);
    const error = Math.sqrt(total.reduce((s, v, i) => s + (v - truth[i]) ** 2, 0) / n);
    expect(error / result.expectedError).toBeGreaterThan(0.85);
    expect(error / result.expectedError).toBeLessThan(1.2);
  });
});
