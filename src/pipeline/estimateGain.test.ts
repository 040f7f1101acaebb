import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRandom } from "#src/math/random.ts";
import { DEFAULT_GAIN_PARAMETERS } from "#src/domain/gainEstimate.ts";
import { memoryMovie } from "#src/testing/memoryMovie.ts";
import { openTestGpuBackend, testBackends } from "#src/testing/backends.ts";
import type { ComputeBackend } from "#src/compute/backend.ts";
import type { GainEstimate, GainParameters } from "#src/domain/gainEstimate.ts";
import type { Gain } from "#src/domain/gain.ts";
import type { PixelArray } from "#src/domain/movie.ts";
import { combineGains, estimateGain } from "./estimateGain.ts";

const plain: GainParameters = {
  ...DEFAULT_GAIN_PARAMETERS,
  iterations: 1,
  grouping: 1,
  unitsPerElectron: 1,
};

/** G = 1/C. */
const pixelGain = (estimate: GainEstimate): Float64Array =>
  Float64Array.from(estimate.gain.correction, (c) => (c > 0 ? 1 / c : 0));

describe.each(testBackends)("the gain of a movie on $name", ({ open }) => {
  let backend: ComputeBackend;
  beforeAll(async () => {
    backend = await open();
  });
  afterAll(() => backend.dispose());
  const estimate = (
    frames: readonly PixelArray[],
    width: number,
    height: number,
    change: Partial<GainParameters> = {},
    reference: Gain | null = null,
  ) =>
    estimateGain(
      memoryMovie(frames, width, height),
      reference,
      { ...plain, ...change },
      { backend },
      { keepSums: true },
    );

  /**
   * A scene of five levels times a gain of columns of eight values, so arranged that every row holds
   * every level with every gain once, and every column every level eight times. Then equalizing rows
   * changes nothing, and equalizing columns gives the scene times the mean gain.
   */
  const LEVELS = [100, 104, 110, 113, 125];
  const random = createRandom(12);
  const gains = Array.from({ length: 8 }, () => 1 + 0.02 * random.normal());
  const mean = gains.reduce((s, g) => s + g, 0) / gains.length;
  const columnMovie = (): Float32Array<ArrayBuffer> =>
    new Float32Array(40 * 40).map((_, i) => {
      const [x, y] = [i % 40, Math.floor(i / 40)];
      return Math.fround(LEVELS[(Math.floor(x / 8) + y) % 5] * gains[x % 8]);
    });

  it("recovers 1/2, 3/4 and 7/8 of a column gain after one, two and three iterations", async () => {
    const frame = columnMovie();
    for (const [iterations, part] of [
      [1, 1 / 2],
      [2, 3 / 4],
      [3, 7 / 8],
    ]) {
      const result = pixelGain(await estimate([frame, frame], 40, 40, { iterations }));
      // Slope of the estimate on the truth; second-order terms of a 2 % gain stay below 1 %.
      let truth = 0;
      let both = 0;
      result.forEach((g, i) => {
        const t = gains[(i % 40) % 8] / mean - 1;
        truth += t * t;
        both += t * (g - 1);
      });
      expect(both / truth).toBeCloseTo(part, 2);
    }
  });

  it("follows C = (1 + 1/G)/2 in the first iteration", async () => {
    const { gain } = await estimate([columnMovie()], 40, 40);
    const expected = gain.correction.map((_, i) => (1 + mean / gains[(i % 40) % 8]) / 2);
    const scale = expected.reduce((s, c) => s + c, 0) / expected.length;
    // G has mean 1 and then C; the two scales differ from one by the variance of G, 1e-4. Single
    // precision splits ties of equal products by a rounding: 1e-6.
    expect(gain.correction).toBeAllclose(
      expected.map((c) => c / scale),
      { atol: 5e-6 },
    );
  });

  it("is 1 everywhere for constant movies and for distinct values in neighbourhoods of one", async () => {
    const constant = await estimate([new Uint16Array(20 * 12).fill(9)], 20, 12, { iterations: 2 });
    expect(constant.gain.correction).toBeAllclose(new Float32Array(240).fill(1), { atol: 1e-6 });
  });

  it("turns with the movie and does not see its scale", async () => {
    const [w, h] = [30, 22];
    const frame = new Float32Array(w * h).map(() => 10 + random.poisson(40));
    const turned = new Float32Array(w * h).map((_, i) => frame[(i % h) * w + Math.floor(i / h)]);
    const a = (await estimate([frame], w, h, { iterations: 2 })).gain.correction;
    const b = (await estimate([turned], h, w, { iterations: 2 })).gain.correction;
    const c = (await estimate([frame.map((v) => 8 * v)], w, h, { iterations: 2 })).gain.correction;
    // Values that differ by a rounding may change ranks in the second iteration.
    expect(b.map((_, i) => b[(i % w) * h + Math.floor(i / w)])).toBeAllclose(a, { atol: 1e-4 });
    expect(c).toBeAllclose(a, { atol: 1e-5 });
  });

  const poissonMovie = (
    seed: number,
    frames: number,
    counts: number,
    width: number,
    height: number,
    gain: (x: number, y: number) => number,
  ): Uint16Array<ArrayBuffer>[] => {
    const draw = createRandom(seed);
    return Array.from({ length: frames }, () =>
      new Uint16Array(width * height).map((_, i) =>
        // 16 units an electron.
        Math.round(16 * draw.poisson(counts) * gain(i % width, Math.floor(i / width))),
      ),
    );
  };

  it("finds dead pixels, leaves them out and marks them 0 in C", async () => {
    const frames = poissonMovie(5, 6, 20, 48, 32, () => 1);
    for (const frame of frames) for (const i of [77, 500]) frame[i] = 0;
    const result = await estimate(frames, 48, 32, { unitsPerElectron: 16, iterations: "auto" });
    expect(result.badPixels).toBe(2);
    expect(result.gain.bad[77] + result.gain.bad[500]).toBe(2);
    expect(result.gain.correction[77]).toBe(0);
    const good = result.gain.correction.filter((_, i) => result.gain.bad[i] === 0);
    expect(good.reduce((s, c) => s + c, 0) / good.length).toBeCloseTo(1, 5);
    expect(result.statistics.min).toBeGreaterThan(0.5);
  });

  it("groups, iterates and tells its choices when left to itself", async () => {
    const rows = Array.from({ length: 64 }, () => 1 + 0.04 * random.normal());
    const columns = Array.from({ length: 96 }, () => 1 + 0.04 * random.normal());
    const truth = (x: number, y: number): number => rows[y] * columns[x];
    const frames = poissonMovie(6, 12, 8, 96, 64, truth);
    const result = await estimate(frames, 96, 64, {
      iterations: "auto",
      grouping: "auto",
      unitsPerElectron: null,
    });
    expect(result.counts.unitsPerElectron).toBeGreaterThan(14.5);
    expect(result.counts.unitsPerElectron).toBeLessThan(17.5);
    expect(result.counts.groups).toBe(1);
    expect(result.iterations.length).toBeGreaterThan(2);
    expect(result.chosen.length).toBeGreaterThan(2);
    let tt = 0;
    let te = 0;
    let ee = 0;
    pixelGain(result).forEach((g, i) => {
      const t = truth(i % 96, Math.floor(i / 96)) - 1;
      tt += t * t;
      te += t * (g - 1);
      ee += (g - 1) ** 2;
    });
    expect(te / tt).toBeGreaterThan(0.75);
    expect((te * te) / (tt * ee)).toBeGreaterThan(0.7);
    expect(result.noiseFloor).toBeGreaterThan(0.003);
    expect(result.signalStd).toBeGreaterThan(0.04);
  });

  it("leaves nothing when the right reference is given, and reports what a wrong one leaves", async () => {
    const rows = Array.from({ length: 64 }, () => 1 + 0.06 * random.normal());
    const frames = poissonMovie(7, 10, 20, 80, 64, (_, y) => rows[y]);
    const reference: Gain = {
      width: 80,
      height: 64,
      correction: new Float32Array(80 * 64).map((_, i) => 1 / rows[Math.floor(i / 80)]),
      bad: new Uint8Array(80 * 64),
    };
    const auto = { iterations: "auto", grouping: "auto" } as const;
    const right = await estimate(frames, 80, 64, auto, reference);
    expect(right.residual).toBe(true);
    expect(right.signalStd).toBeLessThan(0.015);
    expect(right.verdict.answer).not.toBe("warn");
    expect(right.cautions.map((c) => c.code)).not.toContain("reference-polarity");
    const inverted = reference.correction.map((c) => 1 / c);
    const wrong = await estimate(frames, 80, 64, auto, { ...reference, correction: inverted });
    expect(wrong.cautions.map((c) => c.code)).toContain("reference-polarity");
    const without = await estimate(frames, 80, 64, auto);
    expect(without.signalStd).toBeGreaterThan(0.045);
    expect(without.verdict.answer).toBe("warn");
  });

  it("adds movies up by their sums", async () => {
    const columns = Array.from({ length: 64 }, () => 1 + 0.03 * random.normal());
    const movies = [8, 9, 10].map((seed) => poissonMovie(seed, 6, 10, 64, 64, (x) => columns[x]));
    const parameters = { iterations: 3, grouping: "auto" } as const;
    const estimates = [];
    for (const frames of movies) estimates.push(await estimate(frames, 64, 64, parameters));
    const combined = combineGains(estimates, plain);
    expect(combined.noiseFloor).toBeLessThan(0.75 * (estimates[0].noiseFloor ?? 0));
    expect(combined.counts.total).toBeCloseTo(
      estimates.reduce((s, e) => s + e.counts.total, 0),
      6,
    );
    expect(combined.name).toBe("combined");
  });

  it("searches the widths and reports them for every group", async () => {
    const frames = poissonMovie(11, 2, 60, 48, 40, (x) => 1 + 0.05 * Math.sin(x * 2.4));
    const result = await estimate(frames, 48, 40, {
      method: "sme-neighbour",
      sigma: "auto",
      maxSigma: 2,
      sigmaStep: 1,
    });
    expect(result.sigmas.length).toBe(2);
    for (const { row, column } of result.sigmas) {
      expect([1, 2]).toContain(row);
      expect([1, 2]).toContain(column);
    }
  });

  it("refuses a reference of another size, blank movies and foolish numbers", async () => {
    const frames = poissonMovie(13, 2, 5, 16, 8, () => 1);
    const wrong: Gain = {
      width: 8,
      height: 8,
      correction: new Float32Array(64).fill(1),
      bad: new Uint8Array(64),
    };
    await expect(estimate(frames, 16, 8, {}, wrong)).rejects.toMatchObject({
      code: "size-mismatch",
    });
    await expect(estimate(frames, 16, 8, { iterations: 0 })).rejects.toMatchObject({
      code: "bad-arguments",
    });
    await expect(estimate(frames, 16, 8, { method: "motion", parity: "xmipp" })).rejects.toThrow();
  });

  it("stops when cancelled", async () => {
    const abort = new AbortController();
    const frames = poissonMovie(14, 8, 5, 32, 32, () => 1);
    const running = estimateGain(
      memoryMovie(frames, 32, 32),
      null,
      { ...plain, iterations: 50 },
      {
        backend,
        signal: abort.signal,
        onProgress: ({ step }) => {
          if (step === "Equalizing") abort.abort();
        },
      },
    );
    await expect(running).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("a device that is lost during the estimation", () => {
  it("is replaced, and the estimate is the same", async () => {
    const backend = await openTestGpuBackend();
    const frames = Array.from({ length: 4 }, (_, t) => {
      const draw = createRandom(t);
      return new Uint8Array(40 * 30).map(() => draw.poisson(30));
    });
    const run = (onProgress?: () => void) =>
      estimateGain(
        memoryMovie(frames, 40, 30),
        null,
        { ...plain, iterations: 2 },
        {
          backend,
          ...(onProgress === undefined ? {} : { onProgress }),
        },
      );
    const before = await run();
    let lost = false;
    const after = await run(() => {
      if (lost) return;
      lost = true;
      void backend.loseDevice();
    });
    expect(lost).toBe(true);
    expect(after.gain.correction).toBeAllclose(before.gain.correction);
    await backend.dispose();
  });
});
