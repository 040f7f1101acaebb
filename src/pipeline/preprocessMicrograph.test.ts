import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ComputeBackend } from "#src/compute/backend.ts";
import { parsePreprocessRecipe } from "#src/domain/preprocessCheck.ts";
import { createRandom } from "#src/math/random.ts";
import { testBackends } from "#src/testing/backends.ts";
import {
  deviations,
  referenceCases,
  referenceMicrograph,
  wholeReference,
} from "#src/testing/preprocessReference.ts";
import { preprocessMicrograph } from "./preprocessMicrograph.ts";

describe.each(testBackends)("preprocessing on $name", ({ open }) => {
  let backend: ComputeBackend;
  beforeAll(async () => {
    backend = await open();
  });
  afterAll(async () => await backend.dispose());

  const input = () => ({ file: "mic.mrc", ...referenceMicrograph(), pixelSizeA: 1.25 });

  // Tolerances of the decision on parity: one roundings' worth without the denoiser; its fifty
  // iterations amplify roundings where the gradient jumps.
  it.each(referenceCases)("gives what Xmipp gave for $name", async (reference) => {
    const result = await preprocessMicrograph(input(), reference.recipe, { backend });
    expect([result.width, result.height]).toEqual([reference.width, reference.height]);
    const limits = reference.denoised ? { max: 5e-2, rms: 2e-3 } : { max: 1e-3, rms: 1e-3 };
    const sampled = deviations(
      reference.places.map((place) => result.pixels[place]),
      reference.values,
      reference.std,
    );
    expect(sampled.max).toBeLessThanOrEqual(limits.max);
    const whole = wholeReference(reference.name);
    if (whole === null) return;
    const all = deviations(result.pixels, whole);
    expect(all.max).toBeLessThanOrEqual(limits.max);
    expect(all.rms).toBeLessThanOrEqual(limits.rms);
  });

  it("keeps pixel size and crop offset exact, and says what it mended", async () => {
    const random = createRandom(5);
    const pixels = new Float32Array(65 * 65).map(() => random.normal());
    pixels[7] = NaN;
    const result = await preprocessMicrograph(
      { file: "a.mrc", width: 65, height: 65, pixels, pixelSizeA: 1.1 },
      parsePreprocessRecipe({ crop: { pixels: 5 }, log: { c: 1.5 }, downsample: {} }),
      { backend },
    );
    expect([result.width, result.height]).toEqual([27, 27]);
    expect(result.pixelSizeA).toBeCloseTo((1.1 * 55) / 27, 12);
    expect(result.cropOffsetPx).toBe(5);
    expect(result.warnings.join(" ")).toMatch(/1 pixel was NaN.*undefined in \d+ of 4225/);
    expect(result.pixels.every((x) => Number.isFinite(x))).toBe(true);
  });

  it("leaves undefined logarithms undefined in the original's arithmetic, and says so", async () => {
    const pixels = Float32Array.of(-5, -1, 0, 1, 2, 3, 4, NaN, 6);
    const result = await preprocessMicrograph(
      { file: "a.mrc", width: 3, height: 3, pixels, pixelSizeA: 1 },
      parsePreprocessRecipe({ log: { a: 1, b: 2, c: 1 }, invert: {}, parity: "xmipp" }),
      { backend },
    );
    const expected = [-5, -1, 0, 1, 2, 3, 4, NaN, 6].map((x) =>
      Math.fround(-Math.fround(1 - 2 * Math.log(x + 1))),
    );
    expect(Array.from(result.pixels)).toEqual(expected);
    expect(result.pixels[1]).toBe(-Infinity);
    expect(result.warnings.join(" ")).toMatch(/1 pixel was NaN.*as in Xmipp.*undefined in 3 of 9/);
  });

  it.each([1e-18, 1e19])("does the same to an image times %d", async (scale) => {
    const random = createRandom(3);
    const pixels = new Float32Array(61 * 47).map(() => 5 + random.normal());
    pixels[700] = 90;
    const recipe = parsePreprocessRecipe({
      ...{ badPixels: {}, invert: {}, downsample: { factor: 1.5 }, denoise: { iterations: 3 } },
      ...{ gaussian: { sigma: 1 }, highPass: {}, lowPass: {}, normalize: {} },
    });
    const of = async (factor: number) =>
      await preprocessMicrograph(
        {
          ...{ file: "a.mrc", width: 61, height: 47, pixelSizeA: 1 },
          pixels: pixels.map((x) => factor * x),
        },
        recipe,
        { backend },
      );
    const plain = await of(1);
    const scaled = await of(scale);
    expect(scaled.report.badPixels).toBe(1);
    // Another scale rounds other digits, which three steps of the denoiser amplify.
    expect(deviations(scaled.pixels, plain.pixels).max).toBeLessThan(1e-3);
  });

  it("keeps integers when only borders are cropped", async () => {
    const pixels = Int16Array.from({ length: 35 }, (_, i) => i);
    const result = await preprocessMicrograph(
      { file: "a.mrc", width: 7, height: 5, pixels, pixelSizeA: null },
      parsePreprocessRecipe({ crop: { pixels: 1 } }),
      { backend },
    );
    expect(result.pixels).toBeInstanceOf(Int16Array);
    expect(Array.from(result.pixels)).toEqual([
      8, 9, 10, 11, 12, 15, 16, 17, 18, 19, 22, 23, 24, 25, 26,
    ]);
  });

  it("refuses nonsense with the file's name", async () => {
    const recipe = parsePreprocessRecipe({ crop: { pixels: 100 } });
    await expect(preprocessMicrograph(input(), recipe, { backend })).rejects.toThrow(
      /^mic\.mrc: Crop borders: .*leaves nothing of 320 × 200 px/,
    );
    await expect(
      preprocessMicrograph(input(), parsePreprocessRecipe({}), { backend }),
    ).rejects.toMatchObject({ code: "bad-arguments" });
  });

  it("can be cancelled in the middle, and goes on with the next", async () => {
    const abort = new AbortController();
    const random = createRandom(2);
    const pixels = new Float32Array(512 * 512).map(() => random.normal());
    const steps: string[] = [];
    const cancelled = preprocessMicrograph(
      { file: "big.mrc", width: 512, height: 512, pixels, pixelSizeA: 1 },
      parsePreprocessRecipe({ invert: {}, denoise: { iterations: 2000 } }),
      {
        backend,
        signal: abort.signal,
        onProgress: ({ step }) => {
          steps.push(step);
          if (step.startsWith("Denoising")) abort.abort();
        },
      },
    );
    await expect(cancelled).rejects.toMatchObject({ code: "cancelled" });
    expect(steps[0]).toBe("Inverting contrast: big.mrc");
    const next = await preprocessMicrograph(input(), parsePreprocessRecipe({ normalize: {} }), {
      backend,
    });
    expect(next.report.statistics.std).toBeCloseTo(1, 5);
  });

  it("repairs clusters in raster order, also when most pixels are bad", async () => {
    const random = createRandom(12);
    const width = 61;
    const height = 47;
    const pixels = new Float32Array(width * height).map(() => random.normal());
    for (let k = 0; k < 30; k++) pixels[random.integer(pixels.length)] = 40;
    for (let y = 10; y < 14; y++) for (let x = 0; x < 7; x++) pixels[y * width + x] = 30;
    const recipe = parsePreprocessRecipe({ badPixels: { stddev: 2 } });
    const [{ open: openCpu }] = testBackends;
    const cpu = await openCpu();
    const of = async (on: ComputeBackend) =>
      await preprocessMicrograph(
        { file: "c.mrc", width, height, pixels: pixels.slice(), pixelSizeA: 1 },
        recipe,
        { backend: on },
      );
    const expected = await of(cpu);
    const found = await of(backend);
    expect(found.report.badPixels).toBe(expected.report.badPixels);
    expect(found.report.badPixels).toBeGreaterThan(50);
    expect(Array.from(found.pixels)).toEqual(Array.from(expected.pixels));
    await cpu.dispose();
  });
});
