import type { CtfOptics } from "#src/domain/ctf.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import { emptyRow, finiteOrNull, noOptics, readNumber } from "./ctfRow.ts";
import type { CtfPart, CtfRow } from "./ctfRow.ts";
import { stem } from "./starCtf.ts";
import { cutSpans, lineSpans } from "./textFile.ts";
import type { TextFile } from "./textFile.ts";

/** True for CTFFIND 4 and 5 result files: their header, or only rows of 7 or 10 numbers. */
export function isCtffindText(text: string): boolean {
  if (/^#\s*Output from CTFFind/im.test(text)) return !isAverageProfile(text);
  if (/^#.*defocus 1.*defocus 2/im.test(text)) return true;
  const rows = text.split(/\r\n|\n|\r/).filter((l) => l.trim() !== "" && !l.startsWith("#"));
  return (
    rows.length > 0 &&
    rows.every((line) => {
      const words = line.trim().split(/\s+/);
      return (
        (words.length === 7 || words.length === 10) &&
        words.every((w) => w.toLowerCase().includes("nan") || !Number.isNaN(readNumber(w)))
      );
    })
  );
}

/** True for `_avrot.txt`, the rotational averages beside the results. */
export function isAverageProfile(text: string): boolean {
  return /lines per micrograph|_avrot|#1 - spatial frequency/i.test(text.slice(0, 4000));
}

/**
 * RELION's ice-ring density from `_avrot.txt`: per micrograph the sum of |rotational average| over spatial
 * frequencies from 0.25 to 0.28 1/Å (files of CTFFIND 4.0 count them in 1/px and say so).
 */
export function iceRingDensities(text: string): number[] {
  const lines = text.split(/\r\n|\n|\r/).filter((l) => l.trim() !== "" && !l.startsWith("#"));
  const perA = /^#.*\(1\/pixels?\)/im.test(text) ? (opticsIn(text).pixelSizeA ?? 1) : 1;
  const densities: number[] = [];
  for (let i = 0; i + 5 < lines.length; i += 6) {
    const frequency = lines[i].trim().split(/\s+/).map(readNumber);
    const average = lines[i + 1].trim().split(/\s+/).map(readNumber);
    let sum = 0;
    for (let k = 0; k < frequency.length; k++) {
      const f = frequency[k] / perA;
      if (f >= 0.25 && f <= 0.28) sum += Math.abs(average[k]);
    }
    densities.push(sum);
  }
  return densities;
}

function opticsIn(text: string): CtfOptics {
  const line = /^#.*Pixel size:.*$/im.exec(text)?.[0];
  if (line === undefined) return noOptics;
  const number = (pattern: RegExp): number | null =>
    finiteOrNull(readNumber(pattern.exec(line)?.[1] ?? ""));
  return {
    pixelSizeA: number(/pixel size:\s*([\d.]+)/i),
    voltageKv: number(/acceleration voltage:\s*([\d.]+)/i),
    sphericalAberrationMm: number(/spherical aberration:\s*([\d.]+)/i),
    amplitudeContrast: number(/amplitude contrast:\s*([\d.]+)/i),
  };
}

/**
 * Reads CTFFIND 4 (6 or 7 numbers a row) and 5 (10 numbers): index, defocus 1 and 2 (Å), azimuth (°), phase shift
 * (rad), cross-correlation, spacing of the last fitted ring (Å, may be inf), then tilt axis, tilt, thickness. Any
 * NaN marks a failed fit. With several micrographs in one stack they are named `index@stack`.
 */
export function readCtffindText(
  source: TextFile,
  file: string,
  ice: readonly number[] | undefined,
): CtfPart {
  const { text } = source;
  const lines = lineSpans(text);
  const spans: [number, number][] = [];
  const fields: number[][] = [];
  for (let i = 0; i < lines.length; i += 2) {
    const line = text.slice(lines[i], lines[i + 1]).trim();
    if (line === "" || line.startsWith("#")) continue;
    fields.push(line.split(/\s+/).map(readNumber));
    spans.push([lines[i], lines[i + 1]]);
  }
  const input = /^#\s*Input file:\s*(.*?)\s*(?:;|$)/im.exec(text)?.[1];
  const claimed = Number(/Number of micrographs:\s*(\d+)/i.exec(text)?.[1] ?? fields.length);
  const warnings: string[] = [];
  if (claimed > fields.length)
    warnings.push(
      `${file}: ${claimed} micrographs are announced, ${fields.length} rows are there.`,
    );
  if (fields.length === 0)
    throw new CryoloupeError(
      "truncated-file",
      `Reading CTFFIND's results in ${file} found its header and no row of numbers. Copy the file again, or leave it out.`,
      { file },
    );
  const name = input === undefined || input === "" ? stem(file) : input;
  const columns = Math.max(...fields.map((f) => f.length));
  const rows = fields.map((f, i): CtfRow => {
    const micrograph = claimed > 1 ? `${String(f[0]).padStart(6, "0")}@${name}` : name;
    if (f.length < 6)
      return { ...emptyRow, micrograph, failure: `row cut short (${f.length} values)` };
    const [, u, v, angle, phase, score, resolution] = f;
    const failed = f.slice(1, 6).some((value) => Number.isNaN(value));
    return {
      ...emptyRow,
      micrograph,
      defocusU: u,
      defocusV: v,
      defocusAngleDeg: finiteOrNull(angle),
      phaseShiftDeg: finiteOrNull((phase * 180) / Math.PI),
      figureOfMerit: finiteOrNull(score),
      resolutionA: resolution === undefined || Number.isNaN(resolution) ? null : resolution,
      iceDensity: ice?.[i] ?? null,
      spectrumFile: file.replace(/\.txt$/i, ".mrc"),
      failure: failed ? "failed fit (no number)" : null,
    };
  });
  return {
    format: "ctffind",
    formatName: columns >= 10 ? "CTFFIND 5" : "CTFFIND 4",
    files: [file],
    rows,
    optics: opticsIn(text),
    warnings,
    cut: (keep) =>
      keep.length > 0 ? [{ name: file, bytes: source.encode(cutSpans(text, spans, keep)) }] : [],
  };
}
