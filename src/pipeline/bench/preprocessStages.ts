import { PREPROCESS_ORDER, PREPROCESS_TITLES } from "#src/domain/preprocess.ts";
import type { PreprocessOperationName } from "#src/domain/preprocess.ts";
import { parsePreprocessRecipe } from "#src/domain/preprocessCheck.ts";
import { createRandom } from "#src/math/random.ts";
import { previewPreprocess } from "../previewPreprocess.ts";
import { secondsOf } from "./benchStage.ts";
import type { BenchStage } from "./benchStage.ts";

const SIDE = 4096;

/** Noise that repeats after an odd number of pixels, with hot pixels. */
function micrograph(): Float32Array<ArrayBuffer> {
  const random = createRandom(2);
  const row = Float32Array.from({ length: 65521 }, () => 400 + 30 * random.normal());
  const pixels = new Float32Array(SIDE * SIDE);
  for (let at = 0; at < pixels.length; at += row.length)
    pixels.set(row.subarray(0, Math.min(row.length, pixels.length - at)), at);
  for (let k = 0; k < 500; k++) pixels[random.integer(pixels.length)] = 9000;
  return pixels;
}

function stage(name: string, operations: Record<string, unknown>): BenchStage {
  return {
    name,
    async run(_request, { backend, signal }) {
      const recipe = parsePreprocessRecipe(operations);
      const options = signal === undefined ? {} : { signal };
      const of = (side: number): Float32Array<ArrayBuffer> => micrograph().slice(0, side * side);
      // Warms up code and tables on a small image.
      await backend.filters.preprocess(
        { pixels: of(256), width: 256, height: 256 },
        recipe,
        options,
      );
      const image = { pixels: of(SIDE), width: SIDE, height: SIDE };
      const seconds = await secondsOf(() => backend.filters.preprocess(image, recipe, options));
      const pixels = SIDE * SIDE;
      return [{ name, seconds, bytes: 4 * pixels, megapixels: pixels / 1e6 }];
    },
  };
}

const PREVIEW_SIDE = 1024;

/** What the page computes when a slider is moved: both sides of a region with histogram and power. */
function preview(what: string, operations: Record<string, unknown>): BenchStage {
  const name = `Preview ${PREVIEW_SIDE} × ${PREVIEW_SIDE}: ${what}`;
  return {
    name,
    async run(_request, { backend, signal }) {
      const recipe = parsePreprocessRecipe(operations);
      const source = { width: SIDE, height: SIDE, data: micrograph() };
      const region = { x: 1000, y: 1000, width: PREVIEW_SIDE, height: PREVIEW_SIDE };
      const context = { backend, ...(signal === undefined ? {} : { signal }) };
      await previewPreprocess(source, region, recipe, context);
      const seconds = await secondsOf(() => previewPreprocess(source, region, recipe, context));
      const pixels = PREVIEW_SIDE ** 2;
      return [{ name, seconds, bytes: 4 * pixels, megapixels: pixels / 1e6 }];
    },
  };
}

const defaults = (names: readonly PreprocessOperationName[]): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, {}]));
const withoutDenoising = PREPROCESS_ORDER.filter((name) => name !== "denoise");
const size = `${SIDE} × ${SIDE}`;

/** Each operation on its own with the protocol's numbers, and chains of them. */
export const preprocessStages: readonly BenchStage[] = [
  ...PREPROCESS_ORDER.map((name) =>
    // A hot pixel compresses the scale of the denoiser, which then ends early.
    name === "denoise"
      ? stage(`Preprocess ${size}: bad pixels, denoise`, defaults(["badPixels", name]))
      : stage(`Preprocess ${size}: ${PREPROCESS_TITLES[name].toLowerCase()}`, defaults([name])),
  ),
  stage(`Preprocess ${size}: all but denoising, crop 0`, {
    ...defaults(withoutDenoising),
    crop: { pixels: 0 },
  }),
  stage(`Preprocess ${size}: all but denoising, crop 10`, defaults(withoutDenoising)),
  stage(`Preprocess ${size}: all ten`, defaults(PREPROCESS_ORDER)),
  preview(
    "for picking",
    defaults(["badPixels", "invert", "downsample", "highPass", "lowPass", "normalize"]),
  ),
  preview("first result of the denoiser", {
    ...defaults(["badPixels", "highPass", "normalize"]),
    denoise: { iterations: 4 },
  }),
];
