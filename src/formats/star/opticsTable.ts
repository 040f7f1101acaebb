import { makeTable } from "./starTable.ts";
import type { StarTable } from "./starTable.ts";

export interface OpticsConstants {
  /** mm */
  readonly sphericalAberration: number;
  readonly amplitudeContrast: number;
}

/** Usual values of a 300 kV microscope; RELION's import has the same. */
export const DEFAULT_OPTICS: OpticsConstants = { sphericalAberration: 2.7, amplitudeContrast: 0.1 };

export interface OpticsRow {
  /** Å, of the unbinned movie; null is written as 1. */
  readonly pixelSizeA: number | null;
  readonly voltageKv: number;
  /** Å, of the micrograph that was made of the movie; left out where there is none yet. */
  readonly binnedPixelSizeA?: number | null;
}

/**
 * RELION's `data_optics` (3.1 and later) and the group of each row, from 1: rows of different pixel size or
 * voltage get groups of their own, in the order in which they come.
 */
export function opticsTable(
  rows: readonly OpticsRow[],
  optics: OpticsConstants,
): { readonly table: StarTable; readonly groupOf: (row: OpticsRow) => number } {
  const keyOf = (row: OpticsRow): string =>
    `${row.pixelSizeA ?? 1}|${row.binnedPixelSizeA ?? 1}|${row.voltageKv}`;
  const groups = new Map(rows.map((row) => [keyOf(row), row]));
  const places = new Map([...groups.keys()].map((key, i) => [key, i + 1]));
  const corrected = rows.some((row) => row.binnedPixelSizeA !== undefined);
  const table = makeTable(
    "optics",
    "loop",
    [
      "rlnOpticsGroupName",
      "rlnOpticsGroup",
      "rlnMicrographOriginalPixelSize",
      "rlnVoltage",
      "rlnSphericalAberration",
      "rlnAmplitudeContrast",
      ...(corrected ? ["rlnMicrographPixelSize"] : []),
    ],
    [...groups.values()].map((row, i) => [
      `opticsGroup${i + 1}`,
      i + 1,
      (row.pixelSizeA ?? 1).toFixed(6),
      row.voltageKv.toFixed(6),
      optics.sphericalAberration.toFixed(6),
      optics.amplitudeContrast.toFixed(6),
      ...(corrected ? [(row.binnedPixelSizeA ?? 1).toFixed(6)] : []),
    ]),
    ["version 30001"],
  );
  return { table, groupOf: (row) => places.get(keyOf(row)) ?? 0 };
}
