import { CryoloupeError } from "#src/domain/errors.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import type {
  DenoiseReport,
  PreprocessArithmetic,
  PreprocessRecipe,
  PreprocessReport,
} from "#src/domain/preprocess.ts";
import { findNonFinite, removeBadPixels, repairNonFinite } from "./badPixels.ts";
import { cropBorders } from "./crop.ts";
import { createDenoiser } from "./denoise.ts";
import type { Denoiser } from "./denoise.ts";
import { filterResponse, filterSpectrum } from "./fourierFilter.ts";
import type { ImageSize } from "./fourierFilter.ts";
import { imageStatistics } from "./imageStatistics.ts";
import { takeLogarithm, takeLogarithmUnguarded } from "./logarithm.ts";
import { planPreprocess } from "./plan.ts";
import type { PreprocessStage } from "./plan.ts";
import { invertContrast, normalization, scaleAndOffset } from "./pointwise.ts";

/** A real transform of images of any size; the inverse carries the factor 1/(width·height). */
export interface RealTransform {
  /** @returns [height, width/2 + 1] complex, interleaved */
  forward(pixels: Float32Pixels, size: ImageSize): Float32Pixels;
  inverse(spectrum: Float32Pixels, size: ImageSize): Float32Pixels;
}

/** A processed image with what was found out on the way. */
export interface PreprocessedImage extends ImageSize {
  readonly pixels: Float32Pixels;
  readonly report: PreprocessReport;
}

/** Where a chain stands. */
export interface ChainPosition {
  readonly stage: PreprocessStage["kind"] | "done";
  /** Work done in this stage, and in all; iterations when denoising, else 0 of 1. */
  readonly done: number;
  readonly total: number;
}

/** A chain that runs in portions, so that it can be cancelled and can report. */
export interface PreprocessChain {
  readonly position: ChainPosition;
  /** Runs the next portion (one stage, or a few iterations of the denoiser). */
  advance(): void;
  /** The image as it is now. When everything is done: the result. */
  result(): PreprocessedImage;
}

/** Pixel iterations of the denoiser in one portion: about a third of a second. */
const DENOISE_PORTION = 1 << 24;
/** Above this many pixels parity denoises in single precision, for want of memory. */
const DOUBLE_PRECISION_PIXELS = 40e6;

/** Refusal when no pixel has a logarithm. */
export function logarithmUndefined(c: number, file?: string): CryoloupeError {
  const where = file === undefined ? "the micrograph" : file;
  return new CryoloupeError(
    "bad-arguments",
    `The logarithm of ${where} is undefined everywhere: x + ${c} is not above 0 in any pixel. Choose a larger c, or switch the logarithm off.`,
  );
}

/** Refusal of an image without a single finite pixel. */
export function nothingFinite(): CryoloupeError {
  return new CryoloupeError(
    "not-enough-data",
    "The micrograph has no finite pixel: every value is NaN or infinite.",
  );
}

/**
 * The chain on the CPU: every operation in the protocol's order, computed in double, kept in single
 * precision between stages (as the original does). Non-finite pixels are repaired first, but for the
 * original's arithmetic, in which they go through.
 * @param pixels [height, width]; changed in place
 */
export function createPreprocessChain(
  pixels: Float32Pixels,
  size: ImageSize,
  recipe: PreprocessRecipe,
  transform: RealTransform,
): PreprocessChain {
  const stages = planPreprocess(recipe, size);
  const nonFinitePixels = mendNonFinite(pixels, size, recipe.arithmetic);
  const plannedCrop = stages.find((stage) => stage.kind === "crop")?.pixels ?? 0;
  let image = pixels;
  let now = size;
  let at = 0;
  let denoiser: Denoiser | null = null;
  let undefinedLogarithms: number | null = null;
  let badPixels: number | null = null;
  let denoise: DenoiseReport | null = null;

  const runDenoiser = (stage: PreprocessStage & { readonly kind: "denoise" }): boolean => {
    const precise = stage.arithmetic === "xmipp" && image.length <= DOUBLE_PRECISION_PIXELS;
    denoiser ??= createDenoiser(
      image,
      now.width,
      now.height,
      stage.iterations,
      precise ? "double" : "single",
    );
    denoiser.advance(Math.max(1, Math.floor(DENOISE_PORTION / image.length)));
    if (!denoiser.ended) return false;
    denoise = denoiser.report();
    image = denoiser.result(stage.arithmetic === "xmipp" ? "unit" : "input");
    denoiser = null;
    return true;
  };

  const run = (stage: PreprocessStage): boolean => {
    switch (stage.kind) {
      case "crop":
        image = cropBorders(image, now.width, now.height, stage.pixels);
        now = { width: now.width - 2 * stage.pixels, height: now.height - 2 * stage.pixels };
        return true;
      case "log":
        if (stage.arithmetic === "xmipp") {
          undefinedLogarithms = takeLogarithmUnguarded(image, stage);
          return true;
        }
        undefinedLogarithms = takeLogarithm(image, stage);
        if (undefinedLogarithms === image.length) throw logarithmUndefined(stage.c);
        return true;
      case "badPixels":
        badPixels = removeBadPixels(image, now.width, now.height, stage.stddev);
        return true;
      case "invert":
        invertContrast(image);
        return true;
      case "fourier":
        image = filterImage(image, stage, transform);
        now = stage.to;
        return true;
      case "denoise":
        return runDenoiser(stage);
      case "normalize": {
        const { scale, offset } = normalization(imageStatistics(image));
        scaleAndOffset(image, scale, offset);
        return true;
      }
    }
  };

  return {
    get position(): ChainPosition {
      if (at >= stages.length) return { stage: "done", done: 1, total: 1 };
      const stage = stages[at];
      return {
        stage: stage.kind,
        done: denoiser?.report().iterations ?? 0,
        total: stage.kind === "denoise" ? stage.iterations : 1,
      };
    },
    advance: () => {
      if (at < stages.length && run(stages[at])) at++;
    },
    result: () => ({
      pixels: image,
      ...now,
      report: {
        nonFinitePixels,
        undefinedLogarithms,
        badPixels,
        denoise,
        factorX: (size.width - 2 * plannedCrop) / now.width,
        factorY: (size.height - 2 * plannedCrop) / now.height,
        statistics: imageStatistics(image),
      },
    }),
  };
}

/**
 * Repairs NaN and infinite pixels before the first operation; the original's arithmetic leaves them.
 * @returns how many there were
 */
export function mendNonFinite(
  pixels: Float32Pixels,
  { width, height }: ImageSize,
  arithmetic: PreprocessArithmetic,
): number {
  if (arithmetic === "xmipp") {
    const found = findNonFinite(pixels).length;
    if (found === pixels.length) throw nothingFinite();
    return found;
  }
  const repaired = repairNonFinite(pixels, width, height);
  if (repaired.left > 0) throw nothingFinite();
  return repaired.found;
}

/**
 * Downsampling and filters in one transform. The mean is taken off before and put back after (times the
 * filter's response at zero frequency), and very large values are scaled, so that single precision
 * transforms lose nothing.
 */
export function filterImage(
  pixels: Float32Pixels,
  { from, to, filter }: Omit<PreprocessStage & { readonly kind: "fourier" }, "kind">,
  transform: RealTransform,
): Float32Pixels {
  const { mean, min, max } = imageStatistics(pixels);
  const range = fourierRange(mean, min, max);
  scaleAndOffset(pixels, 1 / range, -mean / range);
  const scale = (to.width * to.height) / (from.width * from.height);
  const spectrum = filterSpectrum(transform.forward(pixels, from), from, to, filter, scale);
  const filtered = transform.inverse(spectrum, to);
  const zero = filter === null ? 1 : filterResponse(filter, 0);
  if (range !== 1 || mean * zero !== 0) scaleAndOffset(filtered, range, mean * zero);
  return filtered;
}

/** What values are divided by before a transform: 1, but for values near the ends of single precision. */
export function fourierRange(mean: number, min: number, max: number): number {
  const reach = Math.max(max - mean, mean - min);
  return reach > 1e15 || (reach > 0 && reach < 1e-20) ? reach : 1;
}
