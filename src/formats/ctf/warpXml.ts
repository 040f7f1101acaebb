import { CryoloupeError } from "#src/domain/errors.ts";
import { emptyRow, finiteOrNull, readNumber } from "./ctfRow.ts";
import type { CtfPart } from "./ctfRow.ts";
import { stem } from "./starCtf.ts";
import type { TextFile } from "./textFile.ts";

/** True for Warp's and M's `<movie>.xml`. */
export function isWarpXml(text: string): boolean {
  return /^\uFEFF?\s*</.test(text) && /<(?:Movie|TiltSeries|CTF|CTFOptions)\b/.test(text);
}

function attributes(tag: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name, double, single] of tag.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g))
    found.set(name, double ?? single);
  return found;
}

/**
 * Reads Warp's `<movie>.xml`: `<CTF>` with Defocus (mean, µm), DefocusDelta (U − V, µm), DefocusAngle (°), PhaseShift
 * (units of π): U = 1e4·(Defocus + Delta/2) Å, V = 1e4·(Defocus − Delta/2) Å. A movie that Warp or its user
 * deselected is left out.
 */
export function readWarpXml(source: TextFile, file: string): CtfPart {
  const text = source.text.replace(/<!--[\s\S]*?-->/g, "");
  const section = /<CTF\b[^>]*>([\s\S]*?)<\/CTF\s*>/.exec(text)?.[1];
  if (section === undefined)
    throw new CryoloupeError(
      "unsupported-format",
      `${file} is XML without a <CTF> element, as Warp writes it after fitting. Process its CTF in Warp, or leave it out.`,
      { file },
    );
  const values = new Map<string, string>();
  for (const [tag] of section.matchAll(/<Param\b[^>]*>/g)) {
    const parts = attributes(tag);
    const name = parts.get("Name");
    if (name !== undefined) values.set(name, parts.get("Value") ?? "");
  }
  const number = (name: string): number => readNumber(values.get(name) ?? "");
  const root = attributes(/<(?:Movie|TiltSeries)\b[^>]*>/.exec(text)?.[0] ?? "");
  const mean = number("Defocus");
  const delta = values.has("DefocusDelta") ? number("DefocusDelta") : 0;
  const phase = number("PhaseShift");
  const resolution = readNumber(
    root.get("CTFResolutionEstimate") ?? values.get("CTFResolutionEstimate") ?? "",
  );
  const deselected =
    root.get("UnselectManual")?.toLowerCase() === "true" ||
    root.get("UnselectFilter")?.toLowerCase() === "true";
  return {
    format: "warp",
    formatName: "Warp",
    files: [file],
    rows: [
      {
        ...emptyRow,
        micrograph: `${stem(file)}.mrc`,
        defocusU: 1e4 * (mean + delta / 2),
        defocusV: 1e4 * (mean - delta / 2),
        defocusAngleDeg: finiteOrNull(number("DefocusAngle")),
        phaseShiftDeg: finiteOrNull(phase * 180),
        resolutionA: resolution > 0 ? finiteOrNull(resolution) : null,
        spectrumFile: `${stem(file)}.mrc`,
        // Warp writes 0 where it has not fitted, with the defocus that it would start from.
        failure: resolution === 0 ? "no CTF fit by Warp" : null,
        disabled: deselected ? "deselected in Warp" : null,
      },
    ],
    optics: {
      pixelSizeA: finiteOrNull(number("PixelSize")),
      voltageKv: finiteOrNull(number("Voltage")),
      sphericalAberrationMm: finiteOrNull(number("Cs")),
      amplitudeContrast: finiteOrNull(number("Amplitude")),
    },
    warnings: [],
    cut: (keep) => (keep.length > 0 ? [{ name: file, bytes: source.encode(source.text) }] : []),
  };
}
