import { CryoloupeError } from "#src/domain/errors.ts";
import { relionLocalShift } from "#src/math/relionMotionModel.ts";
import { parseStar } from "../star/parseStar.ts";
import { findTable, listValue, numberColumn, parseStarVector } from "../star/starTable.ts";
import type { StarTable } from "../star/starTable.ts";
import { parseXmd } from "../xmd/parseXmd.ts";

/** Motion as a RELION movie STAR file tells it; shifts are corrections to apply, px of the unbinned movie. */
export interface RelionMotion {
  readonly width: number;
  readonly height: number;
  /** First used frame, from 0. */
  readonly startFrame: number;
  readonly shiftX: readonly number[];
  readonly shiftY: readonly number[];
  /** 18 coefficients an axis, or null. */
  readonly coefficientsX: Float64Array | null;
  readonly coefficientsY: Float64Array | null;
  /** Shift of a frame (from 0) at a place of the micrograph, as RELION evaluates it. */
  shiftAt(frame: number, x: number, y: number): { x: number; y: number };
}

function need<T>(value: T | undefined, file: string, what: string): T {
  if (value === undefined)
    throw new CryoloupeError("corrupt-file", `${file} has no ${what}; it tells no motion.`, {
      file,
    });
  return value;
}

/** Reads the STAR file that RELION's motion correction (3.1 to 5) writes for each movie. */
export function readRelionMovieStar(text: string, file: string): RelionMotion {
  const star = parseStar(text, file);
  const general = need(findTable(star, "general"), file, "block data_general");
  const shifts = need(findTable(star, "global_shift"), file, "block data_global_shift");
  const number = (label: string): number =>
    Number(need(listValue(general, label), file, `value _${label}`));
  const column = (table: StarTable, label: string): number[] =>
    need(numberColumn(table, label), file, `column _${label}`);
  const frames = column(shifts, "rlnMicrographFrameNumber");
  const shiftX: number[] = [];
  const shiftY: number[] = [];
  const valuesX = column(shifts, "rlnMicrographShiftX");
  const valuesY = column(shifts, "rlnMicrographShiftY");
  frames.forEach((f, i) => {
    // An unobserved frame (−9999) takes the shift of the one before it, or none.
    const observed = valuesX[i] > -9000;
    shiftX[f - 1] = observed ? valuesX[i] : (shiftX[f - 2] ?? 0);
    shiftY[f - 1] = observed ? valuesY[i] : (shiftY[f - 2] ?? 0);
  });
  const startFrame = number("rlnMicrographStartFrame") - 1;
  const width = number("rlnImageSizeX");
  const height = number("rlnImageSizeY");
  let coefficientsX: Float64Array | null = null;
  let coefficientsY: Float64Array | null = null;
  if (number("rlnMotionModelVersion") === 1) {
    const table = need(
      findTable(star, "local_motion_model"),
      file,
      "block data_local_motion_model",
    );
    const all = new Float64Array(36);
    const values = column(table, "rlnMotionModelCoeff");
    column(table, "rlnMotionModelCoeffsIdx").forEach((index, i) => (all[index] = values[i]));
    coefficientsX = all.slice(0, 18);
    coefficientsY = all.slice(18);
  }
  return {
    width,
    height,
    startFrame,
    shiftX,
    shiftY,
    coefficientsX,
    coefficientsY,
    shiftAt: (frame, x, y) => {
      const z = frame - startFrame;
      const local = (c: Float64Array | null): number =>
        c === null ? 0 : relionLocalShift(c, z, x / width - 0.5, y / height - 0.5);
      return { x: shiftX[frame] + local(coefficientsX), y: shiftY[frame] + local(coefficientsY) };
    },
  };
}

/** Motion as Xmipp's `_shifts.xmd` tells it; shifts are corrections to apply, px of the unbinned movie. */
export interface XmippMotion {
  /** Input frame (from 0) that the shifts are counted from. */
  readonly referenceFrame: number;
  readonly frames: readonly {
    readonly image: string;
    readonly enabled: boolean;
    readonly x: number;
    readonly y: number;
  }[];
  readonly local: {
    readonly controlPoints: { readonly x: number; readonly y: number; readonly t: number };
    /** `[t][y][x]`, binned px, correction to apply. */
    readonly coefficientsX: readonly number[];
    readonly coefficientsY: readonly number[];
  } | null;
}

/** Reads the shifts that FlexAlign and Xmipp's global alignment write. */
export function readXmippShifts(text: string, file: string): XmippMotion {
  const star = parseXmd(text, file);
  const table = need(findTable(star, "frameShifts"), file, "block data_frameShifts");
  const reference = findTable(star, "referenceFrame");
  const column = (label: string): number[] =>
    need(numberColumn(table, label), file, `column _${label}`);
  const [enabled, x, y] = [column("enabled"), column("shiftX"), column("shiftY")];
  const images = table.rows.map((row) => row[table.labels.indexOf("image")] ?? "");
  const local = findTable(star, "localAlignment");
  const vector = (label: string): number[] =>
    parseStarVector(need(local && listValue(local, label), file, `value _${label}`));
  const points = local === undefined ? [] : vector("localAlignmentControlPoints");
  return {
    referenceFrame: Number((reference && listValue(reference, "ref")) ?? 0),
    // Files write −0 for the frame at rest; adding 0 makes it plain.
    frames: images.map((image, i) => ({
      image,
      enabled: enabled[i] > 0,
      x: x[i] + 0,
      y: y[i] + 0,
    })),
    local:
      local === undefined
        ? null
        : {
            controlPoints: { x: points[0], y: points[1], t: points[2] },
            coefficientsX: vector("localAlignmentCoeffsX"),
            coefficientsY: vector("localAlignmentCoeffsY"),
          },
  };
}
