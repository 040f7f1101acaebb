import type { CorrectedRow } from "#src/domain/records/correctedRow.ts";
import { DEFAULT_OPTICS, opticsTable } from "../star/opticsTable.ts";
import type { OpticsConstants } from "../star/opticsTable.ts";
import { makeTable } from "../star/starTable.ts";
import { writeStar } from "../star/writeStar.ts";

export type { CorrectedRow };

/** Sums of the lengths of successive global shifts, as RELION counts them: in px, whatever its label says. */
export function accumulatedMotion(
  x: readonly number[],
  y: readonly number[],
  earlyFrames: number,
): { total: number; early: number; late: number } {
  let early = 0;
  let late = 0;
  for (let t = 1; t < x.length; t++) {
    const step = Math.hypot(x[t] - x[t - 1], y[t] - y[t - 1]);
    if (t < earlyFrames) early += step;
    else late += step;
  }
  return { total: early + late, early, late };
}

/**
 * `corrected_micrographs.star`, the table that RELION's next jobs take as input. Movies of different pixel
 * size or voltage get optics groups of their own.
 */
export function correctedMicrographsStar(
  rows: readonly CorrectedRow[],
  optics: OpticsConstants = DEFAULT_OPTICS,
): string {
  const { table: opticsGroups, groupOf } = opticsTable(rows, optics);
  const withUnweighted = rows.some((row) => row.unweightedName !== null);
  const table = makeTable(
    "micrographs",
    "loop",
    [
      ...(withUnweighted ? ["rlnMicrographNameNoDW"] : []),
      "rlnMicrographName",
      "rlnMicrographMetadata",
      "rlnOpticsGroup",
      "rlnAccumMotionTotal",
      "rlnAccumMotionEarly",
      "rlnAccumMotionLate",
    ],
    rows.map((row) => {
      const motion = accumulatedMotion(row.globalX, row.globalY, row.earlyFrames);
      return [
        ...(withUnweighted ? [row.unweightedName ?? row.micrographName] : []),
        row.micrographName,
        row.metadataName,
        groupOf(row),
        motion.total.toFixed(6),
        motion.early.toFixed(6),
        motion.late.toFixed(6),
      ];
    }),
    ["version 30001"],
  );
  return writeStar([opticsGroups, table]);
}
