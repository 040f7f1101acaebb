import { parseStar } from "../star/parseStar.ts";
import type { StarFile } from "../star/starTable.ts";

/**
 * Reads an Xmipp metadata file (`.xmd`, `.ctfparam`): a STAR file whose blocks may be named like the
 * micrograph, whose lists stand one pair a line, and whose vectors are quoted.
 */
export function parseXmd(text: string, file: string): StarFile {
  return parseStar(text, file);
}

/** Parts of an image name `000003@folder/movie.mrcs`: the number counts from 1; null when there is none. */
export function splitXmippImageName(name: string): { index: number | null; file: string } {
  const match = /^(\d+)@(.*)$/.exec(name);
  return match === null ? { index: null, file: name } : { index: Number(match[1]), file: match[2] };
}
