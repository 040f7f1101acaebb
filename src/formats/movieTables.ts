import { DEFAULT_OPTICS } from "./motion/correctedMicrographsStar.ts";
import type { OpticsConstants } from "./motion/correctedMicrographsStar.ts";
import { makeTable } from "./star/starTable.ts";
import { writeStar } from "./star/writeStar.ts";
import { writeXmd } from "./xmd/writeXmd.ts";

/** A movie with the gain that belongs to it. */
export interface MovieRow {
  /** Path as the next program shall find it. */
  readonly movie: string;
  readonly gain: string | null;
  readonly pixelSizeA: number | null;
  readonly voltageKv: number;
}

/**
 * `movies.star` as RELION's import writes it (3.1 and later), with the gain of each movie. Movies of
 * different pixel size or voltage get optics groups of their own.
 */
export function moviesStar(
  rows: readonly MovieRow[],
  optics: OpticsConstants = DEFAULT_OPTICS,
): string {
  const keyOf = (row: MovieRow): string => `${row.pixelSizeA ?? 1}|${row.voltageKv}`;
  const groups = [...new Map(rows.map((row) => [keyOf(row), row])).entries()];
  const withGain = rows.some((row) => row.gain !== null);
  const comments = ["version 30001"];
  return writeStar([
    makeTable(
      "optics",
      "loop",
      [
        "rlnOpticsGroupName",
        "rlnOpticsGroup",
        "rlnMicrographOriginalPixelSize",
        "rlnVoltage",
        "rlnSphericalAberration",
        "rlnAmplitudeContrast",
      ],
      groups.map(([, row], i) => [
        `opticsGroup${i + 1}`,
        i + 1,
        (row.pixelSizeA ?? 1).toFixed(6),
        row.voltageKv.toFixed(6),
        optics.sphericalAberration.toFixed(6),
        optics.amplitudeContrast.toFixed(6),
      ]),
      comments,
    ),
    makeTable(
      "movies",
      "loop",
      ["rlnMicrographMovieName", ...(withGain ? ["rlnMicrographGainName"] : []), "rlnOpticsGroup"],
      rows.map((row) => [
        row.movie,
        ...(withGain ? [row.gain ?? "None"] : []),
        groups.findIndex(([key]) => key === keyOf(row)) + 1,
      ]),
      comments,
    ),
  ]);
}

/**
 * `movies.xmd`: the movies in Xmipp's words. Xmipp has no label for a gain; `gain` is written beside the
 * known ones and is skipped by its readers.
 */
export function moviesXmd(rows: readonly MovieRow[]): string {
  const withGain = rows.some((row) => row.gain !== null);
  return writeXmd([
    makeTable(
      "noname",
      "loop",
      ["itemId", "enabled", "movie", "samplingRate", ...(withGain ? ["gain"] : [])],
      rows.map((row, i) => [
        i + 1,
        1,
        row.movie,
        (row.pixelSizeA ?? 1).toFixed(6),
        ...(withGain ? [row.gain ?? ""] : []),
      ]),
    ),
  ]);
}
