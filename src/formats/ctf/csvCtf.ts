import type { CsvColumns, CsvQuestion, DefocusUnit } from "#src/domain/ctf.ts";
import { emptyRow, finiteOrNull, noOptics, readNumber } from "./ctfRow.ts";
import type { CtfPart, CtfRow } from "./ctfRow.ts";
import { readCsvText } from "./csvText.ts";
import type { CsvText } from "./csvText.ts";
import { cutSpans } from "./textFile.ts";
import type { TextFile } from "./textFile.ts";

type Column = Exclude<keyof CsvColumns, "defocusUnit" | "angleUnit">;

/** What names of columns say, most telling first. */
const namePatterns: Readonly<Record<Column, readonly RegExp[]>> = {
  micrograph: [/micrograph.*(name|path|file)/, /micrograph/, /file.?name/, /image|movie|file|name/],
  defocusU: [
    /def(ocus)?[ _-]*(u|1|max)\b|df1|defocus_?u/,
    /def(ocus)?[ _-]*(mean|avg|average)/,
    /defocus/,
  ],
  defocusV: [/def(ocus)?[ _-]*(v|2|min)\b|df2|defocus_?v/],
  defocusAngle: [/(astig|defocus|df)[a-z _-]*ang|azimuth/],
  phaseShift: [/phase/],
  resolution: [/resol|ctf.?fit|fit_to|rings/],
  figureOfMerit: [/merit|cross.?corr|\bcc\b|score|confidence|quality/],
  iceDensity: [/ice/],
};

function findColumn(
  headers: readonly string[],
  column: Column,
  taken: ReadonlySet<number>,
): number | null {
  const names = headers.map((h) =>
    h
      .replace(/([a-z])([A-Z])/g, "$1_$2")
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "_")
      .replace(/_/g, " "),
  );
  for (const pattern of namePatterns[column]) {
    const found = names.findIndex(
      (name, i) => !taken.has(i) && (pattern.test(name) || pattern.test(name.replaceAll(" ", "_"))),
    );
    if (found >= 0) return found;
  }
  return null;
}

/** The unit that a column's name states, or null. */
function unitInName(header: string): DefocusUnit | null {
  if (/[µμ]m|\bum\b|micron|_um\b/i.test(header)) return "um";
  if (/\bnm\b|_nm\b|nanomet/i.test(header)) return "nm";
  if (/Å|angstr|ångstr|_A\b|[([]\s*A\s*[)\]]/i.test(header)) return "A";
  return null;
}

function numbersOf(csv: CsvText, column: number): number[] {
  return csv.rows
    .map((r) => readNumber(r[column] ?? ""))
    .filter((v) => Number.isFinite(v) && v > 0);
}

/** Unit by size: below 20 only µm makes sense, above 8 000 only Å; between, Å and nm cannot be told apart. */
function unitBySize(values: readonly number[]): { unit: DefocusUnit; certain: boolean } {
  const sorted = values.slice().sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  if (middle < 20) return { unit: "um", certain: true };
  if (middle > 8000) return { unit: "A", certain: true };
  return { unit: middle > 4500 ? "A" : "nm", certain: false };
}

/** What the columns mean as far as names and sizes tell, and what is not certain (null = nothing). */
export function guessColumns(csv: CsvText): { guess: CsvColumns; reason: string | null } {
  const headers = csv.headers;
  const taken = new Set<number>();
  const take = (column: Column): number | null => {
    const found = findColumn(headers, column, taken);
    if (found !== null) taken.add(found);
    return found;
  };
  const defocusV = take("defocusV");
  const defocusAngle = take("defocusAngle");
  const namedU = take("defocusU");
  const numeric = (csv.rows[0] ?? []).findIndex(
    (v, i) => !taken.has(i) && Number.isFinite(readNumber(v)),
  );
  const defocusU = namedU ?? Math.max(numeric, 0);
  taken.add(defocusU);
  const textual = (csv.rows[0] ?? []).findIndex((v) => !Number.isFinite(readNumber(v)));
  const phaseShift = take("phaseShift");
  const resolution = take("resolution");
  const figureOfMerit = take("figureOfMerit");
  const iceDensity = take("iceDensity");
  const namedMicrograph = take("micrograph");
  const stated = unitInName(headers[defocusU] ?? "");
  const sized = unitBySize(numbersOf(csv, defocusU));
  const reasons: string[] = [];
  if (namedU === null) reasons.push("no column is named as defocus");
  if (namedMicrograph === null) reasons.push("no column is named as micrograph");
  if (stated === null && !sized.certain) reasons.push("the unit of the defocus is not stated");
  return {
    guess: {
      micrograph: namedMicrograph ?? (textual >= 0 && textual !== defocusU ? textual : null),
      defocusU,
      defocusV,
      defocusAngle,
      phaseShift,
      resolution,
      figureOfMerit,
      iceDensity,
      defocusUnit: stated ?? sized.unit,
      angleUnit: /rad/i.test(headers[defocusAngle ?? phaseShift ?? -1] ?? "") ? "rad" : "deg",
    },
    reason: reasons.length > 0 ? reasons.join("; ") : null,
  };
}

/** The question that the column-mapping dialog asks. */
export function csvQuestion(
  csv: CsvText,
  file: string,
  guess: CsvColumns,
  reason: string,
): CsvQuestion {
  const width = Math.max(csv.headers.length, ...csv.rows.slice(0, 8).map((r) => r.length));
  return {
    file,
    headers: Array.from({ length: width }, (_, i) => csv.headers[i] ?? `column ${i + 1}`),
    preview: csv.rows.slice(0, 8),
    guess,
    reason,
  };
}

const toA: Readonly<Record<DefocusUnit, number>> = { A: 1, nm: 10, um: 1e4 };

/** Reads a CSV table with the given meaning of its columns. */
export function readCsvCtf(
  source: TextFile,
  file: string,
  delimiter: string,
  columns: CsvColumns,
): CtfPart {
  const csv = readCsvText(source.text, delimiter);
  const scale = toA[columns.defocusUnit];
  const angleScale = columns.angleUnit === "rad" ? 180 / Math.PI : 1;
  const rows = csv.rows.map((values, i): CtfRow => {
    const number = (column: number | null): number =>
      column === null ? NaN : readNumber(values[column] ?? "");
    // Marks of failed fits are no lengths: −999 stays −999 in any unit.
    const defocus = (column: number | null): number => {
      const raw = number(column);
      return raw === -999 ? raw : raw * scale;
    };
    const name = columns.micrograph === null ? "" : (values[columns.micrograph] ?? "");
    const u = defocus(columns.defocusU);
    const resolution = number(columns.resolution);
    return {
      ...emptyRow,
      micrograph: name === "" ? `${file}#${i + 1}` : name,
      defocusU: u,
      defocusV: columns.defocusV === null ? u : defocus(columns.defocusV),
      defocusAngleDeg: finiteOrNull(number(columns.defocusAngle) * angleScale),
      phaseShiftDeg: finiteOrNull(number(columns.phaseShift) * angleScale),
      resolutionA: Number.isNaN(resolution) ? null : resolution,
      figureOfMerit: finiteOrNull(number(columns.figureOfMerit)),
      iceDensity: finiteOrNull(number(columns.iceDensity)),
      failure: columns.defocusU >= values.length ? `row cut short (${values.length} values)` : null,
    };
  });
  const unit = { A: "Å", nm: "nm", um: "µm" }[columns.defocusUnit];
  return {
    format: "csv",
    formatName: `CSV, defocus in ${unit}`,
    files: [file],
    rows,
    optics: noOptics,
    warnings: [],
    cut: (keep) => [{ name: file, bytes: source.encode(cutSpans(source.text, csv.spans, keep)) }],
  };
}
