import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultMotionOptions } from "#src/domain/motion.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { MovieReader } from "#src/domain/movie.ts";
import type { ComputeBackend } from "#src/compute/backend.ts";
import { globalShifts } from "#src/math/motionField.ts";
import { createRandom } from "#src/math/random.ts";
import { testBackends } from "#src/testing/backends.ts";
import { memoryMovie } from "#src/testing/memoryMovie.ts";
import { motionFiles } from "./motionFiles.ts";
import { motionReport } from "./motionReport.ts";
import { correctionMemory } from "./motionMemory.ts";
import { processMovie } from "./processMovie.ts";

const [width, height, T] = [160, 131, 5];
const header = { pixelSizeA: 1.2, dosePerFrame: 1 };

/** Waves that move by (1, −0.6) px a frame, with noise, a hot pixel and a broken one that no list names. */
function makeFrames(): Uint16Array<ArrayBuffer>[] {
  const random = createRandom(40);
  const waves = Array.from({ length: 50 }, () => [
    0.3 * (2 * random.uniform() - 1),
    0.3 * (2 * random.uniform() - 1),
    7 * random.uniform(),
  ]);
  return Array.from({ length: T }, (_, t) =>
    Uint16Array.from({ length: width * height }, (_, i) => {
      const x = (i % width) - t;
      const y = Math.floor(i / width) + 0.6 * t;
      const signal = waves.reduce(
        (s, [u, v, p]) => s + 2 * Math.cos(2 * Math.PI * (u * x + v * y) + p),
        200,
      );
      if (i === 30 * width + 40) return 5000;
      return i === 70 * width + 80 ? 420 : Math.round(signal + 4 * random.normal());
    }),
  );
}

describe.each(testBackends)("processMovie on $name", ({ open }) => {
  let backend: ComputeBackend;
  beforeAll(async () => {
    backend = await open();
  });
  afterAll(() => backend.dispose());

  it("goes from frames to a micrograph, spectra, files and a report", async () => {
    const reader = memoryMovie(makeFrames(), width, height, header);
    const steps = new Set<string>();
    const result = await processMovie(
      {
        reader,
        gain: null,
        dark: null,
        motion: { ...defaultMotionOptions(T, 1.2), patches: "none" },
        correction: {
          sumFrames: [0, 1, 2, 3, 4],
          result: "sum",
          binning: 1,
          exposure: null,
          evenOdd: false,
        },
        spectra: true,
      },
      { backend, onProgress: ({ step }) => steps.add(step) },
    );
    expect(result.hotPixels).toEqual([
      [40, 30],
      [80, 70],
    ]);
    expect(result.corrected.badPixels).toBe(2);
    // Repaired before it was moved: no trace along the track.
    const { average } = result.corrected;
    for (let x = 74; x < 86; x++) expect(average[70 * width + x]).toBeLessThan(T * 240);
    // Far beyond what a pixel may have: repaired in each frame by itself.
    for (let x = 34; x < 46; x++) expect(average[30 * width + x]).toBeLessThan(T * 240);
    expect(steps).toContain("Correcting frames");
    const options = {
      binning: 1,
      result: "sum",
      writeAverage: true,
      float16: true,
      flipRows: true,
      dosePerFrame: null,
      preExposure: 0,
      voltageKv: 300,
    } as const;
    const movie = {
      path: "m.mrcs",
      base: "m",
      header: reader.header,
      gainPath: null,
      defectsPath: null,
      prefix: "",
    };
    const { files, row } = motionFiles(movie, result, options);
    for (const file of files) expect((await file.make()).length).toBeGreaterThan(40);
    expect(row.micrographName).toBe("m_aligned.mrc");
    const report = motionReport(
      { id: "a", name: "m.mrcs", header: reader.header },
      result,
      options,
      { files, row },
    );
    report.globalX.forEach((x, t) =>
      expect(Math.hypot(x - t, report.globalY[t] + 0.6 * t)).toBeLessThan(0.1),
    );
    // Four steps of √1.36 px; up to 4 e⁻/Å² are three of them.
    expect(report.totalPx).toBeCloseTo(4 * Math.sqrt(1.36), 0);
    expect(report.earlyPx! / report.totalPx).toBeCloseTo(0.75, 1);
    expect(report.tracks.length).toBe(42);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it("leaves a damaged frame out of motion and sum, and says so", async () => {
    const frames = makeFrames();
    const whole = memoryMovie(frames, width, height, header);
    const reader = (broken: readonly number[]): MovieReader => ({
      ...whole,
      readEncoded: (index, signal) =>
        broken.includes(index)
          ? Promise.reject(
              new CryoloupeError("truncated-file", "Reading frame: bytes are missing."),
            )
          : whole.readEncoded(index, signal),
    });
    const request = (broken: readonly number[]) => ({
      reader: reader(broken),
      gain: null,
      dark: null,
      motion: { ...defaultMotionOptions(T, 1.2), patches: "none" as const },
      correction: {
        sumFrames: [0, 1, 2, 3, 4],
        result: "mean" as const,
        binning: 1,
        exposure: null,
        evenOdd: false,
      },
      spectra: true,
    });
    const { flags, corrected, estimate } = await processMovie(request([2]), { backend });
    expect(flags.join(" ")).toMatch(/Frame 3 cannot be decoded and is left out/);
    expect(flags.join(" ")).not.toMatch(/Blank/);
    expect(estimate.damagedFrames).toEqual([2]);
    expect(corrected.frames).toBe(4);
    // The motion of its neighbours, and of itself between them.
    for (let t = 0; t < T; t++) {
      const { globalX, globalY } = estimate.field;
      const [x, y] = [globalX[t] - globalX[0], globalY[t] - globalY[0]];
      expect(Math.hypot(x - t, y + 0.6 * t)).toBeLessThan(0.15);
    }
    let mean = 0;
    for (const v of corrected.average) mean += v / corrected.average.length;
    expect(mean).toBeCloseTo(200, 0);
    // Mostly damage is no movie.
    await expect(processMovie(request([0, 2, 3]), { backend })).rejects.toMatchObject({
      code: "truncated-file",
    });
  });

  it("leaves out spectra where only they do not fit the memory budget, with both numbers", async () => {
    const reader = memoryMovie(makeFrames().slice(0, 2), width, height, header);
    const correction = {
      // Not the aligned ones: their plain sum is not known yet.
      sumFrames: [0],
      result: "sum" as const,
      binning: 1,
      exposure: null,
      evenOdd: true,
    };
    const without = { ...correction, unaligned: false };
    const nothing = { gain: false, dark: false, plain: false };
    const poor = { ...backend, info: { ...backend.info, budgetBytes: 0 } };
    const budgetBytes = correctionMemory(reader.header, without, nothing, poor).bytes;
    const result = await processMovie(
      {
        reader,
        gain: null,
        dark: null,
        motion: { ...defaultMotionOptions(2, 1.2), patches: "none" },
        correction,
        spectra: true,
      },
      { backend: { ...backend, info: { ...backend.info, budgetBytes } } },
    );
    expect(result.spectra).toBeNull();
    expect(result.flags.join(" ")).toMatch(/spectra are left out.*MiB.*MiB.*MiB/);
    expect(result.corrected.average.length).toBe(width * height);
    // Less still is refused before anything is read.
    const less = { ...backend, info: { ...backend.info, budgetBytes: budgetBytes - 1 } };
    await expect(
      processMovie(
        {
          reader,
          gain: null,
          dark: null,
          motion: defaultMotionOptions(2, 1.2),
          correction,
          spectra: true,
        },
        { backend: less },
      ),
    ).rejects.toThrow(/needs \d+ MiB; the memory budget is \d+ MiB/);
  });

  it("makes a micrograph with a sentence of one, two and three frames without any signal", async () => {
    const random = createRandom(8);
    for (const [count, size] of [
      [1, 67],
      [2, 64],
      [3, 67],
    ] as const) {
      const frames = Array.from({ length: count }, () =>
        Uint8Array.from({ length: size * 60 }, () => random.poisson(2)),
      );
      const result = await processMovie(
        {
          reader: memoryMovie(frames, size, 60, header),
          gain: null,
          dark: null,
          motion: defaultMotionOptions(count, 1.2),
          correction: {
            sumFrames: frames.map((_, t) => t),
            result: "sum",
            binning: 1,
            exposure: null,
            evenOdd: false,
          },
          spectra: true,
        },
        { backend },
      );
      const { quality, field } = result.estimate;
      expect(quality.fallbackReason).toMatch(/\.$/);
      expect(globalShifts(field).x.every((x) => x === 0)).toBe(true);
      // Not moved, so the corrected sum is the plain one, which comes from another pass; the spline's
      // weights and its prefilter undo each other.
      const plain = frames[0].map((_, i) => frames.reduce((sum, frame) => sum + frame[i], 0));
      for (const image of [result.corrected.unaligned, result.corrected.average])
        plain.forEach((v, i) => expect(Math.abs((image?.[i] ?? NaN) - v)).toBeLessThan(1e-4));
      expect(result.spectra?.reading.after.pieces).toBeGreaterThan(0);
    }
  });

  it("answers a blank movie with a sentence, and a cancelled run with nothing", async () => {
    const blank = Array.from({ length: 3 }, () => new Uint8Array(64 * 64).fill(7));
    const request = {
      reader: memoryMovie(blank, 64, 64, header),
      gain: null,
      dark: null,
      motion: defaultMotionOptions(3, 1.2),
      correction: {
        sumFrames: [0, 1, 2],
        result: "mean",
        binning: 1,
        exposure: null,
        evenOdd: false,
      },
      spectra: false,
    } as const;
    const result = await processMovie(request, { backend });
    expect(result.flags.join(" ")).toMatch(/blank|signal|nothing/i);
    expect(result.corrected.average[64 * 30 + 30]).toBeCloseTo(7, 4);
    const controller = new AbortController();
    controller.abort();
    await expect(
      processMovie(request, { backend, signal: controller.signal }),
    ).rejects.toMatchObject({ code: "cancelled" });
  });
});
