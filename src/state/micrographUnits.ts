import type { MicrographForm } from "./micrographSlice.ts";
import { preprocessedSize } from "#src/domain/preprocess.ts";
import { recipeOf } from "./micrographSlice.ts";

/** Å/px where the Fourier filters act: after downsampling. null = not known. */
export function filterPixelSizeA(
  form: MicrographForm,
  size: { readonly width: number; readonly height: number } | null,
  pixelSizeA: number | null,
): number | null {
  if (pixelSizeA === null || !form.on.downsample) return pixelSizeA;
  if (size === null) return pixelSizeA * form.parameters.downsample.factor;
  const recipe = recipeOf(form);
  const { width, croppedWidth } = preprocessedSize(size.width, size.height, recipe);
  const exact = croppedWidth > 0 && width > 0 ? croppedWidth / width : NaN;
  return pixelSizeA * (Number.isFinite(exact) ? exact : form.parameters.downsample.factor);
}

/** Cycles per pixel to Å and back: d = pixel size / frequency. */
export function frequencyToA(frequency: number, pixelSizeA: number): number {
  return pixelSizeA / frequency;
}

/** Far end of a transition in Å, and the width that ends there. */
export function transitionEndA(
  band: "highPass" | "lowPass",
  cutoff: number,
  transition: number,
  pixelSizeA: number,
): number {
  const end = band === "lowPass" ? cutoff + transition : cutoff - transition;
  return end > 0 ? pixelSizeA / end : Infinity;
}

export function transitionFromEndA(
  band: "highPass" | "lowPass",
  cutoff: number,
  endA: number,
  pixelSizeA: number,
): number {
  const end = pixelSizeA / endA;
  return band === "lowPass" ? end - cutoff : cutoff - end;
}
