import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CorrectionOptions } from "#src/domain/correction.ts";
import type { MotionField } from "#src/domain/motion.ts";
import type { PixelArray } from "#src/domain/movie.ts";
import type { ComputeBackend } from "#src/compute/backend.ts";
import { doseWeights } from "#src/math/doseWeighting.ts";
import { createRealFft2, signedIndex } from "#src/math/fft.ts";
import { createRandom } from "#src/math/random.ts";
import { testBackends } from "#src/testing/backends.ts";
import { memoryMovie } from "#src/testing/memoryMovie.ts";
import { correctMovie } from "./correctMovie.ts";
import { computeSpectra } from "./powerSpectrum.ts";

const width = 131;
const height = 97;
const T = 6;
const shifts = Array.from({ length: T }, (_, t) => [1.3 * t - 0.07 * t * t, -0.8 * t]);

/** Waves below 0.2 cycles per px about a mean of 40. */
function makeScene(): (x: number, y: number) => number {
  const random = createRandom(11);
  const parts = Array.from({ length: 10 }, () => [
    0.14 * (2 * random.uniform() - 1),
    0.14 * (2 * random.uniform() - 1),
    7 * random.uniform(),
  ]);
  return (x, y) =>
    40 + parts.reduce((s, [u, v, p]) => s + 2 * Math.cos(2 * Math.PI * (u * x + v * y) + p), 0);
}
const scene = makeScene();
const draw = (f: (x: number, y: number) => number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: width * height }, (_, i) => f(i % width, Math.floor(i / width)));
const truth = draw(scene);
const frames = shifts.map(([sx, sy]) => draw((x, y) => scene(x - sx, y - sy)));

const field: MotionField = {
  width,
  height,
  frameIndices: shifts.map((_, t) => t),
  referenceFrame: 0,
  // Any common offset of the gather form must cancel against the reference frame.
  globalX: Float64Array.from(shifts, ([x]) => x - 2.1),
  globalY: Float64Array.from(shifts, ([, y]) => y + 1.4),
  local: null,
};
const options: CorrectionOptions = {
  sumFrames: field.frameIndices,
  result: "sum",
  binning: 1,
  exposure: null,
  evenOdd: false,
  unaligned: false,
};
const plain = { correction: null, dark: null, bad: null };

function interior(a: ArrayLike<number>, w = width, h = height, margin = 12): number[] {
  const out: number[] = [];
  for (let y = margin; y < h - margin; y++)
    for (let x = margin; x < w - margin; x++) out.push(a[y * w + x]);
  return out;
}
function rms(a: readonly number[], b: readonly number[]): number {
  return Math.sqrt(a.reduce((s, v, i) => s + (v - b[i]) ** 2, 0) / a.length);
}

describe.each(testBackends)("correctMovie on $name", ({ open }) => {
  let backend: ComputeBackend;
  beforeAll(async () => {
    backend = await open();
  });
  afterAll(() => backend.dispose());
  const context = (): { backend: ComputeBackend } => ({ backend });

  it("gives the scene as the reference frame shows it, halves, mean and plain sum", async () => {
    const reader = memoryMovie(frames, width, height);
    const seen: number[] = [];
    const result = await correctMovie(
      {
        reader,
        field,
        ...plain,
        options: { ...options, evenOdd: true, unaligned: true, result: "mean" },
        onAlignedFrame: (image, index) => {
          seen.push(index);
          // Cubic B-spline error of waves up to 0.2 cycles/px, 2 units each, ten of them.
          expect(rms(interior(image), interior(truth))).toBeLessThan(0.03);
          return Promise.resolve();
        },
      },
      context(),
    );
    expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
    expect(rms(interior(result.average), interior(truth))).toBeLessThan(0.03);
    expect(rms(interior(result.even!), interior(truth))).toBeLessThan(0.03);
    const both = result.even!.map((v, i) => (v + result.odd![i]) / 2);
    expect(both).toBeAllclose(result.average, { atol: 1e-4 });
    const still = draw((x, y) => frames.reduce((s, f) => s + f[y * width + x] / T, 0));
    expect(result.unaligned!).toBeAllclose(still, { atol: 1e-4 });
    // Without the correction the waves are smeared.
    expect(rms(interior(still), interior(truth))).toBeGreaterThan(1);
    expect([result.width, result.height, result.frames, result.tile]).toEqual([
      width,
      height,
      T,
      128,
    ]);
  });

  it("follows local motion, in the geometry of the reference frame", async () => {
    // d_t(X) = t · 0.004 · (x − 65, 0): coefficients linear in x and t of a 4 × 4 × 4 spline.
    const strain = 0.004;
    const local: MotionField = {
      ...field,
      globalX: new Float64Array(T),
      globalY: new Float64Array(T),
      local: {
        controlPoints: { x: 4, y: 4, t: 4 },
        coefficientsX: Float64Array.from(
          { length: 64 },
          (_, n) => strain * (((n % 4) - 1) * width - 65) * (Math.floor(n / 16) - 1) * T,
        ),
        coefficientsY: new Float64Array(64),
      },
    };
    // Specimen place X stands at X + t·strain·(X − 65) in frame t.
    const moved = shifts.map((_, t) => draw((x, y) => scene(65 + (x - 65) / (1 + strain * t), y)));
    const movie = memoryMovie(moved, width, height);
    for (const referenceFrame of [0, 4]) {
      const result = await correctMovie(
        {
          reader: movie,
          field: { ...local, referenceFrame },
          ...plain,
          options: { ...options, result: "mean" },
        },
        context(),
      );
      expect(result.tile).toBe(16);
      // Tiles of 16 px leave up to ±0.16 px at the last frame (2 %), 0.05 px rms over all.
      expect(rms(interior(result.average), interior(moved[referenceFrame]))).toBeLessThan(0.25);
    }
  });

  it("multiplies by the gain, subtracts the dark and repairs bad pixels before it moves anything", async () => {
    const random = createRandom(5);
    const gain = draw(() => 0.8 + 0.4 * random.uniform());
    const dark = draw(() => 5 * random.uniform());
    const bad = new Uint8Array(width * height);
    const broken = frames.map((f) => f.map((v, i) => v / gain[i] + dark[i]));
    for (const i of [40 * width + 50, 41 * width + 50, 60 * width + 90, 0]) {
      bad[i] = 1;
      for (const f of broken) f[i] = i === 0 ? NaN : 9999;
    }
    const good = gain.map((v, i) => (bad[i] === 1 ? 0 : v));
    const request = {
      field,
      correction: good,
      dark,
      options: { ...options, result: "mean" } as const,
    };
    const reader = memoryMovie(broken, width, height);
    const result = await correctMovie({ reader, ...request, bad }, context());
    expect(result.badPixels).toBe(4);
    // A repaired pixel is off by the scene's change over 2 px in one frame, at another place in every frame.
    expect(rms(interior(result.average), interior(truth))).toBeLessThan(0.12);
    expect(
      Math.max(...interior(result.average).map((v, i) => Math.abs(v - interior(truth)[i]))),
    ).toBeLessThan(5);
  });

  it("weights by dose as transforms of every frame would", async () => {
    const exposure = { dosePerFrame: 3, preExposure: 2, voltageKv: 200 };
    const pixelSizeA = 1.7;
    const reader = memoryMovie(frames, width, height, { pixelSizeA });
    const aligned: Float32Array[] = [];
    const result = await correctMovie(
      {
        reader,
        field,
        ...plain,
        options: { ...options, exposure, evenOdd: true },
        onAlignedFrame: (image) => {
          aligned.push(image);
          return Promise.resolve();
        },
      },
      context(),
    );
    const fft = createRealFft2(width, height);
    const spectra = aligned.map((image) => fft.forward(Float64Array.from(image)));
    const total = new Float64Array(spectra[0].length);
    for (let j = 0; j < height; j++)
      for (let i = 0; i < fft.halfWidth; i++) {
        const k = Math.hypot(i / width, signedIndex(j, height) / height) / pixelSizeA;
        const q = doseWeights(field.frameIndices, k, exposure);
        const n = 2 * (j * fft.halfWidth + i);
        for (let t = 0; t < T; t++) {
          total[n] += q[t] * spectra[t][n];
          total[n + 1] += q[t] * spectra[t][n + 1];
        }
      }
    const expected = fft.inverse(total);
    // The plan's error bound (1e−3 of the weights) times the waves, single precision of a level of 100.
    expect(rms(Array.from(result.doseWeighted!), Array.from(expected))).toBeLessThan(5e-3);
    expect(result.dosePlan!.rank).toBeLessThanOrEqual(5);
    const sum = draw((x, y) => aligned.reduce((s, a) => s + a[y * width + x], 0));
    expect(result.average).toBeAllclose(sum, { atol: 2e-3 });
    expect(result.even!.map((v, i) => v + result.odd![i])).toBeAllclose(sum, { atol: 2e-3 });
  });

  it("bins by any factor and sums a part of the frames", async () => {
    const reader = memoryMovie(frames, width, height, { pixelSizeA: 2 });
    const result = await correctMovie(
      {
        reader,
        field,
        ...plain,
        options: { ...options, binning: 1.5, sumFrames: [2, 3], result: "mean" },
      },
      context(),
    );
    expect([result.width, result.height, result.frames]).toEqual([87, 64, 2]);
    expect(result.pixelSizeA).toBeCloseTo((2 * 131) / 87, 12);
    const binned = Array.from({ length: 87 * 64 }, (_, i) =>
      scene(((i % 87) * 131) / 87, (Math.floor(i / 87) * 97) / 64),
    );
    expect(rms(interior(result.average, 87, 64), interior(binned, 87, 64))).toBeLessThan(0.05);
  });

  it("reads integers as they are", async () => {
    const integers = frames.map((f): PixelArray => Uint8Array.from(f, Math.round));
    const result = await correctMovie(
      { reader: memoryMovie(integers, width, height), field, ...plain, options },
      context(),
    );
    const expected = interior(truth).map((v) => T * v);
    // Rounding noise of 1/√12 a frame, averaged by the spline.
    expect(rms(interior(result.average), expected)).toBeLessThan(Math.sqrt(T / 12) + 0.1);
  });

  it("refuses what it cannot do, with both numbers", async () => {
    const reader = memoryMovie(frames, width, height);
    const late = { ...options, sumFrames: [5, 6] };
    await expect(
      correctMovie({ reader, field, ...plain, options: late }, context()),
    ).rejects.toThrow(
      "Frame 7 of memory.mrcs is to be summed, but only frames 1 to 6 were aligned",
    );
    const small = { ...backend, info: { ...backend.info, budgetBytes: 2 ** 10 } };
    await expect(
      correctMovie({ reader, field, ...plain, options }, { backend: small }),
    ).rejects.toThrow(/needs \d+ MiB; the memory budget is \d+ MiB/);
    const unknown = memoryMovie(frames, width, height, { pixelSizeA: null });
    const exposure = { dosePerFrame: 1, preExposure: 0, voltageKv: 300 };
    await expect(
      correctMovie(
        { reader: unknown, field, ...plain, options: { ...options, exposure } },
        context(),
      ),
    ).rejects.toThrow("needs the pixel size");
  });

  it("shows in the spectra what the correction brings back", async () => {
    const reader = memoryMovie(frames, width, height);
    const result = await correctMovie(
      { reader, field, ...plain, options: { ...options, unaligned: true } },
      context(),
    );
    const spectra = await computeSpectra(
      { before: result.unaligned!, after: result.average, width, height, pixelSizeA: 1 },
      context(),
    );
    expect([spectra.protocol.before.size, spectra.reading.after.size]).toEqual([96, 96]);
    const { radialBefore, radialAfter } = spectra.reading;
    const power = (c: typeof radialBefore): number =>
      c.value
        .filter((_, i) => c.frequency[i] > 0.05 && c.frequency[i] < 0.2)
        .reduce((s, v) => s + v, 0);
    expect(power(radialAfter)).toBeGreaterThan(1.5 * power(radialBefore));
  });
});
