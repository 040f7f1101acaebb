import { describe, expect, it } from "vitest";
import { parsePreprocessRecipe } from "#src/domain/preprocessCheck.ts";
import { createDenoiser } from "#src/math/preprocess/denoise.ts";
import { createPreprocessChain } from "#src/math/preprocess/runStages.ts";
import type { LentImage } from "#src/math/preprocess/runStages.ts";
import { createRealTransform } from "#src/math/preprocess/realTransform.ts";
import { openInlinePool } from "#src/testing/backends.ts";
import { noiseImage } from "#src/testing/preprocessing.ts";
import { createCpuFilters } from "./cpuFilters.ts";
import { denoiseBandJob, denoiseInBands } from "./denoiseBands.ts";

/** Bit by bit; comparing with `toEqual` takes long for many numbers. */
const equal = (a: Float32Array<ArrayBuffer>, b: Float32Array<ArrayBuffer>): boolean =>
  Buffer.from(a.buffer).equals(Buffer.from(b.buffer));

describe("denoising in bands", () => {
  it.each([
    [30, 20, 1, "single"],
    [31, 17, 2, "single"],
    [16, 3, 5, "single"],
    [1, 9, 2, "single"],
    [25, 26, 3, "double"],
  ] as const)("%i × %i px on %i workers, %s: the same numbers as on one", async (...given) => {
    const [width, height, workers, precision] = given;
    const pixels = noiseImage(width * height, width);
    const pool = openInlinePool(workers);
    const job = await pool.open(denoiseBandJob, null);
    for (const scale of ["unit", "input"] as const) {
      const one = createDenoiser(pixels, width, 20, precision);
      one.advance(20);
      const iterations: number[] = [];
      const all = await denoiseInBands(
        job,
        { pixels: pixels.slice(), width, height, iterations: 20, precision, scale },
        { onIteration: (done) => iterations.push(done) },
      );
      expect(all.report).toEqual(one.report());
      expect(all.pixels).toEqual(one.result(scale));
      expect(iterations.at(-1)).toBe(one.report().iterations);
    }
    pool.dispose();
  });

  it("ends on constant images and on numbers that are none, and can be cancelled", async () => {
    const pool = openInlinePool(2);
    const job = await pool.open(denoiseBandJob, null);
    const lent: Omit<LentImage, "pixels"> = {
      ...{ width: 8, height: 8, iterations: 50 },
      precision: "single",
      scale: "input",
    };
    const constant = new Float32Array(64).fill(5);
    const same = await denoiseInBands(
      job,
      { ...lent, pixels: constant },
      { onIteration: () => undefined },
    );
    expect(same.report.ended).toBe("constant");
    const pixels = noiseImage(64, 7);
    pixels[5] = NaN;
    const ended = await denoiseInBands(
      job,
      { ...lent, pixels: pixels.slice() },
      { onIteration: () => undefined },
    );
    const one = createDenoiser(pixels, 8, 50);
    one.advance(50);
    expect(ended.pixels).toEqual(one.result("input"));
    const controller = new AbortController();
    await expect(
      denoiseInBands(
        job,
        { ...lent, pixels: noiseImage(64, 9) },
        { signal: controller.signal, onIteration: () => controller.abort() },
      ),
    ).rejects.toMatchObject({ code: "cancelled" });
    pool.dispose();
  });

  it("serves an image that is alone, and gives what one worker gives", async () => {
    const size = { width: 740, height: 720 };
    const pixels = noiseImage(size.width * size.height, 3);
    const recipe = parsePreprocessRecipe({ invert: {}, denoise: { iterations: 2 }, normalize: {} });
    const chain = createPreprocessChain(pixels.slice(), size, recipe, createRealTransform());
    while (chain.position.stage !== "done") chain.advance();
    const expected = chain.result();
    const pool = openInlinePool(2);
    const done: number[] = [];
    const filters = createCpuFilters(pool);
    const alone = await filters.preprocess({ pixels: pixels.slice(), ...size }, recipe, {
      onProgress: (position) => done.push(position.stage === "denoise" ? position.done : -1),
    });
    expect(alone.report).toEqual(expected.report);
    expect(equal(alone.pixels, expected.pixels)).toBe(true);
    expect(done).toContain(2);
    const both = await Promise.all(
      [0, 1].map(() => filters.preprocess({ pixels: pixels.slice(), ...size }, recipe)),
    );
    for (const one of both) expect(equal(one.pixels, expected.pixels)).toBe(true);
    pool.dispose();
  });
});
