import type { CorrectedRow } from "#src/domain/records/correctedRow.ts";
import { makeTable } from "../star/starTable.ts";
import { writeStar } from "../star/writeStar.ts";

export type { CorrectedRow };

export interface OpticsConstants {
  /** mm */
  readonly sphericalAberration: number;
  readonly amplitudeContrast: number;
}

/** Usual values of a 300 kV microscope; RELION's import has the same. */
export const DEFAULT_OPTICS: OpticsConstants = { sphericalAberration: 2.7, amplitudeContrast: 0.1 };

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
  const keyOf = (row: CorrectedRow): string =>
    `${row.pixelSizeA ?? 1}|${row.binnedPixelSizeA ?? 1}|${row.voltageKv}`;
  const groups = [...new Map(rows.map((row) => [keyOf(row), row])).entries()];
  const comments = ["version 30001"];
  const opticsTable = makeTable(
    "optics",
    "loop",
    [
      "rlnOpticsGroupName",
      "rlnOpticsGroup",
      "rlnMicrographOriginalPixelSize",
      "rlnVoltage",
      "rlnSphericalAberration",
      "rlnAmplitudeContrast",
      "rlnMicrographPixelSize",
    ],
    groups.map(([, row], i) => [
      `opticsGroup${i + 1}`,
      i + 1,
      (row.pixelSizeA ?? 1).toFixed(6),
      row.voltageKv.toFixed(6),
      optics.sphericalAberration.toFixed(6),
      optics.amplitudeContrast.toFixed(6),
      (row.binnedPixelSizeA ?? 1).toFixed(6),
    ]),
    comments,
  );
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
        groups.findIndex(([key]) => key === keyOf(row)) + 1,
        motion.total.toFixed(6),
        motion.early.toFixed(6),
        motion.late.toFixed(6),
      ];
    }),
    comments,
  );
  return writeStar([opticsTable, table]);
}
