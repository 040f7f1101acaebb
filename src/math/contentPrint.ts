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

/** Bytes of each of the pieces that a movie is known again by. */
const PIECE_BYTES = 65_536;

/** Where the pieces lie: at the beginning, in the middle and at the end; of a small file all of it. */
export function printedPieces(size: number): readonly (readonly [from: number, to: number])[] {
  if (size <= 3 * PIECE_BYTES) return [[0, size]];
  const middle = Math.floor((size - PIECE_BYTES) / 2);
  return [0, middle, size - PIECE_BYTES].map((from) => [from, from + PIECE_BYTES] as const);
}

/**
 * A movie by its size and three of its pieces: cheap beside what is done with it. Two movies of a camera differ in
 * every piece but the first, by their noise.
 * @param pieces  bytes at {@link printedPieces}
 */
export function moviePrint(size: number, pieces: readonly Uint8Array[]): string {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const joined = new Uint8Array(4 * Math.ceil(length / 4));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return `m${stableKey([size, length, pixelPrint(new Float32Array(joined.buffer))])}`;
}
