import type { Float32Pixels, MovieHeader } from "#src/domain/movie.ts";
import { pixelPrint } from "./pixelPrint.ts";
import { stableKey } from "./stableKey.ts";

/*
 * What a file holds, in a few letters: a copy is the same file whatever its name and time. Against chance
 * and mix-ups, not against an adversary.
 */

/**
 * The content of a reference, a dark or a map of bad pixels: its pixels as they are read, the defects that it
 * lists, and whether its rows were reversed on reading (TIFF), since lists of bad pixels count them as stored.
 * @param pixels  `[height, width]`, row 0 first
 */
export function imagePrint(
  {
    width,
    height,
    format,
    defectsXml = null,
  }: Pick<MovieHeader, "width" | "height" | "format"> & {
    readonly defectsXml?: string | null;
  },
  pixels: Float32Pixels,
): string {
  return `c${stableKey([width, height, pixelPrint(pixels), defectsXml, format === "tiff"])}`;
}

/** The content of a list of bad pixels. */
export function textPrint(text: string): string {
  return `c${stableKey(text)}`;
}
