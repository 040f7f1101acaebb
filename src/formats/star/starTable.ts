/**
 * A table of a STAR file as text: a loop (many rows), or a list of label–value pairs (one row).
 * Values stay text until someone asks for numbers, so that what is not understood survives a round trip.
 */
export interface StarTable {
  /** Name of the data block without `data_`; may be empty. */
  readonly name: string;
  readonly form: "loop" | "list";
  /** Without the leading underscore. */
  readonly labels: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Comment lines before the block, without `#` ("version 30001"). */
  readonly comments: readonly string[];
}

export interface StarFile {
  /** Who wrote it, by its first comment. */
  readonly flavour: "relion" | "xmipp" | "other";
  readonly tables: readonly StarTable[];
}

/** The first table of that name, or undefined. */
export function findTable(star: StarFile, name: string): StarTable | undefined {
  return star.tables.find((t) => t.name === name);
}

/** Column of a label (with or without the underscore), or undefined. */
export function textColumn(table: StarTable, label: string): string[] | undefined {
  const column = table.labels.indexOf(label.replace(/^_/, ""));
  return column < 0 ? undefined : table.rows.map((row) => row[column]);
}

/** Column as numbers; what is no number becomes NaN. */
export function numberColumn(table: StarTable, label: string): number[] | undefined {
  return textColumn(table, label)?.map(parseStarNumber);
}

/** The single value of a label in a list (or in the first row), or undefined. */
export function listValue(table: StarTable, label: string): string | undefined {
  return textColumn(table, label)?.[0];
}

/** A number as STAR files hold it; NaN for anything else, an empty value included. */
export function parseStarNumber(text: string): number {
  return text.trim() === "" ? NaN : Number(text);
}

/** The numbers of a quoted vector such as `' 0.5 -1 '`. */
export function parseStarVector(text: string): number[] {
  const words = text.trim().split(/\s+/);
  return words[0] === "" ? [] : words.map(Number);
}

/** A table of plain values; numbers are written with {@link formatStarNumber}. */
export function makeTable(
  name: string,
  form: "loop" | "list",
  labels: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  comments: readonly string[] = [],
): StarTable {
  return {
    name,
    form,
    labels,
    rows: rows.map((row) => row.map((v) => (typeof v === "number" ? formatStarNumber(v) : v))),
    comments,
  };
}

/** Integers as such, everything else with six decimals, or in exponential form where that would lose digits. */
export function formatStarNumber(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return size < 1e-3 || size >= 1e6 ? value.toExponential(8) : value.toFixed(6);
}
