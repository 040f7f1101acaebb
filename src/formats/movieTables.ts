import { DEFAULT_OPTICS, opticsTable } from "./star/opticsTable.ts";
import type { OpticsConstants } from "./star/opticsTable.ts";
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
  const { table, groupOf } = opticsTable(rows, optics);
  const withGain = rows.some((row) => row.gain !== null);
  return writeStar([
    table,
    makeTable(
      "movies",
      "loop",
      ["rlnMicrographMovieName", ...(withGain ? ["rlnMicrographGainName"] : []), "rlnOpticsGroup"],
      rows.map((row) => [row.movie, ...(withGain ? [row.gain ?? "None"] : []), groupOf(row)]),
      ["version 30001"],
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
