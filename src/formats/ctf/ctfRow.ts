import type { CtfEstimate, CtfOptics } from "#src/domain/ctf.ts";
import type { NamedBytes } from "#src/domain/byteSource.ts";
import type { CtfFormat } from "#src/domain/ctf.ts";
import type { StarTable } from "../star/starTable.ts";

/** A row as a reader finds it, before it is numbered and judged. */
export type CtfRow = Omit<CtfEstimate, "row" | "failure"> & {
  /** Set by the reader when the row itself is broken. */
  readonly failure: string | null;
};

/** What one reader makes of one file (or of a table and its passthrough). */
export interface CtfPart {
  readonly format: CtfFormat;
  readonly formatName: string;
  readonly files: readonly string[];
  readonly rows: readonly CtfRow[];
  readonly optics: CtfOptics;
  readonly warnings: readonly string[];
  /** The same file or files with the chosen rows only (ascending, from 0); all else byte for byte as it was. */
  cut(rows: readonly number[]): NamedBytes[];
  /** The tables of a micrograph file with the chosen rows, where the input holds their optics groups; else absent. */
  readonly micrographs?: (rows: readonly number[]) => StarTable[];
}

export const noOptics: CtfOptics = {
  pixelSizeA: null,
  voltageKv: null,
  sphericalAberrationMm: null,
  amplitudeContrast: null,
};

export const emptyRow: CtfRow = {
  micrograph: "",
  defocusU: NaN,
  defocusV: NaN,
  defocusAngleDeg: null,
  phaseShiftDeg: null,
  resolutionA: null,
  figureOfMerit: null,
  iceDensity: null,
  spectrumFile: null,
  failure: null,
  disabled: null,
};

/** A number as tables write it: also inf and nan with sign, Fortran's exponent D, a decimal comma. Anything else is NaN. */
export function readNumber(text: string): number {
  const number = Number(text);
  if (!Number.isNaN(number) && (number !== 0 || text.trim() !== "")) return number;
  const word = text.trim();
  if (word === "") return NaN;
  const special = /^([+-]?)inf(?:inity)?$/i.exec(word);
  if (special !== null) return special[1] === "-" ? -Infinity : Infinity;
  const repaired = word.replace(/^([+-]?\d*),(\d+)/, "$1.$2").replace(/^([+-]?[\d.]+)[dD]/, "$1e");
  return Number(repaired);
}

/** A number, or null where it is none. */
export function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** A defocus larger than this (10 µm) is no estimate of a micrograph: programs search up to 5 µm. */
export const ABSURD_DEFOCUS_A = 100_000;

/**
 * Why a fit has failed, or null: the marks of Scipion (U = −999, V = −1), values that are no numbers, negative or
 * zero defocus (overfocus is not fitted by these programs), and defoci beyond {@link ABSURD_DEFOCUS_A}.
 */
export function failureOf(row: CtfRow): string | null {
  if (row.failure !== null) return row.failure;
  const { defocusU: u, defocusV: v } = row;
  if (u === -999 || v === -999) return "failed fit (defocus −999)";
  if (Number.isNaN(u) || Number.isNaN(v)) return "failed fit (defocus is no number)";
  if (!Number.isFinite(u) || !Number.isFinite(v)) return "failed fit (infinite defocus)";
  if (u < 0 || v < 0) return "failed fit (negative defocus)";
  if (u === 0 || v === 0) return "failed fit (defocus 0)";
  if (Math.max(u, v) > ABSURD_DEFOCUS_A)
    return `failed fit (defocus above ${ABSURD_DEFOCUS_A / 1e4} µm)`;
  return null;
}
