import { CryoloupeError } from "#src/domain/errors.ts";
import { parseStarNumber, makeTable, findTable } from "./star/starTable.ts";
import type { StarFile, StarTable } from "./star/starTable.ts";
import { splitXmippImageName } from "./xmd/parseXmd.ts";

/** A micrograph that a table names. */
export interface TableEntry {
  /** As written there: relative to the project's folder, as a rule. */
  readonly path: string;
  /** Å/px, where the table says so. */
  readonly pixelSizeA: number | null;
  /** Row of the table. */
  readonly row: number;
}

/** A table of micrographs in RELION's or Xmipp's words. */
export interface MicrographTable {
  readonly words: "relion" | "xmipp";
  readonly star: StarFile;
  /** The table within the file, and its column of names. */
  readonly table: StarTable;
  readonly nameColumn: number;
  readonly entries: readonly TableEntry[];
}

/** Labels of the column that names a micrograph, most telling first. */
export const MICROGRAPH_LABELS = ["rlnMicrographName", "micrograph", "image"] as const;

/** Finds the micrographs in a STAR file of RELION (3.0 or later) or Xmipp. */
export function readMicrographTable(star: StarFile, file: string): MicrographTable {
  for (const label of MICROGRAPH_LABELS)
    for (const table of star.tables) {
      const nameColumn = table.labels.indexOf(label);
      if (nameColumn < 0) continue;
      const relion = label === "rlnMicrographName";
      const pixelSize = relion
        ? relionPixelSizes(star, table)
        : columnReader(table, "samplingRate");
      const entries = table.rows.map((row, index) => ({
        path: relion ? row[nameColumn] : splitXmippImageName(row[nameColumn]).file,
        pixelSizeA: positive(pixelSize(row)),
        row: index,
      }));
      return { words: relion ? "relion" : "xmipp", star, table, nameColumn, entries };
    }
  throw new CryoloupeError(
    "unsupported-format",
    `${file} names no micrographs: a column _rlnMicrographName (RELION), _micrograph or _image (Xmipp) was expected, ${star.tables.map((t) => `"${t.name}" with ${t.labels.length} columns`).join(", ")} was found.`,
    { file },
  );
}

const positive = (value: number): number | null => (value > 0 && value < Infinity ? value : null);

type RowReader = (row: readonly string[]) => number;

function columnReader(table: StarTable, label: string): RowReader {
  const column = table.labels.indexOf(label);
  return (row) => (column < 0 ? NaN : parseStarNumber(row[column]));
}

/** Å/px by RELION's rules: of the optics group; in version 3.0 detector pixel (µm) over magnification. */
function relionPixelSizes(star: StarFile, table: StarTable): RowReader {
  const optics = findTable(star, "optics");
  if (optics !== undefined) {
    const group = columnReader(optics, "rlnOpticsGroup");
    const size = columnReader(optics, "rlnMicrographPixelSize");
    const sizes = new Map(optics.rows.map((row) => [group(row), size(row)]));
    const own = columnReader(table, "rlnOpticsGroup");
    return (row) => sizes.get(own(row)) ?? NaN;
  }
  const own = columnReader(table, "rlnMicrographPixelSize");
  const detector = columnReader(table, "rlnDetectorPixelSize");
  const magnification = columnReader(table, "rlnMagnification");
  return (row) => {
    const said = own(row);
    return Number.isFinite(said) ? said : (1e4 * detector(row)) / magnification(row);
  };
}

/** A processed micrograph as the output tables tell of it. */
export interface ProcessedEntry {
  /** Where the result lies, as it shall stand in the table. */
  readonly path: string;
  /** Å/px before and after. */
  readonly inputPixelSizeA: number | null;
  readonly pixelSizeA: number | null;
  /** Input px over output px. */
  readonly factor: number;
  /** Input px removed at each border. */
  readonly cropOffsetPx: number;
  /** Row of the input table, where there was one. */
  readonly row: number | null;
}

const CROP_LABEL = "cryoloupeCropOffset";

/** micrographs.star: the input table with new names and pixel sizes, or a fresh one (RELION 3.1). */
export function processedStar(
  input: MicrographTable | null,
  entries: readonly ProcessedEntry[],
): StarTable[] {
  if (input?.words !== "relion" || entries.some(({ row }) => row === null))
    return freshStar(entries);
  const optics = findTable(input.star, "optics");
  const sized = ["rlnDetectorPixelSize", "rlnMicrographPixelSize"];
  const micrographs = carriedTable(input, entries, (row, entry) => {
    if (optics === undefined) scaleColumns(input.table, row, sized, entry.factor);
  });
  if (optics === undefined)
    return [
      sized.some((label) => input.table.labels.includes(label))
        ? micrographs
        : withSizes(micrographs, PIXEL_SIZE_LABEL, entries),
    ];
  const group = optics.labels.indexOf("rlnOpticsGroup");
  const groupOfRow = input.table.labels.indexOf("rlnOpticsGroup");
  const rows = optics.rows.map((row) => {
    const copy = [...row];
    const member = entries.find(
      (entry) => entry.row !== null && input.table.rows[entry.row][groupOfRow] === row[group],
    );
    if (member !== undefined) scaleColumns(optics, copy, [PIXEL_SIZE_LABEL], member.factor);
    return copy;
  });
  if (optics.labels.includes(PIXEL_SIZE_LABEL)) return [{ ...optics, rows }, micrographs];
  // The table says nothing of pixel sizes, but the headers did: each group gets that of its members.
  const members = rows.map((row) =>
    entries.find(
      (entry) => entry.row !== null && input.table.rows[entry.row][groupOfRow] === row[group],
    ),
  );
  const known = members.flatMap((member) => member ?? []);
  return [
    known.length === rows.length
      ? withSizes({ ...optics, rows }, PIXEL_SIZE_LABEL, known)
      : { ...optics, rows },
    micrographs,
  ];
}

const PIXEL_SIZE_LABEL = "rlnMicrographPixelSize";

/** The table with a column of exact pixel sizes (Å), one for each row, where all are known. */
function withSizes(table: StarTable, label: string, entries: readonly ProcessedEntry[]): StarTable {
  const sizes = entries.flatMap(({ pixelSizeA }) => pixelSizeA ?? []);
  if (sizes.length !== table.rows.length) return table;
  return {
    ...table,
    labels: [...table.labels, label],
    rows: table.rows.map((row, i) => [...row, exactNumber(sizes[i])]),
  };
}

/** Rows of the input table with new names; `change` may alter the rest. */
function carriedTable(
  { table, nameColumn }: MicrographTable,
  entries: readonly ProcessedEntry[],
  change: (row: string[], entry: ProcessedEntry) => void,
): StarTable {
  const cropped = entries.some((entry) => entry.cropOffsetPx > 0);
  const at = table.labels.indexOf(CROP_LABEL);
  const labels = cropped && at < 0 ? [...table.labels, CROP_LABEL] : table.labels;
  const rows = entries.map((entry) => {
    const row = [...table.rows[entry.row ?? 0]];
    row[nameColumn] = entry.path;
    change(row, entry);
    if (cropped) row[at < 0 ? table.labels.length : at] = String(entry.cropOffsetPx);
    return row;
  });
  return { ...table, form: "loop", labels, rows };
}

function scaleColumns(
  table: StarTable,
  row: string[],
  labels: readonly string[],
  factor: number,
): void {
  for (const label of labels) {
    const column = table.labels.indexOf(label);
    if (column >= 0) row[column] = exactNumber(parseStarNumber(row[column]) * factor);
  }
}

/** Nine significant digits: a pixel size after 4095/2047 must not be rounded away. */
const exactNumber = (value: number): string => String(Number(value.toPrecision(9)));

function freshStar(entries: readonly ProcessedEntry[]): StarTable[] {
  const sizes = [...new Set(entries.map((entry) => entry.pixelSizeA ?? 0))];
  const known = sizes.some((size) => size > 0);
  const optics = makeTable(
    "optics",
    "loop",
    [
      "rlnOpticsGroupName",
      "rlnOpticsGroup",
      ...(known ? ["rlnMicrographPixelSize", "rlnMicrographOriginalPixelSize"] : []),
    ],
    sizes.map((size, i) => {
      const member = entries.find((entry) => (entry.pixelSizeA ?? 0) === size);
      const both = [exactNumber(size), exactNumber(member?.inputPixelSizeA ?? size)];
      return [`opticsGroup${i + 1}`, i + 1, ...(known ? both : [])];
    }),
    ["version 30001"],
  );
  const micrographs = makeTable(
    "micrographs",
    "loop",
    ["rlnMicrographName", "rlnOpticsGroup", CROP_LABEL],
    entries.map((entry) => [
      entry.path,
      sizes.indexOf(entry.pixelSizeA ?? 0) + 1,
      entry.cropOffsetPx,
    ]),
    ["version 30001"],
  );
  return [optics, micrographs];
}

/** micrographs.xmd: the input table with new names and sampling rates, or a fresh one. */
export function processedXmd(
  input: MicrographTable | null,
  entries: readonly ProcessedEntry[],
): StarTable[] {
  if (input?.words === "xmipp" && entries.every(({ row }) => row !== null)) {
    const carried = carriedTable(input, entries, (row, entry) =>
      scaleColumns(input.table, row, ["samplingRate"], entry.factor),
    );
    return [
      input.table.labels.includes("samplingRate")
        ? carried
        : withSizes(carried, "samplingRate", entries),
    ];
  }
  const rated = entries.every((entry) => entry.pixelSizeA !== null);
  return [
    makeTable(
      "noname",
      "loop",
      ["itemId", "micrograph", "enabled", ...(rated ? ["samplingRate"] : []), CROP_LABEL],
      entries.map((entry, i) => [
        i + 1,
        entry.path,
        1,
        ...(rated ? [exactNumber(entry.pixelSizeA ?? 0)] : []),
        entry.cropOffsetPx,
      ]),
    ),
  ];
}
