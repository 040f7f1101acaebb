import { emptyRow, finiteOrNull, readNumber } from "./ctfRow.ts";
import type { CtfPart } from "./ctfRow.ts";
import { stem } from "./starCtf.ts";
import type { TextFile } from "./textFile.ts";

/** True for the `key= value` lines of Xmipp 2. */
export function isXmipp2Param(text: string): boolean {
  return /^\s*defocusU\s*=/m.test(text);
}

/**
 * Reads a `.ctfparam` of Xmipp 2: `key= value` lines, underfocus and Q0 negative there. It names no micrograph,
 * so it carries the file's name.
 */
export function readXmipp2Param(source: TextFile, file: string): CtfPart {
  const values = new Map<string, number>();
  for (const line of source.text.split(/\r\n|\n|\r/)) {
    const pair = /^\s*([A-Za-z_]\w*)\s*=\s*(\S+)/.exec(line);
    if (pair !== null) values.set(pair[1], readNumber(pair[2]));
  }
  const number = (key: string): number => values.get(key) ?? NaN;
  const angle = values.get("azimuthal_angle") ?? NaN;
  const u = -number("defocusU");
  return {
    format: "xmipp",
    formatName: "Xmipp 2 parameters",
    files: [file],
    rows: [
      {
        ...emptyRow,
        micrograph: stem(file),
        defocusU: u,
        defocusV: values.has("defocusV") ? -number("defocusV") : u,
        defocusAngleDeg: finiteOrNull(angle),
      },
    ],
    optics: {
      pixelSizeA: finiteOrNull(number("sampling_rate")),
      voltageKv: finiteOrNull(number("voltage")),
      sphericalAberrationMm: finiteOrNull(number("spherical_aberration")),
      amplitudeContrast: finiteOrNull(-number("Q0")),
    },
    warnings: [],
    cut: (keep) => (keep.length > 0 ? [{ name: file, bytes: source.encode(source.text) }] : []),
  };
}
