import { CryoloupeError } from "#src/domain/errors.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import type {
  DenoiseReport,
  PreprocessArithmetic,
  PreprocessRecipe,
  PreprocessReport,
} from "#src/domain/preprocess.ts";
import { findNonFinite, removeBadPixels, repairNonFinite } from "./badPixels.ts";
import type { CentredSpectrum, ChainMemory, ChainState } from "./chainMemory.ts";
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
  /** Before a denoiser has begun: the image for one that runs elsewhere. The chain waits for {@link giveBack}. */
  lend(): LentImage | null;
  /** The end of the stage whose image was lent. */
  giveBack(image: Float32Pixels, denoise: DenoiseReport): void;
}

/** An image to be denoised elsewhere, with the stage's numbers. */
export interface LentImage extends ImageSize {
  readonly pixels: Float32Pixels;
  readonly iterations: number;
  readonly precision: "single" | "double";
  /** Scale of the result. */
  readonly scale: "unit" | "input";
}

/** Pixel iterations of the denoiser in one portion: a twentieth of a second, at least one iteration. */
const DENOISE_PORTION = 1 << 22;
/** Above this many pixels parity denoises in single precision, for want of memory. */
export const DOUBLE_PRECISION_PIXELS = 40e6;

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

/** What a chain may take from earlier ones over the same pixels, which `key` names. */
export interface Remembered {
  readonly memory: ChainMemory;
  readonly key: string;
  /** Iterations after which the denoiser's image is good enough for now; it may have done more already. */
  readonly enough?: number;
}

/**
 * The chain on the CPU: every operation in the protocol's order, computed in double, kept in single
 * precision between stages (as the original does). Non-finite pixels are repaired first, but for the
 * original's arithmetic, in which they go through. With a memory it starts behind the last stage that an
 * earlier chain had in common; the numbers are the same.
 * @param pixels [height, width]; changed in place
 */
export function createPreprocessChain(
  pixels: Float32Pixels,
  size: ImageSize,
  recipe: PreprocessRecipe,
  transform: RealTransform,
  remembered?: Remembered,
): PreprocessChain {
  const stages = planPreprocess(recipe, size);
  const memory = remembered?.memory ?? null;
  const number = remembered?.memory.begin(remembered.key) ?? 0;
  const trails = [`mend ${recipe.arithmetic}`];
  stages.forEach((stage, i) => {
    const trail = trails[i];
    if (stage.kind === "denoise" && remembered?.enough !== undefined) {
      const done = remembered.memory.iterationsAt(trail);
      const first = Math.max(remembered.enough, done <= stage.iterations ? done : 0);
      stages[i] = { ...stage, iterations: Math.min(stage.iterations, first) };
    }
    trails.push(`${trail} ${JSON.stringify(stages[i])}`);
  });
  memory?.keepOnly(new Set(trails));
  const plannedCrop = stages.find((stage) => stage.kind === "crop")?.pixels ?? 0;
  let at = stages.length;
  while (at > 0 && memory?.image(trails[at]) == null) at--;
  let state = memory?.image(trails[at]) ?? mended(pixels, size, recipe.arithmetic);
  memory?.keepImage(trails[at], state);
  let denoiser: Denoiser | null = null;

  /** The image, to be changed: a copy where it is remembered. */
  const own = (): Float32Pixels => (memory === null ? state.image : state.image.slice());

  const manner = (
    stage: PreprocessStage & { readonly kind: "denoise" },
  ): Pick<LentImage, "iterations" | "precision" | "scale"> => {
    const exact = stage.arithmetic === "xmipp";
    return {
      iterations: stage.iterations,
      precision: exact && state.image.length <= DOUBLE_PRECISION_PIXELS ? "double" : "single",
      scale: exact ? "unit" : "input",
    };
  };

  const runDenoiser = (stage: PreprocessStage & { readonly kind: "denoise" }): boolean => {
    const { image, size: now } = state;
    const { precision, scale } = manner(stage);
    if (denoiser === null) {
      const known = memory?.takeDenoiser(trails[at]) ?? null;
      if (known !== null && known.report().iterations <= stage.iterations) {
        known.extend(stage.iterations);
        denoiser = known;
      } else denoiser = createDenoiser(image, now.width, stage.iterations, precision);
    }
    denoiser.advance(Math.max(1, Math.floor(DENOISE_PORTION / image.length)));
    // Kept at once, for the next chain goes on from here even when this one is dropped.
    memory?.keepDenoiser(trails[at], denoiser);
    if (!denoiser.ended) return false;
    state = {
      ...state,
      denoise: denoiser.report(),
      image: denoiser.result(scale),
    };
    denoiser = null;
    return true;
  };

  const filter = (stage: PreprocessStage & { readonly kind: "fourier" }): Float32Pixels => {
    if (memory === null) return filterImage(state.image, stage, transform);
    const known = memory.spectrum(trails[at]) ?? centredSpectrum(own(), stage.from, transform);
    memory.keepSpectrum(trails[at], known);
    const same = stage.from.width === stage.to.width && stage.from.height === stage.to.height;
    // Filtering at the same size works in place.
    const coefficients = same ? known.coefficients.slice() : known.coefficients;
    return filteredImage({ ...known, coefficients }, stage, transform);
  };

  const run = (stage: PreprocessStage): boolean => {
    const { width, height } = state.size;
    switch (stage.kind) {
      case "crop":
        state = {
          ...state,
          image: cropBorders(state.image, width, height, stage.pixels),
          size: { width: width - 2 * stage.pixels, height: height - 2 * stage.pixels },
        };
        return true;
      case "log": {
        const image = own();
        const guarded = stage.arithmetic !== "xmipp";
        const undefinedLogarithms = (guarded ? takeLogarithm : takeLogarithmUnguarded)(
          image,
          stage,
        );
        if (guarded && undefinedLogarithms === image.length) throw logarithmUndefined(stage.c);
        state = { ...state, image, undefinedLogarithms };
        return true;
      }
      case "badPixels": {
        const image = own();
        state = {
          ...state,
          image,
          badPixels: removeBadPixels(image, width, height, stage.stddev),
        };
        return true;
      }
      case "invert": {
        const image = own();
        invertContrast(image);
        state = { ...state, image };
        return true;
      }
      case "fourier":
        state = { ...state, image: filter(stage), size: stage.to };
        return true;
      case "denoise":
        return runDenoiser(stage);
      case "normalize": {
        const image = own();
        const { scale, offset } = normalization(imageStatistics(image));
        scaleAndOffset(image, scale, offset);
        state = { ...state, image };
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
      if (memory?.isLatest(number) === false)
        throw new CryoloupeError("cancelled", "Another preview has begun.");
      if (at >= stages.length || !run(stages[at])) return;
      at++;
      memory?.keepImage(trails[at], state);
    },
    lend: () => {
      if (at >= stages.length || denoiser !== null || memory !== null) return null;
      const stage = stages[at];
      if (stage.kind !== "denoise") return null;
      return { pixels: state.image, ...state.size, ...manner(stage) };
    },
    giveBack: (image, denoise) => {
      state = { ...state, image, denoise };
      at++;
    },
    result: () => ({
      pixels: own(),
      ...state.size,
      report: {
        nonFinitePixels: state.nonFinitePixels,
        undefinedLogarithms: state.undefinedLogarithms,
        badPixels: state.badPixels,
        denoise: state.denoise,
        factorX: (size.width - 2 * plannedCrop) / state.size.width,
        factorY: (size.height - 2 * plannedCrop) / state.size.height,
        statistics: imageStatistics(state.image),
      },
    }),
  };
}

function mended(
  image: Float32Pixels,
  size: ImageSize,
  arithmetic: PreprocessArithmetic,
): ChainState {
  const nonFinitePixels = mendNonFinite(image, size, arithmetic);
  return {
    image,
    size,
    nonFinitePixels,
    undefinedLogarithms: null,
    badPixels: null,
    denoise: null,
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
  stage: Omit<PreprocessStage & { readonly kind: "fourier" }, "kind">,
  transform: RealTransform,
): Float32Pixels {
  return filteredImage(centredSpectrum(pixels, stage.from, transform), stage, transform);
}

/** The first half of {@link filterImage}; pixels are changed. */
function centredSpectrum(
  pixels: Float32Pixels,
  size: ImageSize,
  transform: RealTransform,
): CentredSpectrum {
  const { mean, min, max } = imageStatistics(pixels);
  const range = fourierRange(mean, min, max);
  scaleAndOffset(pixels, 1 / range, -mean / range);
  return { mean, range, coefficients: transform.forward(pixels, size) };
}

/** The second half; with equal sizes the coefficients are lost. */
function filteredImage(
  { mean, range, coefficients }: CentredSpectrum,
  { from, to, filter }: Omit<PreprocessStage & { readonly kind: "fourier" }, "kind">,
  transform: RealTransform,
): Float32Pixels {
  const scale = (to.width * to.height) / (from.width * from.height);
  const filtered = transform.inverse(filterSpectrum(coefficients, from, to, filter, scale), to);
  const zero = filter === null ? 1 : filterResponse(filter, 0);
  if (range !== 1 || mean * zero !== 0) scaleAndOffset(filtered, range, mean * zero);
  return filtered;
}

/** What values are divided by before a transform: 1, but for values near the ends of single precision. */
export function fourierRange(mean: number, min: number, max: number): number {
  const reach = Math.max(max - mean, mean - min);
  return reach > 1e15 || (reach > 0 && reach < 1e-20) ? reach : 1;
}
