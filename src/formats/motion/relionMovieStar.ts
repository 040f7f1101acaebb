import type { MotionField } from "#src/domain/motion.ts";
import { fitRelionMotionModel } from "#src/math/relionMotionModel.ts";
import type { RelionMotionModel } from "#src/math/relionMotionModel.ts";
import { makeTable } from "../star/starTable.ts";
import type { StarTable } from "../star/starTable.ts";
import { writeStar } from "../star/writeStar.ts";

/** What RELION wants to know of a movie besides its motion. */
export interface RelionMovie {
  /** Path of the movie as RELION shall find it. */
  readonly movieName: string;
  readonly gainName: string | null;
  readonly defectName: string | null;
  /** Frames in the movie (EER: fractions), aligned or not. */
  readonly frames: number;
  readonly binning: number;
  readonly pixelSizeA: number | null;
  readonly dosePerFrame: number | null;
  readonly preExposure: number;
  readonly voltageKv: number;
  readonly eer: { readonly upsampling: number; readonly grouping: number } | null;
  /** Bad pixels that are in no file, as [x, y] in px from 0. */
  readonly hotPixels: readonly (readonly [number, number])[];
}

/** RELION's mark of a frame that was not observed. */
const NOT_OBSERVED = -9999;

/**
 * The STAR file of one movie that RELION's Bayesian polishing and `relion_preprocess` read. Everything is
 * in px of the unbinned movie, the local coefficients too: RELION's reader adds them to the global shifts
 * without scaling (RELION's own writer leaves them in binned px, its issue 771).
 */
export function relionMovieStar(
  field: MotionField,
  movie: RelionMovie,
): { readonly text: string; readonly model: RelionMotionModel } {
  const model = fitRelionMotionModel(field);
  const start = field.frameIndices[0];
  const local = model.coefficientsX !== null && model.coefficientsY !== null;
  const fit = local
    ? [
        `Local motion model fitted to the B-spline field: rms ${model.fitRmsPx.toFixed(4)} px, largest ${model.fitMaxPx.toFixed(4)} px`,
      ]
    : [];
  const comments = ["version 30001"];
  const general: [string, string | number][] = [
    ["rlnImageSizeX", field.width],
    ["rlnImageSizeY", field.height],
    ["rlnImageSizeZ", movie.frames],
    ["rlnMicrographMovieName", movie.movieName],
  ];
  if (movie.gainName !== null) general.push(["rlnMicrographGainName", movie.gainName]);
  if (movie.defectName !== null) general.push(["rlnMicrographDefectFile", movie.defectName]);
  general.push(
    ["rlnMicrographBinning", decimal(movie.binning)],
    ["rlnMicrographOriginalPixelSize", decimal(movie.pixelSizeA ?? 1)],
    // RELION's default when nothing is known is 1 e⁻/Å² a frame as well.
    ["rlnMicrographDoseRate", decimal(movie.dosePerFrame ?? 1)],
    ["rlnMicrographPreExposure", decimal(movie.preExposure)],
    ["rlnVoltage", decimal(movie.voltageKv)],
    ["rlnMicrographStartFrame", start + 1],
  );
  if (movie.eer !== null)
    general.push(
      ["rlnEERUpsampling", movie.eer.upsampling],
      ["rlnEERGrouping", movie.eer.grouping],
    );
  general.push(["rlnMotionModelVersion", local ? 1 : 0]);

  const shifts: (string | number)[][] = Array.from({ length: movie.frames }, (_, f) => {
    const t = field.frameIndices.indexOf(f);
    return t < 0
      ? [f + 1, decimal(NOT_OBSERVED), decimal(NOT_OBSERVED)]
      : [f + 1, decimal(model.shiftX[t]), decimal(model.shiftY[t])];
  });
  const tables: StarTable[] = [
    makeTable(
      "general",
      "list",
      general.map(([label]) => label),
      [general.map(([, v]) => v)],
      comments,
    ),
    makeTable(
      "global_shift",
      "loop",
      ["rlnMicrographFrameNumber", "rlnMicrographShiftX", "rlnMicrographShiftY"],
      shifts,
      comments,
    ),
  ];
  if (model.coefficientsX !== null && model.coefficientsY !== null)
    tables.push(
      makeTable(
        "local_motion_model",
        "loop",
        ["rlnMotionModelCoeffsIdx", "rlnMotionModelCoeff"],
        [...model.coefficientsX, ...model.coefficientsY].map((c, i) => [i, coefficient(c)]),
        [...comments, ...fit],
      ),
    );
  if (movie.hotPixels.length > 0)
    tables.push(
      makeTable(
        "hot_pixels",
        "loop",
        ["rlnCoordinateX", "rlnCoordinateY"],
        movie.hotPixels.map(([x, y]) => [decimal(x), decimal(y)]),
        comments,
      ),
    );
  return { text: writeStar(tables), model };
}

function decimal(value: number): string {
  return value.toFixed(6);
}

/** Coefficients of the third power of 40 frames need more digits than RELION's six decimals. */
function coefficient(value: number): string {
  return value === 0 ? "0.000000" : value.toExponential(8);
}
