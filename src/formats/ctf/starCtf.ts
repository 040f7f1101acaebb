import { CryoloupeError } from "#src/domain/errors.ts";
import type { CtfFormat, CtfOptics } from "#src/domain/ctf.ts";
import { emptyRow, finiteOrNull, noOptics, readNumber } from "./ctfRow.ts";
import type { CtfPart, CtfRow } from "./ctfRow.ts";
import { particleLabels, starLabels } from "./starLabels.ts";
import type { StarField } from "./starLabels.ts";
import { makeTable } from "../star/starTable.ts";
import type { StarTable } from "../star/starTable.ts";
import { readTableText } from "./tableText.ts";
import type { TextLoop, TextTables } from "./tableText.ts";
import { cutSpans } from "./textFile.ts";
import type { TextFile } from "./textFile.ts";

type Lookup = (field: StarField) => string | undefined;

/** Estimates of the `.ctfparam` files that an Xmipp table names, by the end of their paths. */
export type CtfModels = ReadonlyMap<string, CtfRow>;

function columnOf(labels: readonly string[], field: StarField): number {
  for (const label of starLabels[field]) {
    const column = labels.indexOf(label);
    if (column >= 0) return column;
  }
  return -1;
}

function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

function formatOf(tables: TextTables, labels: readonly string[]): [CtfFormat, string] {
  if (labels.some((l) => l.startsWith("cisTEM"))) return ["cistem", "cisTEM"];
  if (labels.some((l) => l.startsWith("rln"))) {
    if (labels.includes("rlnFinalResolution")) return ["gctf", "Gctf"];
    const grouped = tables.loops.some((l) => l.name === "optics");
    const version = /^version (\d+)/.exec(tables.firstComment)?.[1];
    if (version !== undefined && Number(version) >= 50000) return ["relion", "RELION 5"];
    return ["relion", grouped || version !== undefined ? "RELION 3.1 or later" : "RELION 3.0"];
  }
  const old = labels.some((l) => l.startsWith("CTF_"));
  return ["xmipp", old ? "Xmipp 3.0" : "Xmipp"];
}

/** A phase shift in degrees. Xmipp writes radians, others pass degrees through it: numbers up to π are radians. */
function phaseDegrees(raw: number, label: string, warn: (text: string) => void): number | null {
  if (!Number.isFinite(raw)) return null;
  if (label.startsWith("cisTEM")) return (raw * 180) / Math.PI;
  if (label === "ctfVPPphaseshift" && raw !== 0 && Math.abs(raw) <= Math.PI) {
    warn("Phase shifts up to π in ctfVPPphaseshift were read as radians.");
    return (raw * 180) / Math.PI;
  }
  return raw;
}

function opticsOf(get: Lookup): CtfOptics {
  const number = (field: StarField): number | null => {
    const text = get(field);
    return text === undefined ? null : finiteOrNull(readNumber(text));
  };
  const detector = number("detectorPixelSize");
  const magnification = number("magnification");
  const fromDetector =
    detector !== null && magnification !== null && magnification > 0
      ? (detector * 1e4) / magnification
      : null;
  return {
    pixelSizeA: number("pixelSize") ?? fromDetector,
    voltageKv: number("voltage"),
    sphericalAberrationMm: number("sphericalAberration"),
    amplitudeContrast: number("amplitudeContrast"),
  };
}

/** Programs write "none" where there is no file. */
function namedFile(name: string | undefined): string | null {
  return name === undefined || /^(?:none|null)?$/i.test(name) ? null : name;
}

function rowOf(get: Lookup, phaseLabel: string, warn: (text: string) => void): CtfRow {
  const number = (field: StarField): number | null => {
    const text = get(field);
    const value = text === undefined ? NaN : readNumber(text);
    return Number.isNaN(value) ? null : value;
  };
  const isNan = (text: string | undefined): boolean =>
    text !== undefined && text.length < 6 && /^[+-]?nan$/i.test(text);
  const broken = isNan(get("defocusAngle")) || isNan(get("figureOfMerit"));
  const u = readNumber(get("defocusU") ?? "");
  const v = get("defocusV");
  const enabled = get("enabled");
  return {
    micrograph: get("micrograph") ?? "",
    defocusU: u,
    // Tables that fit no astigmatism have U only.
    defocusV: v === undefined ? u : readNumber(v),
    defocusAngleDeg: number("defocusAngle"),
    phaseShiftDeg: phaseDegrees(readNumber(get("phaseShift") ?? ""), phaseLabel, warn),
    resolutionA: number("resolution"),
    figureOfMerit: number("figureOfMerit"),
    iceDensity: number("ice"),
    spectrumFile: namedFile(get("spectrum")),
    failure: broken ? "failed fit (no number)" : null,
    disabled: enabled !== undefined && Number(enabled) < 0 ? "disabled in the table" : null,
  };
}

function refuseParticles(loop: TextLoop, file: string): void {
  const found = loop.labels.filter((l) => particleLabels.includes(l));
  if (found.length === 0) return;
  const column = columnOf(loop.labels, "micrograph");
  const names = new Set(column < 0 ? [] : loop.rows.map((r) => r[column]));
  // cisTEM knows tables of particles only: one with a row for each image serves as one of images.
  if (found[0].startsWith("cisTEM") && names.size > 1 && names.size === loop.rows.length) return;
  throw new CryoloupeError(
    "unsupported-format",
    `${file} holds ${loop.rows.length} particles${names.size > 0 ? ` of ${names.size} micrographs` : ""} (_${found[0]}), not CTF estimates of micrographs. Open the table of the CTF job instead (micrographs_ctf.star, ctfs.xmd).`,
    { file },
  );
}

/** The loop with the estimates: the one with a defocus, else the one that names CTF models. */
function estimateLoop(tables: TextTables): TextLoop | undefined {
  return (
    tables.loops.find((l) => columnOf(l.labels, "defocusU") >= 0) ??
    tables.loops.find((l) => columnOf(l.labels, "model") >= 0)
  );
}

/** Paths of the `.ctfparam` files that an Xmipp table without its own defoci names. */
export function namedCtfModels(text: string, file: string): string[] {
  const loop = estimateLoop(readTableText(text, file));
  if (loop === undefined || columnOf(loop.labels, "defocusU") >= 0) return [];
  const model = columnOf(loop.labels, "model");
  return loop.rows.map((r) => r[model]).filter((path) => path !== undefined);
}

/** Reads a table in STAR form: RELION (3.0 to 5), Gctf, cisTEM, Warp's export, Xmipp `.xmd` and `.ctfparam`. */
export function readStarCtf(source: TextFile, file: string, models: CtfModels): CtfPart {
  const { text } = source;
  const tables = readTableText(text, file);
  const warnings = new Set<string>();
  const warn = (line: string): void => void warnings.add(`${file}: ${line}`);
  const loop = estimateLoop(tables);
  if (loop === undefined) return readSingle(source, tables, file, warn, warnings);
  refuseParticles(loop, file);

  const columns = new Map<StarField, number>();
  for (const field of Object.keys(starLabels) as StarField[]) {
    const column = columnOf(loop.labels, field);
    if (column >= 0) columns.set(field, column);
  }
  if (!columns.has("micrograph"))
    warn("it names no micrographs, so rows are named by their number.");
  const groups = opticsGroups(tables, columns.has("opticsGroup"), warn);
  const phaseLabel = loop.labels[columns.get("phaseShift") ?? -1] ?? "";
  const modelColumn = columns.has("defocusU") ? undefined : columns.get("model");
  let short = 0;
  const rows = loop.rows.map((values, i): CtfRow => {
    if (values.length !== loop.labels.length) {
      short++;
      return {
        ...emptyRow,
        micrograph: values[columns.get("micrograph") ?? -1] ?? "",
        failure: `row cut short or broken (${values.length} of ${loop.labels.length} values)`,
      };
    }
    const get: Lookup = (field) => {
      const column = columns.get(field);
      return column === undefined ? undefined : values[column];
    };
    const row = rowOf(get, phaseLabel, warn);
    const micrograph = row.micrograph === "" ? `${file}#${i + 1}` : row.micrograph;
    if (modelColumn === undefined)
      return micrograph === row.micrograph ? row : { ...row, micrograph };
    const model = models.get(baseName(values[modelColumn]));
    return model === undefined
      ? { ...row, micrograph, failure: "its .ctfparam file was not given" }
      : { ...model, micrograph, spectrumFile: row.spectrumFile, disabled: row.disabled };
  });
  if (short > 0)
    warn(
      short === 1 && loop.rows.at(-1)?.length !== loop.labels.length
        ? "the last row is cut short and was left out; the table may still be being written."
        : `${short} of ${rows.length} rows do not have ${loop.labels.length} values and were left out.`,
    );
  const first = loop.rows[0] ?? [];
  const group = groups?.get(first[columns.get("opticsGroup") ?? -1]);
  const [format, formatName] = formatOf(tables, loop.labels);
  return {
    format,
    formatName,
    files: [file],
    rows,
    optics: opticsOf((field) => {
      const column = columns.get(field);
      return column === undefined ? group?.(field) : first[column];
    }),
    warnings: [...warnings],
    cut: (keep) => [{ name: file, bytes: source.encode(cutSpans(text, loop.spans, keep)) }],
    ...(loop.labels.includes("rlnMicrographName") && groups !== null
      ? { micrographs: (keep: readonly number[]) => micrographTables(tables, loop, keep) }
      : {}),
  };
}

/** Columns of RELION that describe the micrograph, not its CTF. */
const micrographColumns = [
  "rlnMicrographName",
  "rlnMicrographMovieName",
  "rlnMicrographNameNoDW",
  "rlnMicrographMetadata",
  "rlnMicrographPreExposure",
  "rlnOpticsGroup",
  "rlnAccumMotionTotal",
  "rlnAccumMotionEarly",
  "rlnAccumMotionLate",
];

/** RELION's micrograph file of the chosen rows: optics groups as they are, the columns that are no CTF. */
function micrographTables(
  tables: TextTables,
  loop: TextLoop,
  keep: readonly number[],
): StarTable[] {
  const columns = micrographColumns.filter((label) => loop.labels.includes(label));
  const places = columns.map((label) => loop.labels.indexOf(label));
  const optics = tables.loops.filter((l) => l.name === "optics");
  return [
    ...optics.map((l) => makeTable("optics", "loop", l.labels, l.rows)),
    makeTable(
      "micrographs",
      "loop",
      columns,
      keep.map((row) => places.map((place) => loop.rows[row][place])),
    ),
  ];
}

function opticsGroups(
  tables: TextTables,
  wanted: boolean,
  warn: (text: string) => void,
): ReadonlyMap<string, Lookup> | null {
  const groups = new Map<string, Lookup>();
  for (const table of tables.loops.filter((l) => l.name === "optics")) {
    const key = columnOf(table.labels, "opticsGroup");
    for (const row of table.rows)
      groups.set(row[key], (field) => row[columnOf(table.labels, field)]);
  }
  for (const list of tables.lists.filter((l) => l.name === "optics"))
    groups.set(list.values.get("rlnOpticsGroup") ?? "1", (field) =>
      starLabels[field].map((l) => list.values.get(l)).find((v) => v !== undefined),
    );
  if (wanted && groups.size === 0)
    warn("it has no optics table, so pixel size and voltage are not known.");
  return groups.size > 0 ? groups : null;
}

/** One micrograph as label–value pairs: Xmipp's `.ctfparam`, a RELION list. */
function readSingle(
  source: TextFile,
  tables: TextTables,
  file: string,
  warn: (text: string) => void,
  warnings: ReadonlySet<string>,
): CtfPart {
  const merged = new Map(tables.lists.flatMap((l) => [...l.values]));
  const labels = [...merged.keys()];
  if (columnOf(labels, "defocusU") < 0)
    throw new CryoloupeError(
      "unsupported-format",
      `${file} is a STAR file without CTF estimates: a defocus column (_rlnDefocusU, _ctfDefocusU) was expected, ${describeLabels(tables)} was found. Open the table of the CTF job.`,
      { file },
    );
  const get: Lookup = (field) =>
    starLabels[field].map((l) => merged.get(l)).find((v) => v !== undefined);
  const phaseLabel = starLabels.phaseShift.find((l) => merged.has(l)) ?? "";
  const row = rowOf(get, phaseLabel, warn);
  const [format, formatName] = formatOf(tables, labels);
  return {
    format,
    formatName,
    files: [file],
    rows: [{ ...row, micrograph: row.micrograph === "" ? stem(file) : row.micrograph }],
    optics: merged.size > 0 ? opticsOf(get) : noOptics,
    warnings: [...warnings],
    cut: (keep) => (keep.length > 0 ? [{ name: file, bytes: source.encode(source.text) }] : []),
  };
}

function describeLabels(tables: TextTables): string {
  const labels = tables.loops.flatMap((l) => l.labels);
  const listed = tables.lists.flatMap((l) => [...l.values.keys()]);
  const all = [...labels, ...listed];
  return all.length === 0 ? "no column at all" : `_${all.slice(0, 3).join(", _")}`;
}

/** File name without its last extension. */
export function stem(file: string): string {
  return file.replace(/\.[^./\\]+$/, "");
}
