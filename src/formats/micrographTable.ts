import { DEFAULT_OPTICS } from "./star/opticsTable.ts";
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
  /** Of a table without an input: RELION extracts particles only where it is told; null = not known. */
  voltageKv: number | null = null,
): StarTable[] {
  if (input?.words !== "relion" || entries.some(({ row }) => row === null))
    return freshStar(entries, voltageKv);
  const optics = findTable(input.star, "optics");
  if (optics === undefined) {
    const sized = ["rlnDetectorPixelSize", PIXEL_SIZE_LABEL];
    const micrographs = carriedTable(input, entries, (row, entry) =>
      scaleColumns(input.table, row, sized, entry.factor),
    );
    return [
      sized.some((label) => input.table.labels.includes(label))
        ? micrographs
        : withSizes(micrographs, PIXEL_SIZE_LABEL, entries),
    ];
  }
  const { table, groupOf } = processedOptics(optics, input.table, entries);
  const column = input.table.labels.indexOf("rlnOpticsGroup");
  const micrographs = carriedTable(input, entries, (row, entry) => {
    const group = groupOf.get(entry);
    if (column >= 0 && group !== undefined) row[column] = group;
  });
  return [table, micrographs];
}

/**
 * The optics groups with the pixel sizes of what was processed, exact. Members of one group can end with different
 * pixel sizes, for sizes are whole numbers (4095/2047 beside 4096/2048): such a group is parted, and the parts
 * behind the first get numbers of their own at the end. A group without a member stays as it was.
 */
function processedOptics(
  optics: StarTable,
  micrographs: StarTable,
  entries: readonly ProcessedEntry[],
): { readonly table: StarTable; readonly groupOf: ReadonlyMap<ProcessedEntry, string> } {
  const number = columnReader(optics, "rlnOpticsGroup");
  const sizeOf = columnReader(optics, PIXEL_SIZE_LABEL);
  const own = columnReader(micrographs, "rlnOpticsGroup");
  const numberAt = optics.labels.indexOf("rlnOpticsGroup");
  const nameAt = optics.labels.indexOf("rlnOpticsGroupName");
  const sizeAt = optics.labels.indexOf(PIXEL_SIZE_LABEL);
  const alone = optics.rows.length === 1 && !micrographs.labels.includes("rlnOpticsGroup");
  let free = Math.max(0, ...optics.rows.map(number).filter(Number.isFinite));
  const groupOf = new Map<ProcessedEntry, string>();
  const rows: { readonly cells: string[]; readonly size: number }[] = [];
  const parts: typeof rows = [];
  for (const row of optics.rows) {
    const members = entries.filter(
      (entry) => entry.row !== null && (alone || own(micrographs.rows[entry.row]) === number(row)),
    );
    const sizes = new Map<string, ProcessedEntry[]>();
    for (const entry of members) {
      // Where no pixel size is known, only the factor is.
      const key = entry.pixelSizeA === null ? `× ${entry.factor}` : exactNumber(entry.pixelSizeA);
      const same = sizes.get(key);
      if (same === undefined) sizes.set(key, [entry]);
      else same.push(entry);
    }
    if (sizes.size === 0) rows.push({ cells: [...row], size: NaN });
    let part = 0;
    for (const [first, ...others] of sizes.values()) {
      const cells = [...row];
      const size = first.pixelSizeA ?? sizeOf(row) * first.factor;
      if (sizeAt >= 0 && Number.isFinite(size)) cells[sizeAt] = exactNumber(size);
      if (++part > 1) {
        if (numberAt >= 0) cells[numberAt] = String(++free);
        if (nameAt >= 0) cells[nameAt] = `${cells[nameAt]}_${part}`;
      }
      if (numberAt >= 0)
        for (const entry of [first, ...others]) groupOf.set(entry, cells[numberAt]);
      (part > 1 ? parts : rows).push({ cells, size });
    }
  }
  const all = [...rows, ...parts];
  const table = { ...optics, rows: all.map(({ cells }) => cells) };
  // The table may say nothing of pixel sizes where the headers did: each group gets that of its members.
  if (sizeAt >= 0 || all.some(({ size }) => !Number.isFinite(size))) return { table, groupOf };
  return {
    table: {
      ...table,
      form: "loop",
      labels: [...optics.labels, PIXEL_SIZE_LABEL],
      rows: all.map(({ cells, size }) => [...cells, exactNumber(size)]),
    },
    groupOf,
  };
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

function freshStar(entries: readonly ProcessedEntry[], voltageKv: number | null): StarTable[] {
  const sizes = [...new Set(entries.map((entry) => entry.pixelSizeA ?? 0))];
  const known = sizes.some((size) => size > 0);
  const optics = makeTable(
    "optics",
    "loop",
    [
      "rlnOpticsGroupName",
      "rlnOpticsGroup",
      ...(known ? ["rlnMicrographPixelSize", "rlnMicrographOriginalPixelSize"] : []),
      ...(voltageKv === null
        ? []
        : ["rlnVoltage", "rlnSphericalAberration", "rlnAmplitudeContrast"]),
    ],
    sizes.map((size, i) => {
      const member = entries.find((entry) => (entry.pixelSizeA ?? 0) === size);
      const both = [exactNumber(size), exactNumber(member?.inputPixelSizeA ?? size)];
      const { sphericalAberration, amplitudeContrast } = DEFAULT_OPTICS;
      return [
        `opticsGroup${i + 1}`,
        i + 1,
        ...(known ? both : []),
        ...(voltageKv === null
          ? []
          : [voltageKv.toFixed(6), sphericalAberration.toFixed(6), amplitudeContrast.toFixed(6)]),
      ];
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
    const rate = input.table.labels.indexOf("samplingRate");
    const carried = carriedTable(input, entries, (row, entry) => {
      if (rate < 0) return;
      if (entry.pixelSizeA === null) scaleColumns(input.table, row, ["samplingRate"], entry.factor);
      else row[rate] = exactNumber(entry.pixelSizeA);
    });
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
