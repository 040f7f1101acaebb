import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";
import {
  cubicBspline,
  cubicWeightDerivatives,
  cubicWeights,
  interpolateCubic,
  mirrorIndex,
  prefilterImage,
  prefilterLine,
  splineBasis,
} from "./bspline.ts";
import type { MirrorBoundary } from "./bspline.ts";

const boundaries: readonly MirrorBoundary[] = ["whole", "half"];

describe("the basis", () => {
  it("has the four values of the centred spline, their sum 1 and their derivatives", () => {
    const w = new Float64Array(4);
    const d = new Float64Array(4);
    const w2 = new Float64Array(4);
    for (const f of [0, 0.25, 0.5, 0.9, 1]) {
      cubicWeights(f, w);
      cubicWeightDerivatives(f, d);
      cubicWeights(f + 1e-6, w2);
      for (let i = 0; i < 4; i++) {
        expect(w[i]).toBeCloseTo(cubicBspline(f - (i - 1)), 14);
        expect(d[i]).toBeCloseTo((w2[i] - w[i]) / 1e-6, 5);
      }
      expect(w[0] + w[1] + w[2] + w[3]).toBeCloseTo(1, 14);
    }
  });

  it("places control points as FlexAlign does", () => {
    const w = new Float64Array(4);
    for (const points of [3, 4, 5, 8])
      for (const u of [0, 0.1, 0.37, 0.99, 1, 1.5, -2]) {
        const first = splineBasis(u, points, w);
        const cells = Math.max(1, points - 3);
        const place = Math.min(1, Math.max(0, u)) * cells;
        for (let i = 0; i < points; i++) {
          const got = i >= first && i < first + 4 ? w[i - first] : 0;
          expect(got).toBeCloseTo(cubicBspline(place - (i - 1)), 14);
        }
      }
  });
});

describe("the prefilter", () => {
  it("gives coefficients that interpolate the samples, on both kinds of mirror, short lines included", () => {
    const random = createRandom(5);
    for (const boundary of boundaries)
      for (const n of [1, 2, 3, 5, 17, 28, 29, 64]) {
        const samples = Float64Array.from({ length: n }, () => random.normal());
        const c = samples.slice();
        prefilterLine(c, 0, 1, n, boundary);
        if (n === 1) continue;
        for (let k = 0; k < n; k++) {
          const at = (i: number): number => c[mirrorIndex(i, n, boundary)];
          expect((at(k - 1) + 4 * at(k) + at(k + 1)) / 6).toBeCloseTo(samples[k], 12);
        }
      }
  });

  it("does images as lines in x and y, and interpolation returns the pixels", () => {
    const random = createRandom(6);
    const width = 31;
    const height = 40;
    for (const boundary of boundaries) {
      const image = Float32Array.from({ length: width * height }, () => random.normal());
      const lines = Float64Array.from(image);
      for (let y = 0; y < height; y++) prefilterLine(lines, y * width, 1, width, boundary);
      for (let x = 0; x < width; x++) prefilterLine(lines, x, width, height, boundary);
      const c = image.slice();
      prefilterImage(c, width, height, boundary);
      let worst = 0;
      let worstPixel = 0;
      for (let i = 0; i < c.length; i++) {
        worst = Math.max(worst, Math.abs(c[i] - lines[i]));
        const value = interpolateCubic(c, width, height, i % width, (i / width) | 0, boundary);
        worstPixel = Math.max(worstPixel, Math.abs(value - image[i]));
      }
      // Single precision stores of values up to about 20.
      expect(worst).toBeLessThan(2e-5);
      expect(worstPixel).toBeLessThan(2e-5);
    }
  });

  it("interpolates a slow cosine between pixels to the order of the spline", () => {
    const n = 64;
    const wave = (x: number, y: number): number =>
      Math.cos((2 * Math.PI * 3 * x) / (n - 1)) * Math.cos((2 * Math.PI * 2 * y) / (n - 1));
    const c = Float32Array.from({ length: n * n }, (_, i) => wave(i % n, (i / n) | 0));
    prefilterImage(c, n, n);
    for (const [x, y] of [
      [10.3, 20.7],
      [33.5, 5.25],
      [0.5, 62.5],
    ])
      expect(interpolateCubic(c, n, n, x, y)).toBeCloseTo(wave(x, y), 4);
  });
});
