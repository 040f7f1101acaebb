import type { CtfOptics } from "#src/domain/ctf.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import { emptyRow, finiteOrNull, noOptics, readNumber } from "./ctfRow.ts";
import type { CtfPart } from "./ctfRow.ts";
import { stem } from "./starCtf.ts";
import type { TextFile } from "./textFile.ts";

/** True for the logs of CTFFIND 3 and Gctf. */
export function isFinalValuesLog(text: string): boolean {
  return /final values/i.test(text);
}

/** The text without the escape sequences that colour it: Gctf prints its resolution in red. */
function plainText(text: string): string {
  // The first character of an escape sequence, by number: it cannot be seen in a pattern.
  const escape = String.fromCharCode(27);
  return text
    .split(escape)
    .map((part, i) => (i === 0 ? part : part.replace(/^\[?[\d;]*[A-Za-z]/, "")))
    .join("");
}

/** The micrograph: in the line after "Input image file name", else the first image that is named. */
function imageIn(text: string): string | undefined {
  const stated = /input image file name[^\r\n]*[\r\n]+\s*([^\r\n]*\S)/i.exec(text)?.[1];
  return stated ?? /([^\s'":=]+\.(?:mrcs?|tiff?))\b/i.exec(text)?.[1];
}

/** CTFFIND 3 prints `CS[mm], HT[kV], AmpCnst, XMAG, DStep[um]` and the values in the next line. */
function opticsIn(text: string): CtfOptics {
  const match = /CS\[mm\],\s*HT\[kV\].*?[\r\n]+\s*([^\r\n]+)/i.exec(text);
  if (match === null) return noOptics;
  const [cs, kv, contrast, magnification, step] = match[1]
    .trim()
    .split(/[\s,]+/)
    .map(readNumber);
  return {
    pixelSizeA: finiteOrNull((step * 1e4) / magnification),
    voltageKv: finiteOrNull(kv),
    sphericalAberrationMm: finiteOrNull(cs),
    amplitudeContrast: finiteOrNull(contrast),
  };
}

/**
 * Reads a log of CTFFIND 3 or Gctf: the last line that ends in "Final Values" holds U, V (Å), angle (°), the phase
 * shift (°) when five numbers stand there, and the score. Gctf's "Resolution limit" is the resolution.
 */
export function readFinalValuesLog(source: TextFile, file: string): CtfPart {
  const text = plainText(source.text);
  const lines = text.split(/\r\n|\n|\r/).filter((l) => /final values/i.test(l));
  const numbers = (lines.at(-1) ?? "")
    .replace(/final values.*/i, "")
    .trim()
    .split(/[\s,]+/)
    .map(readNumber);
  if (numbers.length < 4)
    throw new CryoloupeError(
      "corrupt-file",
      `Reading the log ${file} expected defocus U, V, angle and score before "Final Values", found ${numbers.length} values.`,
      { file },
    );
  const gctf = /gctf/i.test(text) || /gctf/i.test(file);
  const [u, v, angle] = numbers;
  const resolution = /resolution limit[^\n\r:]*:\s*(?:RES_LIMIT\s*)?([\d.]+)/i.exec(text)?.[1];
  const input = imageIn(text);
  return {
    format: gctf ? "gctf" : "ctffind",
    formatName: gctf ? "Gctf log" : "CTFFIND 3 log",
    files: [file],
    rows: [
      {
        ...emptyRow,
        micrograph: input ?? stem(file).replace(/_(?:gctf|ctffind3?)$/i, ""),
        defocusU: u,
        defocusV: v,
        defocusAngleDeg: finiteOrNull(angle),
        phaseShiftDeg: numbers.length > 4 ? finiteOrNull(numbers[3]) : null,
        figureOfMerit: finiteOrNull(numbers[numbers.length - 1]),
        resolutionA: resolution === undefined ? null : finiteOrNull(readNumber(resolution)),
        failure: numbers.some((n) => Number.isNaN(n)) ? "failed fit (no number)" : null,
      },
    ],
    optics: opticsIn(text),
    warnings: [],
    cut: (keep) => (keep.length > 0 ? [{ name: file, bytes: source.encode(source.text) }] : []),
  };
}
