import { describe, expect, it } from "vitest";
import type { MovieReader, PixelArray } from "#src/domain/movie.ts";
import { defaultMotionOptions } from "#src/domain/motion.ts";
import type { MotionOptions } from "#src/domain/motion.ts";
import { createRandom } from "#src/math/random.ts";
import { localRms } from "#src/math/motionField.ts";
import { motionErrorPx } from "#src/simulation/score.ts";
import { createSimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import type { SimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import { testBackends } from "#src/testing/backends.ts";
import { memoryMovie } from "#src/testing/memoryMovie.ts";
import { estimateMotion } from "./estimateMotion.ts";

const [width, height, frames] = [270, 250, 10];
const base = {
  width,
  height,
  frames,
  electronsPerFrame: 4,
  driftPx: 6,
  localPx: 2,
  gain: "flat",
  deadPixels: 0,
  hotPixels: 0,
  seed: 21,
} as const;

const bent = createSimulatedMovie(base);
const bentReader = bent.reader("bent.mrcs", { keep: true });
const none = { gain: null, dark: null };

function optionsFor(movie: MovieReader, given: Partial<MotionOptions> = {}): MotionOptions {
  const { header } = movie;
  return { ...defaultMotionOptions(header.frames, header.pixelSizeA), ...given };
}

/** Frames of a movie as arrays, changed by `edit`. */
function edited(
  movie: SimulatedMovie,
  count: number,
  edit: (pixels: PixelArray, t: number) => void,
) {
  const images = Array.from({ length: count }, (_, t) => {
    const pixels = movie.frame(t);
    edit(pixels, t);
    return pixels;
  });
  return memoryMovie(images, movie.options.width, movie.options.height, {
    pixelSizeA: movie.options.pixelSizeA,
  });
}

describe.each(testBackends)("motion estimated on $name", ({ open }) => {
  it("follows global and local motion, and knows how well", async () => {
    const backend = await open();
    const { field, quality, diagnostics, chosen } = await estimateMotion(
      bentReader,
      none,
      optionsFor(bentReader),
      { backend },
    );
    const error = motionErrorPx(field, bent.truth.motion);
    // Of 2 px of local motion; the prototype of the recipe reaches 0.03 to 0.06 on such movies.
    expect(error).toBeLessThan(0.1);
    expect(quality.expectedErrorPx).toBeGreaterThan(error / 2);
    expect(quality.expectedErrorPx).toBeLessThan(error * 2);
    expect(quality.fallbackReason).toBeNull();
    expect(localRms(field)).toBeGreaterThan(0.3);
    expect(diagnostics?.patchResidualPx.length).toBe(
      Number(chosen.patchesX) * Number(chosen.patchesY),
    );
    // Local motion that is not asked for is part of the error, and named.
    const rigid = await estimateMotion(
      bentReader,
      none,
      optionsFor(bentReader, { patches: "none" }),
      {
        backend,
      },
    );
    const left = motionErrorPx(rigid.field, bent.truth.motion);
    expect(left).toBeGreaterThan(0.3);
    expect(rigid.quality.expectedErrorPx).toBeGreaterThan(left / 1.5);
    expect(rigid.quality.expectedErrorPx).toBeLessThan(left * 1.5);
    expect(rigid.quality.flags.join()).toContain("only global motion was asked for");
    await backend.dispose();
  });

  it("stays global when asked to, and says so", async () => {
    const backend = await open();
    const rigid = createSimulatedMovie({ ...base, localPx: 0, seed: 22 });
    const reader = rigid.reader("rigid.mrcs", { keep: true });
    const global = await estimateMotion(reader, none, optionsFor(reader, { patches: "none" }), {
      backend,
    });
    expect(global.field.local).toBeNull();
    expect(global.quality.fallbackReason).toContain("not asked for");
    const globalError = motionErrorPx(global.field, rigid.truth.motion);
    expect(globalError).toBeLessThan(0.06);
    const free = await estimateMotion(reader, none, optionsFor(reader), { backend });
    expect(motionErrorPx(free.field, rigid.truth.motion)).toBeLessThan(globalError + 0.02);
    await backend.dispose();
  });
});

describe("motion with little to go by", () => {
  const open = testBackends[0].open;
  const run = async (movie: MovieReader, given: Partial<MotionOptions> = {}) => {
    const backend = await open();
    try {
      return await estimateMotion(movie, none, optionsFor(movie, given), { backend });
    } finally {
      await backend.dispose();
    }
  };

  it("does without a gain, hot and dead pixels and stray hits included", async () => {
    const movie = createSimulatedMovie({
      ...base,
      gain: "lines",
      hotPixels: 8,
      deadPixels: 8,
      seed: 23,
    });
    const reader = edited(movie, frames, (pixels, t) => (pixels[5000 + 97 * t] = 60000));
    const { field, chosen } = await run(reader);
    expect(motionErrorPx(field, movie.truth.motion)).toBeLessThan(0.12);
    // The hot ones; a dead pixel is only six sd below its neighbours at 40 electrons in all.
    expect(Number(chosen.hotPixels)).toBeGreaterThanOrEqual(8);
  });

  it("gives a result for one, two and three frames", async () => {
    for (const count of [1, 2, 3]) {
      const { field, quality } = await run(bentReader, { lastFrame: count - 1 });
      expect(field.frameIndices).toHaveLength(count);
      if (count === 1) expect(quality.flags[0]).toContain("One frame");
      else expect(motionErrorPx(field, bent.truth.motion)).toBeLessThan(0.4);
    }
  });

  it("aligns a range of frames, and groups of them", async () => {
    const part = await run(bentReader, { firstFrame: 3, lastFrame: 8 });
    expect(part.field.frameIndices).toEqual([3, 4, 5, 6, 7, 8]);
    expect(motionErrorPx(part.field, bent.truth.motion)).toBeLessThan(0.12);
    const grouped = await run(bentReader, { group: 2 });
    expect(grouped.field.frameIndices).toHaveLength(frames);
    expect(motionErrorPx(grouped.field, bent.truth.motion)).toBeLessThan(0.6);
    await expect(run(bentReader, { lastFrame: frames })).rejects.toThrow(/frames 1 to 11.*has 10/);
  });

  it("bridges a blank frame and says which", async () => {
    const { field, quality } = await run(
      edited(bent, frames, (pixels, t) => t === 6 && pixels.fill(0)),
    );
    expect(quality.flags.join()).toContain("frame 7");
    expect(motionErrorPx(field, bent.truth.motion)).toBeLessThan(0.5);
  });

  it("refuses blank frames and pure noise with a sentence", async () => {
    const blank = memoryMovie(
      Array.from({ length: 4 }, () => new Uint8Array(128 * 128).fill(3)),
      128,
      128,
    );
    expect((await run(blank)).quality.flags.join()).toContain("blank");
    const random = createRandom(4);
    const noise = memoryMovie(
      Array.from({ length: 6 }, () =>
        Uint8Array.from({ length: 256 * 256 }, () => random.poisson(2)),
      ),
      256,
      256,
    );
    const { field, quality } = await run(noise);
    expect(quality.fallbackReason).toMatch(/No common moving signal|no signal/);
    expect(Math.max(...field.globalX)).toBe(0);
  });

  it("flags a drift beyond the maximum shift", async () => {
    const { quality } = await run(bentReader, { maxShiftA: 4 });
    expect(quality.flags.join()).toContain("more than the maximum shift of 4 Å");
  });

  it("refuses a gain of another size", async () => {
    const backend = await open();
    const gain = { width: 4, height: 4, correction: new Float32Array(16), bad: new Uint8Array(16) };
    await expect(
      estimateMotion(bentReader, { gain, dark: null }, optionsFor(bentReader), { backend }),
    ).rejects.toThrow("the gain has 4 × 4 pixels");
    await backend.dispose();
  });

  it("stops when it is cancelled", async () => {
    const backend = await open();
    const stop = new AbortController();
    const running = estimateMotion(bentReader, none, optionsFor(bentReader), {
      backend,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await expect(running).rejects.toMatchObject({ code: "cancelled" });
    await backend.dispose();
  });
});
