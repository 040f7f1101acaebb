import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  NO_OPERATIONS,
  downsampledSize,
  preprocessedSize,
  xmippDownsampledSize,
} from "./preprocess.ts";
import {
  checkPreprocess,
  parsePreprocessRecipe,
  recipeToJson,
  requireRunnable,
} from "./preprocessCheck.ts";
import { preprocessSummary } from "./preprocessText.ts";

describe("the size after downsampling", () => {
  it("is Xmipp's by a factor read in single precision and cut off in double", () => {
    expect(xmippDownsampledSize(320, 200, 1.6)).toEqual({ width: 199, height: 124 });
    expect(xmippDownsampledSize(4095, 4095, 2)).toEqual({ width: 2047, height: 2047 });
  });

  it("is the nearest with one factor for both sides", () => {
    expect(downsampledSize(320, 200, 1.6)).toEqual({ width: 200, height: 125 });
    expect(downsampledSize(4095, 4095, 2)).toEqual({ width: 2047, height: 2047 });
    expect(4095 / downsampledSize(4095, 4095, 2).width).toBeCloseTo(2.000489, 6);
    expect(downsampledSize(5760, 4092, 2)).toEqual({ width: 2880, height: 2046 });
  });

  it("has nearly the same factor in x and y for every detector, close to what was asked", () => {
    fc.assert(
      fc.property(
        fc.constantFrom([3838, 3710], [4092, 5760], [4096, 4096], [4095, 4096], [11520, 8184]),
        fc.double({ min: 1.01, max: 6, noNaN: true }),
        ([width, height], factor) => {
          const small = downsampledSize(width, height, factor);
          const x = width / small.width;
          const y = height / small.height;
          expect(Math.abs(x / y - 1)).toBeLessThanOrEqual(1.1e-3);
          // Half a percent, and the whole pixels of either end.
          expect(Math.abs(x / factor - 1)).toBeLessThan(0.005 + (2 * factor) / width);
        },
      ),
      { seed: 1 },
    );
  });

  it("is the nearest whole pixels where no size has one factor", () => {
    expect(downsampledSize(65, 55, 2)).toEqual({ width: 32, height: 27 });
    expect(downsampledSize(27, 27, 2)).toEqual({ width: 13, height: 13 });
  });

  it("follows the crop", () => {
    const recipe = parsePreprocessRecipe({ crop: { pixels: 5 }, downsample: { factor: 2 } });
    expect(preprocessedSize(320, 200, recipe)).toEqual({
      croppedWidth: 310,
      croppedHeight: 190,
      width: 155,
      height: 95,
    });
  });
});

describe("recipes", () => {
  it("take the protocol's defaults for what is missing", () => {
    const { operations, arithmetic } = parsePreprocessRecipe({
      crop: {},
      log: { c: 1 },
      normalize: true,
      invert: false,
      denoise: null,
      parity: "xmipp",
    });
    expect(operations).toEqual({
      ...NO_OPERATIONS,
      crop: { pixels: 10 },
      log: { a: 4.431, b: 0.402, c: 1 },
      normalize: {},
    });
    expect(arithmetic).toBe("xmipp");
  });

  it("survive being written and read", () => {
    const json = {
      crop: { pixels: 3 },
      highPass: { cutoff: 0.01, transition: 0.005 },
      normalize: {},
    };
    expect(recipeToJson(parsePreprocessRecipe(json))).toEqual(json);
  });

  it.each([
    [[], /an object like/],
    [{ sharpen: {} }, /no operation "sharpen".*crop, log/],
    [{ crop: { pixel: 3 } }, /"crop" has no number "pixel".*pixels/],
    [{ invert: { x: 1 } }, /"invert" has no number "x".*has none/],
    [{ crop: { pixels: "3" } }, /"pixels" of "crop" must be a number, not "3"/],
    [{ crop: 10 }, /"crop" must be an object/],
    [{ parity: "relion" }, /"parity" can only be "xmipp"/],
  ])("refuse %j with the reason", (json, reason) => {
    expect(() => parsePreprocessRecipe(json)).toThrow(reason);
  });

  it.each([
    [{}, /at least one of the ten/],
    [{ crop: { pixels: -1 } }, /whole number from 0, not −1/],
    [{ crop: { pixels: 2.5 } }, /whole number/],
    [{ crop: { pixels: 100 } }, /leaves nothing of 320 × 200 px: less than 100/],
    [{ badPixels: { stddev: 0 } }, /above 0/],
    [{ badPixels: { stddev: -1 } }, /switch the operation off/],
    [{ log: { b: 0 } }, /every pixel becomes the same/],
    [{ downsample: { factor: 1 } }, /above 1, not 1/],
    [{ downsample: { factor: 0.5 } }, /above 1/],
    [{ downsample: { factor: 400 } }, /leaves less than 2 px/],
    [{ denoise: { iterations: 0 } }, /from 1 to 2000/],
    [{ denoise: { iterations: 1e9 } }, /from 1 to 2000/],
    [{ gaussian: { sigma: -2 } }, /above 0 px, not −2/],
    [{ highPass: { cutoff: 0 } }, /between 0 and 0.5/],
    [{ highPass: { cutoff: 0.5 } }, /between 0 and 0.5/],
    [{ lowPass: { cutoff: 0.7 } }, /Nyquist/],
    [{ lowPass: { cutoff: 0.2, transition: -0.1 } }, /transition width/],
    [{ highPass: { cutoff: 0.4 }, lowPass: { cutoff: 0.1 } }, /nothing would be left/],
  ])("that make no sense, as %j, are refused with the reason", (json, reason) => {
    const recipe = parsePreprocessRecipe(json);
    expect(() => requireRunnable(recipe, { width: 320, height: 200 }, "a.mrc")).toThrow(reason);
    expect(() => requireRunnable(recipe, { width: 320, height: 200 }, "a.mrc")).toThrow(
      /^a\.mrc: /,
    );
  });

  it("that make sense pass, on the borders too", () => {
    for (const json of [
      { crop: { pixels: 0 } },
      { crop: { pixels: 99 } },
      { downsample: { factor: 1.0001 } },
      { lowPass: { cutoff: 0.4999, transition: 0 } },
      { highPass: { cutoff: 0.001, transition: 0.5 } },
    ])
      expect(checkPreprocess(parsePreprocessRecipe(json), { width: 320, height: 200 })).toEqual([]);
  });
});

describe("the summary", () => {
  it("has the protocol's sentences in its order", () => {
    const recipe = parsePreprocessRecipe({
      normalize: {},
      lowPass: {},
      highPass: {},
      gaussian: {},
      denoise: {},
      downsample: {},
      invert: {},
      badPixels: {},
      log: {},
      crop: {},
    });
    expect(preprocessSummary(recipe)).toEqual([
      "Cropped 10 pixels per each border.",
      "Formula applied: 4.431 - 0.402 ln(x + 336.6)",
      "Multiple of standard deviation to remove pixels: 5",
      "Contrast inverted",
      "Downsampling factor: 2.00",
      "Denoising applied with 50 iterations",
      "Gaussian filtered with sigma=2 (px)",
      "Highpass filtered with cutoff=0.002 (1/px)",
      "Lowpass filtered with cutoff=0.4 (1/px)",
      "Normalized to mean 0 and variance 1",
    ]);
  });
});
