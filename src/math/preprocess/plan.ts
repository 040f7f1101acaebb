import type { PreprocessArithmetic, PreprocessRecipe } from "#src/domain/preprocess.ts";
import { preprocessedSize } from "#src/domain/preprocess.ts";
import { fourierFilterOf } from "./fourierFilter.ts";
import type { FourierFilter, ImageSize } from "./fourierFilter.ts";

/**
 * A step of the chain with all its numbers. Adjacent Fourier operations (downsampling and the three
 * filters) are one step: one transform forth, one back.
 */
export type PreprocessStage =
  | { readonly kind: "crop"; readonly from: ImageSize; readonly pixels: number }
  | {
      readonly kind: "log";
      readonly a: number;
      readonly b: number;
      readonly c: number;
      /** "xmipp" leaves infinities and NaN where the logarithm is undefined. */
      readonly arithmetic: PreprocessArithmetic;
    }
  | { readonly kind: "badPixels"; readonly stddev: number }
  | { readonly kind: "invert" }
  | {
      readonly kind: "fourier";
      readonly from: ImageSize;
      readonly to: ImageSize;
      readonly filter: FourierFilter | null;
    }
  | {
      readonly kind: "denoise";
      readonly iterations: number;
      readonly arithmetic: PreprocessArithmetic;
    }
  | { readonly kind: "normalize" };

/** What a stage is called in progress lines. */
export const STAGE_WORDS: Readonly<Record<PreprocessStage["kind"], string>> = {
  crop: "Cropping borders",
  log: "Taking the logarithm",
  badPixels: "Replacing bad pixels",
  invert: "Inverting contrast",
  fourier: "Filtering in Fourier space",
  denoise: "Denoising",
  normalize: "Normalizing",
};

/** The stages of a recipe for an image of the given size, in the protocol's order. */
export function planPreprocess(recipe: PreprocessRecipe, size: ImageSize): PreprocessStage[] {
  const { operations, arithmetic } = recipe;
  const { crop, log, badPixels, invert, downsample, denoise, normalize } = operations;
  const final = preprocessedSize(size.width, size.height, recipe);
  const cropped = { width: final.croppedWidth, height: final.croppedHeight };
  const small = { width: final.width, height: final.height };
  const filter = fourierFilterOf(operations, arithmetic);
  const stages: PreprocessStage[] = [];
  if (crop !== null && crop.pixels > 0)
    stages.push({ kind: "crop", from: size, pixels: crop.pixels });
  if (log !== null) stages.push({ kind: "log", ...log, arithmetic });
  if (badPixels !== null) stages.push({ kind: "badPixels", ...badPixels });
  if (invert !== null) stages.push({ kind: "invert" });
  if (denoise === null) {
    if (downsample !== null || filter !== null)
      stages.push({ kind: "fourier", from: cropped, to: small, filter });
  } else {
    if (downsample !== null)
      stages.push({ kind: "fourier", from: cropped, to: small, filter: null });
    stages.push({ kind: "denoise", ...denoise, arithmetic });
    if (filter !== null) stages.push({ kind: "fourier", from: small, to: small, filter });
  }
  if (normalize !== null) stages.push({ kind: "normalize" });
  return stages;
}
