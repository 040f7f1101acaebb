import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRandom } from "#src/math/random.ts";
import { testBackends } from "#src/testing/backends.ts";
import { naiveSme } from "#src/testing/naiveSme.ts";
import type { PixelArray } from "#src/domain/movie.ts";
import type { ComputeBackend } from "./backend.ts";
import type { FrameFactor, SmeOptions } from "./gainCompute.ts";

const defaults = {
  reference: "single",
  sigmas: [0],
  ties: "mean",
  precise: false,
  bad: null,
} satisfies Partial<SmeOptions>;

describe.each(testBackends)("midway equalization on $name", ({ open }) => {
  let backend: ComputeBackend;
  beforeAll(async () => {
    backend = await open();
  });
  afterAll(() => backend.dispose());

  const equalize = async (
    frames: readonly PixelArray[],
    width: number,
    height: number,
    options: Partial<SmeOptions> = {},
    factor: FrameFactor | null = null,
  ) => {
    const session = await backend.gain.openSme({ ...defaults, ...options, width, height });
    await session.begin(factor);
    const sigmas = await Promise.all(frames.map((frame) => session.add(frame)));
    const sum = await session.collect();
    session.close();
    return { sum, sigmas };
  };

  const random = createRandom(3);
  const counts = (n: number, mean: number): Uint8Array<ArrayBuffer> =>
    new Uint8Array(n).map(() => random.poisson(mean));
  // Odd sizes, one line, one column, and lines beyond one chunk of the device's sorting.
  const sizes: [number, number][] = [
    [1, 1],
    [17, 1],
    [1, 9],
    [33, 20],
    [40, 61],
  ];

  for (const [width, height] of sizes)
    for (const reference of ["single", "neighbours"] as const)
      for (const ties of ["mean", "last"] as const)
        it(`follows the definition: ${width} × ${height}, ${reference}, ${ties}`, async () => {
          const frame = counts(width * height, 6);
          const floats = new Float32Array(width * height).map(() => Math.fround(random.normal()));
          for (const sigma of reference === "single" ? [0, 1.5] : [1, 2])
            for (const pixels of [frame, floats]) {
              const { sum } = await equalize([pixels], width, height, {
                reference,
                ties,
                sigmas: [sigma],
              });
              // Single precision: references to 6e-8 of values up to 20, the device's running sums to
              // span · length · 2⁻³¹ a value.
              expect(sum).toBeAllclose(
                naiveSme(pixels, width, height, { reference, sigma, ties }),
                { atol: 2e-5 },
              );
            }
        });

  it("sorts lines longer than the device's shared memory", async () => {
    const width = 5003;
    const height = 3;
    for (const pixels of [
      new Float32Array(width * height).map(() => Math.fround(10 + random.normal())),
      new Uint16Array(width * height).map(() => 1000 * random.poisson(20)),
    ]) {
      const { sum } = await equalize([pixels], width, height);
      const expected = naiveSme(pixels, width, height, {
        reference: "single",
        sigma: 0,
        ties: "mean",
      });
      expect(sum).toBeAllclose(expected, { rtol: 2e-6, atol: 2e-5 });
    }
  });

  it("adds frames up, and starts anew", async () => {
    const frames = [counts(600, 4), counts(600, 9)];
    const { sum } = await equalize(frames, 30, 20);
    const parts = frames.map((f) =>
      naiveSme(f, 30, 20, { reference: "single", sigma: 0, ties: "mean" }),
    );
    expect(sum).toBeAllclose(
      parts[0].map((v, i) => v + parts[1][i]),
      { atol: 2e-5 },
    );
    const session = await backend.gain.openSme({ ...defaults, width: 30, height: 20 });
    await session.begin(null);
    await session.add(frames[0]);
    await session.begin(null);
    await session.add(frames[1]);
    expect(await session.collect()).toBeAllclose(parts[1], { atol: 2e-5 });
    session.close();
  });

  it("multiplies and divides frames before it ranks them", async () => {
    const frame = counts(21 * 14, 30);
    const values = new Float32Array(21 * 14).map(() => 0.8 + 0.4 * random.uniform());
    for (const operation of ["multiply", "divide"] as const) {
      const { sum } = await equalize([frame], 21, 14, {}, { values, operation });
      const corrected = Float32Array.from(frame, (v, i) =>
        operation === "multiply" ? v * values[i] : v / values[i],
      );
      // A rounding that differs may swap two equal-looking neighbours in rank: their references are
      // as near as they are.
      expect(sum).toBeAllclose(
        naiveSme(corrected, 21, 14, { reference: "single", sigma: 0, ties: "mean" }),
        { rtol: 1e-5 },
      );
    }
  });

  it("gives equal values to all pixels of a constant frame", async () => {
    const { sum } = await equalize([new Uint8Array(35 * 8).fill(7)], 35, 8);
    expect(sum).toBeAllclose(new Float64Array(35 * 8).fill(7), { atol: 1e-6 });
  });

  it("turns with the frame", async () => {
    const frame = counts(24 * 31, 5);
    const turned = frame.map((_, i) => frame[(i % 31) * 24 + Math.floor(i / 31)]);
    const { sum } = await equalize([frame], 24, 31);
    const other = await equalize([turned], 31, 24);
    expect(other.sum.map((_, i) => other.sum[(i % 24) * 31 + Math.floor(i / 24)])).toBeAllclose(
      sum,
      { atol: 2e-5 },
    );
  });

  it("leaves bad pixels out: their values change nothing, and a line of them is no harm", async () => {
    const width = 26;
    const height = 19;
    const bad = new Uint8Array(width * height).map(() => (random.uniform() < 0.1 ? 1 : 0));
    for (let x = 0; x < width; x++) bad[5 * width + x] = 1;
    for (const clean of [
      counts(width * height, 12),
      new Float32Array(width * height).map(() => Math.fround(12 + 3 * random.normal())),
    ])
      for (const reference of ["single", "neighbours"] as const) {
        const spoilt = clean.map((v, i) => (bad[i] === 1 ? 200 : v));
        const options = { bad, reference, sigmas: [1] };
        const a = await equalize([clean], width, height, options);
        const b = await equalize([spoilt], width, height, options);
        expect(b.sum).toBeAllclose(a.sum);
        a.sum.forEach((v, i) => {
          if (bad[i] === 1) expect(v).toBe(0);
          else expect(v).toBeGreaterThan(3);
        });
      }
  });

  it("keeps the quantiles of a line with few good pixels", async () => {
    // All lines hold the same ramp; half of one line is bad. Stretched to full length its quantile
    // function is still the ramp, so nothing changes by more than one step of the ramp.
    const width = 64;
    const height = 64;
    const frame = new Float32Array(width * height).map(
      (_, i) => (i + 7 * Math.floor(i / width)) % width,
    );
    const bad = new Uint8Array(width * height);
    for (let x = 0; x < width; x += 2) bad[10 * width + x] = 1;
    const { sum } = await equalize([frame], width, height, { bad });
    sum.forEach((v, i) => {
      if (bad[i] === 0) expect(Math.abs(v - frame[i])).toBeLessThan(1.01);
    });
  });

  it("finds the width of least total variation, the same on every backend", async () => {
    const width = 48;
    const height = 40;
    // Columns with gains that jump from one to the next, on a smooth scene.
    const gains = Array.from({ length: width }, () => 1 + 0.1 * random.normal());
    const frame = new Float32Array(width * height).map((_, i) =>
      Math.fround((50 + 10 * Math.sin(i / width / 5) + random.normal()) * gains[i % width]),
    );
    const sigmas = [0.5, 1, 1.5, 2, 3];
    const searched = await equalize([frame], width, height, { reference: "neighbours", sigmas });
    const variation = (values: ArrayLike<number>): number => {
      let total = 0;
      for (let i = 0; i < width * height; i++)
        if (i % width > 0) total += Math.abs(values[i] - values[i - 1]);
      return total;
    };
    // The oracle: equalize the columns alone for each width, by leaving rows as they are.
    const columnsOnly = (sigma: number): Float64Array => {
      const both = naiveSme(frame, width, height, { reference: "neighbours", sigma, ties: "mean" });
      const turned = frame.map((_, i) => frame[(i % height) * width + Math.floor(i / height)]);
      const rows = naiveRows(turned, height, width, sigma);
      const back = Float64Array.from(
        frame,
        (_, i) => rows[(i % width) * height + Math.floor(i / width)],
      );
      expect(both.length).toBe(back.length);
      return back;
    };
    const naiveRows = (f: Float32Array, w: number, h: number, sigma: number): Float64Array => {
      // A frame whose columns are all alike is unchanged by column equalization, so 2·SME − frame of a
      // single row's neighbourhood gives the row output; simpler: equalize row by row here.
      const kernel = Array.from({ length: Math.ceil(3 * sigma) + 1 }, (_, k) =>
        Math.exp((-0.5 * k * k) / sigma ** 2),
      );
      const sorted = Array.from({ length: h }, (_, y) =>
        [...f.subarray(y * w, (y + 1) * w)].sort((a, b) => a - b),
      );
      const out = new Float64Array(w * h);
      for (let y = 0; y < h; y++)
        for (let x = 0; x < w; x++) {
          const rank = sorted[y].indexOf(f[y * w + x]);
          let sum = 0;
          let weight = 0;
          for (let k = 1 - kernel.length; k < kernel.length; k++)
            if (y + k >= 0 && y + k < h) {
              sum += kernel[Math.abs(k)] * sorted[y + k][rank];
              weight += kernel[Math.abs(k)];
            }
          out[y * w + x] = sum / weight;
        }
      return out;
    };
    const totals = sigmas.map((sigma) => variation(columnsOnly(sigma)));
    expect(searched.sigmas[0].column).toBe(sigmas[totals.indexOf(Math.min(...totals))]);
    const fixed = await equalize([frame], width, height, {
      reference: "neighbours",
      sigmas: [searched.sigmas[0].row],
    });
    if (searched.sigmas[0].row === searched.sigmas[0].column)
      expect(searched.sum).toBeAllclose(fixed.sum, { rtol: 1e-6 });
  });

  it("stops when cancelled", async () => {
    const session = await backend.gain.openSme({ ...defaults, width: 8, height: 8 });
    await session.begin(null);
    const abort = new AbortController();
    abort.abort();
    await expect(session.add(new Uint8Array(64), abort.signal)).rejects.toMatchObject({
      code: "cancelled",
    });
    session.close();
  });
});
