import { describe, expect, it } from "vitest";
import { splineBasis } from "#src/math/bspline.ts";
import { createRandom } from "#src/math/random.ts";
import { realFft2 } from "#src/math/fft.ts";
import {
  correlationFilter,
  HALF_AMPLITUDE_SIGMA,
  quickReduction,
  reductionFactor,
  transformSize,
} from "./correlationSize.ts";
import { correlatePairs, pairsOf, slidingSums } from "./pairCorrelator.ts";
import { centreOfMassPeak, nearestNinePeak } from "./pairPeak.ts";
import {
  automaticControlPoints,
  automaticPatches,
  automaticTimePoints,
  layPatches,
  shiftBorder,
} from "./patchGrid.ts";
import { referenceByX, solvePositions } from "./robustSolve.ts";
import { fitPatchSpline, withFourPoints } from "./splineFit.ts";

describe("sizes and filter of FlexAlign's correlations", () => {
  it("has the program's constants", () => {
    expect(HALF_AMPLITUDE_SIGMA).toBeCloseTo(0.849322, 6);
    expect(30 / (8 * HALF_AMPLITUDE_SIGMA)).toBeCloseTo(4.4153, 4);
    expect(reductionFactor(1, 30)).toBeCloseTo(0.22649, 5);
    expect(() => reductionFactor(4.5, 30)).toThrow("has to be above 30.6 Å, not 30 Å");
    const { reducedWidth } = quickReduction(4096, 4096, reductionFactor(1, 30));
    expect(reducedWidth).toBeGreaterThanOrEqual(928);
    expect(reducedWidth).toBe(960);
    expect(transformSize(113)).toBe(120);
  });

  it("halves the amplitude at the maximum resolution and ends at exp(−8)", () => {
    const n = 200;
    const filter = correlationFilter(n, n, 1 / 8, false);
    expect(filter[0]).toBe(1);
    // The reduced image's pixel is maxRes/(8c): the maximum resolution lies at 1/(8c) cycles a pixel.
    const at = n / (8 * HALF_AMPLITUDE_SIGMA);
    const k = Math.floor(at);
    const value = filter[k] + (at - k) * (filter[k + 1] - filter[k]);
    expect(value).toBeCloseTo(0.5, 3);
    expect(filter[n / 2]).toBeCloseTo(Math.exp(-8), 6);
    const without = correlationFilter(n, n, 1 / 8, true);
    expect(without[5]).toBe(0);
    expect(without[5 * (n / 2 + 1)]).toBe(0);
    expect(without[n / 2 + 6]).toBe(filter[n / 2 + 6]);
  });
});

describe("peaks of pairs", () => {
  const [width, height] = [48, 40];
  /** Gaussian peak at (x, y), cyclic, zero displacement at pixel 0. */
  const gaussian = (x: number, y: number, sd: number): Float32Array =>
    Float32Array.from({ length: width * height }, (_, i) => {
      const wrap = (d: number, n: number): number => d - n * Math.round(d / n);
      const dx = wrap((i % width) - x, width);
      const dy = wrap(Math.floor(i / width) - y, height);
      return Math.exp(-(dx * dx + dy * dy) / (2 * sd * sd));
    });

  it("recovers a fifth of a fraction by three values, as the program does", () => {
    // White content under the filter of sd 1/8: a Gaussian of sd √2/(2π/8) = 1.80 reduced px.
    const sd = Math.SQRT2 / ((2 * Math.PI) / 8);
    for (const [fraction, read] of [
      [0.1, 0.02],
      [0.2, 0.04],
      [0.4, 0.078],
    ]) {
      const { x, y } = nearestNinePeak(gaussian(-3 + fraction, 5, sd), width, height, 20);
      expect(x).toBeCloseTo(-3 + read, 2);
      expect(y).toBeCloseTo(5, 6);
    }
  });

  it("takes the centre of mass of the square that reaches below the maximum over 1.414", () => {
    // Above max/√2 within 0.83 sd = 2.5 px of (4.3, −6): the corners of half-size 2 are the first that are not.
    const map = gaussian(4.3, -6, 3);
    const mean = map.reduce((sum, v) => sum + v, 0) / map.length;
    let [sum, moment] = [0, 0];
    for (let j = -2; j <= 2; j++)
      for (let i = -2; i <= 2; i++) {
        const v = Math.exp(-((i - 0.3) ** 2 + j * j) / 18) - mean;
        sum += v;
        moment += v * i;
      }
    const { x, y } = centreOfMassPeak(map, width, height, 20);
    expect(x).toBeCloseTo(4 + moment / sum, 5);
    expect(y).toBeCloseTo(-6, 5);
  });

  it("looks no further than the disc", () => {
    const map = gaussian(9, 0, 1.5);
    map.forEach((v, i) => (map[i] = v + 0.3 * gaussian(-2, 2, 1.5)[i]));
    expect(nearestNinePeak(map, width, height, 4).x).toBeLessThan(0);
    expect(nearestNinePeak(map, width, height, 12).x).toBeCloseTo(9, 1);
  });

  it("reads whole displacements of frames exactly, p_i − p_j, and adds sliding groups", () => {
    const random = createRandom(3);
    const image = Float32Array.from({ length: width * height }, () => random.normal());
    const places = [
      [0, 0],
      [3, -2],
      [5, 1],
    ];
    const fft = realFft2(width, height);
    const spectra = places.map(([dx, dy]) => {
      const moved = new Float32Array(image.length);
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          moved[((y + dy + height) % height) * width + ((x + dx) % width)] = image[y * width + x];
      return fft.forward(moved);
    });
    const pairs = correlatePairs(spectra, { width, height }, 12, "nearestNine", 0, 3);
    const { first, second } = pairsOf(3);
    first.forEach((i, k) => {
      expect(Math.round(pairs[2 * k])).toBe(places[i][0] - places[second[k]][0]);
      expect(Math.round(pairs[2 * k + 1])).toBe(places[i][1] - places[second[k]][1]);
    });
    const sums = slidingSums(spectra, 2);
    expect(sums[0][6]).toBeCloseTo(spectra[0][6] + spectra[1][6], 3);
    expect(sums[2][6]).toBe(spectra[2][6]);
    expect(slidingSums(spectra, 3)[1][9]).toBeCloseTo(
      spectra[0][9] + spectra[1][9] + spectra[2][9],
      3,
    );
  });
});

describe("least squares of all pairs", () => {
  const n = 9;
  const random = createRandom(8);
  const truth = Array.from({ length: n }, (_, t) => [0.7 * t, -0.04 * t * t]);
  const { first, second } = pairsOf(n);
  const pairs = Float64Array.from({ length: 2 * first.length }, (_, i) => {
    const k = i >> 1;
    return truth[first[k]][i & 1] - truth[second[k]][i & 1] + 0.1 * random.normal();
  });

  it("is the mean over pairs where none is left out", () => {
    const solved = solvePositions(pairs, n);
    expect(solved.rejected).toBe(0);
    // Unit weights: p_i − p̄ = (1/n) Σ_j b_ij with b antisymmetric.
    const mean = new Float64Array(n);
    first.forEach((i, k) => {
      mean[i] += pairs[2 * k] / n;
      mean[second[k]] -= pairs[2 * k] / n;
    });
    for (let t = 0; t < n; t++) expect(solved.x[t]).toBeCloseTo(mean[t] - mean[0], 8);
  });

  it("leaves out what lies beyond three sd along either axis, once", () => {
    const wrong = pairs.slice();
    wrong[2 * 4 + 1] += 25;
    const solved = solvePositions(wrong, n);
    expect(solved.rejected).toBe(1);
    for (let t = 0; t < n; t++) {
      expect(Math.abs(solved.x[t] - truth[t][0])).toBeLessThan(0.15);
      expect(Math.abs(solved.y[t] - truth[t][1])).toBeLessThan(0.15);
    }
  });

  it("takes the frame from which none is far along x; of equal ones the first", () => {
    expect(referenceByX([0, 1, 2, 3, 9])).toBe(3);
    expect(referenceByX([0, 4, 1, 3])).toBe(2);
    expect(referenceByX([0, 1, 2, 3])).toBe(1);
  });
});

describe("patches and control points", () => {
  it("follows Scipion's automatic numbers", () => {
    // 5760 × 4092 px at 0.83 Å, 40 frames: 6 × 5 × 8 control points, 10 × 7 patches.
    expect(automaticControlPoints(5760, 0.83)).toBe(6);
    expect(automaticControlPoints(4092, 0.83)).toBe(5);
    expect(automaticTimePoints(40)).toBe(8);
    expect(automaticPatches(5760, 500, 0.83)).toBe(10);
    expect(automaticPatches(4092, 500, 0.83)).toBe(7);
    expect(automaticControlPoints(700, 1)).toBe(3);
    expect(automaticTimePoints(2)).toBe(3);
  });

  it("lays patches within the border that the drift needs", () => {
    const border = shiftBorder([0, 2.3, 5.1, -1.2]);
    expect(border).toBe(8);
    const axis = layPatches(1000, border, 300, 5);
    // v = ⌈(5·300 − 984)/4⌉ = 129.
    expect(axis).toMatchObject({ overlap: 129, count: 5 });
    expect(axis?.starts[0]).toBe(8);
    expect(axis?.starts[4]).toBeLessThanOrEqual(1000 - 8 - 300);
    expect(layPatches(310, border, 300, 4)).toBeNull();
    expect(layPatches(400, 0, 100, 1)?.starts).toEqual([150]);
  });
});

describe("splines through patches", () => {
  const [width, height, frames] = [900, 700, 14];
  const centres = (n: number, size: number): number[] =>
    Array.from({ length: n }, (_, k) => Math.round(((k + 0.5) * size) / n));
  const [nx, ny] = [8, 7];
  const centreX = centres(ny, height).flatMap(() => centres(nx, width));
  const centreY = centres(ny, height).flatMap((y) => centres(nx, width).map(() => y));
  const points = { x: 5, y: 4, t: 4 };
  const random = createRandom(12);
  const truth = Float64Array.from({ length: 80 }, () => random.normal());
  const valueOf = (c: Float64Array, p: typeof points, q: number, t: number): number => {
    const [wx, wy, wt] = [new Float64Array(4), new Float64Array(4), new Float64Array(4)];
    const i = splineBasis(centreX[q] / width, p.x, wx);
    const j = splineBasis(centreY[q] / height, p.y, wy);
    const k = splineBasis(t / frames, p.t, wt);
    let sum = 0;
    for (let a = 0; a < 64; a++) {
      const [ai, aj, ak] = [a & 3, (a >> 2) & 3, a >> 4];
      const w = wx[ai] * wy[aj] * wt[ak];
      if (w !== 0) sum += w * c[((k + ak) * p.y + j + aj) * p.x + i + ai];
    }
    return sum;
  };
  const tracks = (of: (q: number, t: number) => number) => ({
    centreX,
    centreY,
    frames,
    dx: Float64Array.from({ length: centreX.length * frames }, (_, e) =>
      of(Math.floor(e / frames), e % frames),
    ),
    dy: new Float64Array(centreX.length * frames),
  });

  it("finds a spline's own coefficients again", () => {
    const data = tracks((q, t) => valueOf(truth, points, q, t));
    const fit = fitPatchSpline(data, width, height, points);
    expect(Math.max(...fit.residualX.map(Math.abs))).toBeLessThan(1e-6);
    // Coefficients at the rim are reached by few patches with small weights.
    fit.x.forEach((c, i) => {
      expect(Math.abs(c - truth[i])).toBeLessThan(5e-3);
    });
    expect(Math.max(...fit.y.map(Math.abs))).toBeLessThan(1e-9);
  });

  it("leaves out a patch that stands alone at one time", () => {
    const data = tracks((q, t) => valueOf(truth, points, q, t) + (q === 11 && t === 5 ? 30 : 0));
    const fit = fitPatchSpline(data, width, height, points);
    expect(fit.rejected).toBe(1);
    expect(fit.residualX[11 * frames + 5]).toBeCloseTo(30, 3);
  });

  it("shows three control points as four without changing the spline", () => {
    const three = { x: 3, y: 3, t: 3 };
    const c = truth.slice(0, 27);
    const four = withFourPoints(c, three);
    expect(four.points).toEqual({ x: 4, y: 4, t: 4 });
    for (const [q, t] of [
      [0, 0],
      [20, 7],
      [55, 13],
    ])
      expect(valueOf(four.coefficients, four.points, q, t)).toBeCloseTo(
        valueOf(c, three, q, t),
        12,
      );
  });
});
