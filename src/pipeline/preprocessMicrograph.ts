import { CryoloupeError } from "#src/domain/errors.ts";
import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { Float32Pixels, MovieReader, PixelArray } from "#src/domain/movie.ts";
import { FACTOR_TOLERANCE, enabledOperations } from "#src/domain/preprocess.ts";
import type { PreprocessRecipe, PreprocessReport } from "#src/domain/preprocess.ts";
import { requireRunnable } from "#src/domain/preprocessCheck.ts";
import { cropBorders } from "#src/math/preprocess/crop.ts";
import { imageStatistics } from "#src/math/preprocess/imageStatistics.ts";
import { STAGE_WORDS } from "#src/math/preprocess/plan.ts";
import { streamFrames } from "./frameStream.ts";
import type { StepContext } from "./stepContext.ts";

/** A micrograph as it comes in. */
export interface MicrographInput {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  /** `[height, width]`, row 0 first; may be moved away. */
  readonly pixels: PixelArray;
  /** Å/px; null = not known. */
  readonly pixelSizeA: number | null;
}

/** A processed micrograph with what is needed to find it in the input again. */
export interface PreprocessedMicrograph {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  /** float32; the input's own type where only borders were cropped. */
  readonly pixels: PixelArray;
  /** Exact: input pixel size times input px per output px, along x and along y. */
  readonly pixelSizeA: number | null;
  readonly pixelSizeYA: number | null;
  /** Input pixels removed at the left and the top: a coordinate x here is crop + x·factor there. */
  readonly cropOffsetPx: number;
  readonly report: PreprocessReport;
  /** Sentences about what was mended or could mislead. */
  readonly warnings: readonly string[];
}

/** Reads the single image of a micrograph file. A movie is refused: it has to be aligned first. */
export async function readMicrograph(
  reader: MovieReader,
  context: StepContext,
  pixelSizeA?: number,
): Promise<MicrographInput> {
  const { width, height, frames } = reader.header;
  if (frames !== 1)
    throw new CryoloupeError(
      "unsupported-format",
      `${reader.name} holds ${frames} frames; a micrograph has one. Align the movie first, or sum it with convert --sum.`,
      { file: reader.name },
    );
  for await (const { pixels } of streamFrames(reader, [0], context))
    return {
      file: reader.name,
      width,
      height,
      pixels,
      pixelSizeA: pixelSizeA ?? reader.header.pixelSizeA,
    };
  throw new CryoloupeError("internal", `${reader.name} gave no image.`, { file: reader.name });
}

/**
 * The ten operations on one micrograph, in the protocol's order. Refuses recipes that make no sense for
 * this image (`bad-arguments`), says what was mended, and keeps pixel size and crop offset exact.
 */
export async function preprocessMicrograph(
  input: MicrographInput,
  recipe: PreprocessRecipe,
  context: StepContext,
): Promise<PreprocessedMicrograph> {
  const { backend, signal, onProgress } = context;
  const { file, width, height, pixelSizeA } = input;
  requireRunnable(recipe, input, file);
  throwIfCancelled(signal);
  const onlyCrop = enabledOperations(recipe.operations).every((name) => name === "crop");
  if (onlyCrop && !(input.pixels instanceof Float32Array)) return cropOnly(input, recipe);
  const pixels: Float32Pixels =
    input.pixels instanceof Float32Array ? input.pixels : Float32Array.from(input.pixels);
  let done: Awaited<ReturnType<typeof backend.filters.preprocess>>;
  try {
    done = await backend.filters.preprocess({ pixels, width, height }, recipe, {
      ...(signal === undefined ? {} : { signal }),
      onProgress: (position) => {
        if (position.stage === "done") return;
        const words = STAGE_WORDS[position.stage];
        onProgress?.({ step: `${words}: ${file}`, done: position.done, total: position.total });
      },
    });
  } catch (error) {
    throw withFile(error, file);
  }
  const { report } = done;
  return {
    file,
    width: done.width,
    height: done.height,
    pixels: done.pixels,
    pixelSizeA: pixelSizeA === null ? null : pixelSizeA * report.factorX,
    pixelSizeYA: pixelSizeA === null ? null : pixelSizeA * report.factorY,
    cropOffsetPx: recipe.operations.crop?.pixels ?? 0,
    report,
    warnings: warningsOf(input, recipe, report),
  };
}

function withFile(error: unknown, file: string): unknown {
  if (!(error instanceof CryoloupeError) || error.file !== undefined || error.code === "cancelled")
    return error;
  return new CryoloupeError(error.code, `${file}: ${error.message}`, { file, cause: error });
}

/** Cropping alone keeps the input's type, as the original does. */
function cropOnly(input: MicrographInput, recipe: PreprocessRecipe): PreprocessedMicrograph {
  const border = recipe.operations.crop?.pixels ?? 0;
  const { file, width, height, pixelSizeA } = input;
  const pixels = cropBorders(input.pixels, width, height, border);
  return {
    file,
    width: width - 2 * border,
    height: height - 2 * border,
    pixels,
    pixelSizeA,
    pixelSizeYA: pixelSizeA,
    cropOffsetPx: border,
    report: {
      nonFinitePixels: 0,
      undefinedLogarithms: null,
      badPixels: null,
      denoise: null,
      factorX: 1,
      factorY: 1,
      statistics: imageStatistics(pixels),
    },
    warnings: [],
  };
}

function warningsOf(
  { file, width, height, pixelSizeA }: MicrographInput,
  { operations, arithmetic }: PreprocessRecipe,
  report: PreprocessReport,
): readonly string[] {
  const warnings: string[] = [];
  const { nonFinitePixels, undefinedLogarithms, factorX, factorY, statistics, denoise } = report;
  const many = (n: number): string => (n === 1 ? "1 pixel was" : `${n} pixels were`);
  if (nonFinitePixels > 0)
    warnings.push(
      arithmetic === "xmipp"
        ? `${file}: ${many(nonFinitePixels)} NaN or infinite and went through as in Xmipp; Fourier operations spread them over the whole image.`
        : `${file}: ${many(nonFinitePixels)} NaN or infinite and took the median of the neighbours.`,
    );
  if (undefinedLogarithms !== null && undefinedLogarithms > 0)
    warnings.push(
      `${file}: the logarithm is undefined in ${undefinedLogarithms} of ${width * height} pixels (x + ${operations.log?.c ?? 0} ≤ 0); ${arithmetic === "xmipp" ? "they are NaN or infinite, as in Xmipp" : "they took the smallest value that is defined"}.`,
    );
  if (Math.abs(factorX / factorY - 1) > FACTOR_TOLERANCE)
    warnings.push(
      `${file}: the factors in x and y differ, ${factorX.toFixed(5)} and ${factorY.toFixed(5)}${arithmetic === "xmipp" ? ", because Xmipp cuts both sizes down to whole pixels" : ""}; pixels are not quite square.`,
    );
  if (operations.downsample !== null && pixelSizeA === null)
    warnings.push(
      `${file}: the pixel size is not known, so none can be given for the downsampled micrograph.`,
    );
  if (denoise?.ended === "no-descent")
    warnings.push(
      `${file}: denoising ended after ${denoise.iterations} iterations, because no step made the image smoother at the same fidelity.`,
    );
  if (statistics.min === statistics.max)
    warnings.push(`${file}: every pixel has the same value ${statistics.min} now.`);
  return warnings;
}
