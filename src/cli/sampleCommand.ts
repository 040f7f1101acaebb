import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { ByteSource } from "#src/domain/byteSource.ts";
import { defaultSampleOptions, noFilters } from "#src/domain/ctf.ts";
import type { AngleUnit, CsvColumns, DefocusUnit, SampleOptions } from "#src/domain/ctf.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import { MAX_TABLE_BYTES, holdsCtf, openCtf } from "#src/formats/ctf/openCtf.ts";
import type { CtfDocument } from "#src/formats/ctf/openCtf.ts";
import { findDelimiter, readCsvText } from "#src/formats/ctf/csvText.ts";
import { memorySource } from "#src/formats/memorySource.ts";
import { decodeText } from "#src/formats/ctf/textFile.ts";
import {
  sampleByDefocus,
  sampleFiles,
  sampleReport,
  statisticsLine,
} from "#src/pipeline/sampleByDefocus.ts";
import { SAMPLING_KINDS } from "#src/domain/records/resultLayout.ts";
import { leftOutReasons, sampleReadiness } from "#src/math/defocusSample.ts";
import type { Command, CommandContext } from "./command.ts";
import { openNodeFile } from "./nodeByteSource.ts";
import { openResultFolder } from "./resultFolder.ts";
import { listPaths, watchOptions, watchPaths } from "./watchPaths.ts";

/** `sample CTF… --n N`: a subset of micrographs that represents the whole defocus range. */
export const sampleCommand: Command = {
  name: "sample",
  computes: false,
  operands: "CTF… or DIR",
  summary: "Chooses a defocus-balanced subset of a table of CTF estimates, of any package.",
  options: [
    { name: "n", value: "N", help: "Micrographs to choose.", fallback: "25" },
    { name: "seed", value: "S", help: "Seed of the random choice.", fallback: "1" },
    { name: "bins", value: "B", help: "Bins of defocus.", fallback: "10" },
    {
      name: "min-images",
      value: "M",
      help: "Estimates to wait for; a closed table below is sampled anyway and says so.",
      fallback: "100",
    },
    {
      name: "range",
      value: "robust|all",
      help: "Bins from the 1st to the 99th percentile, or from minimum to maximum.",
      fallback: "robust",
    },
    { name: "edges", value: "E,E,…", help: "Inner edges of the bins in Å, instead of --bins." },
    {
      name: "remainder",
      value: "round-robin|random",
      help: "Who fills up: the emptiest bins, or anyone left.",
      fallback: "round-robin",
    },
    { name: "max-resolution", value: "Å", help: "Leave out fits worse than this." },
    { name: "max-astigmatism", value: "Å", help: "Leave out larger |U − V|." },
    { name: "min-figure-of-merit", value: "F", help: "Leave out lower scores." },
    { name: "phase-shift", value: "A,B", help: "Leave out phase shifts outside A to B degrees." },
    { name: "max-ice", value: "I", help: "Leave out higher ice densities." },
    { name: "lock", value: "NAMES", help: "File of micrograph names that are chosen in any case." },
    { name: "exclude", value: "NAMES", help: "File of micrograph names that are left out." },
    {
      name: "columns",
      value: "SPEC",
      help: "CSV: micrograph=NAME,defocusU=NAME,… by name or number from 1; defocusUnit=A|nm|um, angleUnit=deg|rad.",
    },
    ...watchOptions,
    { name: "parity", value: "xmipp", help: "The original procedure without repairs." },
    {
      name: "out",
      value: "DIR",
      help: "Folder for the cut table and the lists.",
      fallback: "write nothing",
    },
  ],
  async run(context) {
    if (context.files.length === 0)
      throw new CryoloupeError("bad-arguments", "sample takes one table of CTF estimates or more.");
    const options = await sampleOptionsOf(context);
    const watched = context.flag("watch") ? await waitForEstimates(context, options) : null;
    const paths = watched ?? (await listPaths(context.files, { wanted: TABLE_NAMES }));
    const document = await openTables(paths, context, await readTables(paths, context));
    const { table } = document;
    context.say(`CTF estimates: ${table.estimates.length}, ${table.formatName}.`);
    const sample = sampleByDefocus(table, options);
    const report = sampleReport(table, sample, options);
    for (const { reason, count } of sample.leftOut) context.say(`Left out: ${count} ${reason}.`);
    for (const warning of [...table.warnings, ...sample.notes]) context.say(warning);
    context.say(statisticsLine(sample));
    context.say(sample.summary);
    const out = context.text("out");
    const files: string[] = [];
    if (out === undefined) context.say("Nothing was written: give --out DIR for the files.");
    else {
      const folder = await openResultFolder(out, paths);
      for (const { name, bytes } of sampleFiles(
        document,
        sample,
        options,
        SAMPLING_KINDS,
        new Date(),
      )) {
        await folder.write(name, bytes);
        files.push(join(out, name));
      }
    }
    for (const { message } of document.refused) context.say(message);
    return {
      json: { ...report, files, failed: document.refused },
      failed: document.refused.length > 0,
    };
  },
};

function oneOf<T extends string>(
  context: CommandContext,
  name: string,
  choices: readonly T[],
  fallback: T,
): T {
  const value = context.text(name);
  if (value === undefined) return fallback;
  const found = choices.find((c) => c === value);
  if (found === undefined)
    throw new CryoloupeError(
      "bad-arguments",
      `--${name} is ${choices.join(" or ")}, not "${value}".`,
    );
  return found;
}

function numberList(context: CommandContext, name: string): number[] | null {
  const value = context.text(name);
  if (value === undefined) return null;
  const numbers = value.split(",").map((v) => (v.trim() === "" ? NaN : Number(v)));
  if (numbers.some((n) => !Number.isFinite(n)))
    throw new CryoloupeError(
      "bad-arguments",
      `--${name} takes numbers with commas, not "${value}".`,
    );
  return numbers;
}

async function nameList(context: CommandContext, name: string): Promise<string[]> {
  const path = context.text(name);
  if (path === undefined) return [];
  const file = await openNodeFile(path);
  try {
    const text = new TextDecoder().decode(await file.read(0, file.size, context.signal));
    return text
      .split(/\r\n|\n|\r/)
      .map((l) => l.trim())
      .filter((l) => l !== "");
  } finally {
    await file.close?.();
  }
}

/** The options of a sample as the command line gives them. */
export async function sampleOptionsOf(context: CommandContext): Promise<SampleOptions> {
  const phase = numberList(context, "phase-shift");
  if (phase !== null && phase.length !== 2)
    throw new CryoloupeError("bad-arguments", "--phase-shift takes two numbers: lowest,highest.");
  const base = defaultSampleOptions;
  return {
    count: context.number("n") ?? base.count,
    bins: context.number("bins") ?? base.bins,
    minImages: context.number("min-images") ?? base.minImages,
    seed: context.number("seed") ?? base.seed,
    range: oneOf(context, "range", ["robust", "all"], base.range),
    innerEdges: numberList(context, "edges"),
    remainder: oneOf(context, "remainder", ["round-robin", "random"], base.remainder),
    filters: {
      ...noFilters,
      maxResolutionA: context.number("max-resolution") ?? null,
      maxAstigmatismA: context.number("max-astigmatism") ?? null,
      minFigureOfMerit: context.number("min-figure-of-merit") ?? null,
      minPhaseShiftDeg: phase?.[0] ?? null,
      maxPhaseShiftDeg: phase?.[1] ?? null,
      maxIceDensity: context.number("max-ice") ?? null,
    },
    locked: await nameList(context, "lock"),
    excluded: await nameList(context, "exclude"),
    parity: oneOf(context, "parity", ["xmipp", "none"], "none") === "xmipp",
  };
}

/** Tables in a folder, by name; anything can be given by itself. */
const TABLE_NAMES = /\.(?:star|xmd|cs|csv|txt|ctfparam|log|xml)$/i;

/** Enough to see what a table is. */
const SNIFF_BYTES = 65_536;

/**
 * The tables of a folder as files in memory, in order. Thousands of files, one a micrograph, are ordinary: each
 * is read and closed before the next is opened. What lies in a folder and is no table is passed over.
 */
/** Tables into memory, each closed before the next is opened. */
export async function readTables(
  paths: readonly string[],
  { files, signal }: CommandContext,
): Promise<readonly Table[]> {
  const tables: Table[] = [];
  for (const path of paths) {
    const source = await readIntoMemory(path, signal);
    const asked = files.includes(path);
    if (asked || holdsCtf(await source.read(0, Math.min(SNIFF_BYTES, source.size), signal)))
      tables.push({ path, source });
  }
  return tables;
}

interface Table {
  readonly path: string;
  readonly source: ByteSource;
}

/**
 * Follows files and folders until there are estimates enough, or the user has closed the stream. Answers the
 * paths to be sampled.
 */
async function waitForEstimates(
  context: CommandContext,
  options: SampleOptions,
): Promise<readonly string[]> {
  const tables = new Map<string, Table>();
  const stream = watchPaths(context, { wanted: TABLE_NAMES });
  for await (const batch of stream.batches) {
    for (const table of await readTables(batch, context)) tables.set(table.path, table);
    if (tables.size === 0) continue;
    const paths = [...tables.keys()];
    // A table in the middle of being written may not be readable yet: it is read again when it has changed.
    const document = await openTables(paths, context, [...tables.values()]).catch(
      (error: unknown) => {
        context.say(error instanceof Error ? error.message : String(error));
        return null;
      },
    );
    if (document === null) continue;
    const { estimates } = document.table;
    const usable = leftOutReasons(estimates, options).filter((reason) => reason === null).length;
    const { ready, note } = sampleReadiness(usable, options.minImages, false);
    if (ready) return paths;
    context.say(
      `${note ?? ""}${usable < estimates.length ? `, ${estimates.length - usable} left out` : ""}.`,
    );
  }
  if (tables.size === 0)
    throw new CryoloupeError(
      "not-enough-data",
      `No table of CTF estimates came into ${context.files.join(", ")} before the stream was closed.`,
    );
  context.say("The stream is closed.");
  return [...tables.keys()];
}

/** Reads the tables of the command line as one. */
export async function openTables(
  paths: readonly string[],
  context: CommandContext,
  tables: readonly Table[],
): Promise<CtfDocument> {
  if (tables.length === 0)
    throw new CryoloupeError(
      "not-enough-data",
      `${context.files.join(", ")} holds no table of CTF estimates. Tables are .star, .xmd, .cs, .csv, .txt, .ctfparam, .log and .xml files.`,
    );
  const sources = tables.map(({ source }) => source);
  const folder = dirname(resolve(paths[0]));
  const spec = context.text("columns");
  const first = sources[0];
  const csvColumns =
    spec === undefined ? undefined : columnsOf(spec, csvHeaders(await first.read(0, first.size)));
  const opened = await openCtf(sources, {
    signal: context.signal,
    ...(csvColumns === undefined ? {} : { csvColumns }),
    // A table names its parameter files relative to the project, to its own folder, or they lie beside it.
    resolve: async (path) => {
      const found = [join(folder, path), resolve(path), join(folder, basename(path))].find((p) =>
        existsSync(p),
      );
      return found === undefined ? null : await openNodeFile(found);
    },
  });
  if (opened.kind === "document") return opened.document;
  const { file, headers, reason } = opened.question;
  throw new CryoloupeError(
    "bad-arguments",
    `Reading the CSV table ${file}: ${reason}. Columns found: ${headers.join(", ")}. Say what they mean with --columns micrograph=…,defocusU=…,defocusUnit=A|nm|um.`,
    { file },
  );
}

async function readIntoMemory(path: string, signal: AbortSignal): Promise<ByteSource> {
  const file = await openNodeFile(path);
  try {
    // Larger files are refused by their size before anything is read.
    if (file.size > MAX_TABLE_BYTES) return file;
    return memorySource(file.name, await file.read(0, file.size, signal));
  } finally {
    await file.close?.();
  }
}

function csvHeaders(bytes: Uint8Array<ArrayBuffer>): readonly string[] {
  const text = decodeText(bytes)?.text ?? "";
  return readCsvText(text, findDelimiter(text) ?? ",").headers;
}

/** `micrograph=name,defocusU=Defocus (um),defocusUnit=um`: columns by name, or by number from 1. */
export function columnsOf(spec: string, headers: readonly string[]): CsvColumns {
  const given = new Map<string, string>();
  for (const part of spec.split(",")) {
    const [key, value] = part.split(/=(.*)/s, 2);
    given.set(key.trim(), (value ?? "").trim());
  }
  const column = (key: string): number | null => {
    const value = given.get(key);
    given.delete(key);
    if (value === undefined || value === "") return null;
    const byName = headers.indexOf(value);
    if (byName >= 0) return byName;
    const place = Number(value);
    if (!Number.isInteger(place) || place < 1)
      throw new CryoloupeError(
        "bad-arguments",
        `--columns: there is no column "${value}"; columns are ${headers.join(", ")}.`,
      );
    return place - 1;
  };
  const unit = <T extends string>(key: string, choices: readonly T[], fallback: T): T => {
    const value = given.get(key);
    given.delete(key);
    const found = value === undefined ? fallback : choices.find((c) => c === value);
    if (found === undefined)
      throw new CryoloupeError("bad-arguments", `--columns: ${key} is ${choices.join(", ")}.`);
    return found;
  };
  const defocusU = column("defocusU");
  if (defocusU === null)
    throw new CryoloupeError("bad-arguments", "--columns needs at least defocusU=….");
  const columns: CsvColumns = {
    micrograph: column("micrograph"),
    defocusU,
    defocusV: column("defocusV"),
    defocusAngle: column("defocusAngle"),
    phaseShift: column("phaseShift"),
    resolution: column("resolution"),
    figureOfMerit: column("figureOfMerit"),
    iceDensity: column("iceDensity"),
    defocusUnit: unit<DefocusUnit>("defocusUnit", ["A", "nm", "um"], "A"),
    angleUnit: unit<AngleUnit>("angleUnit", ["deg", "rad"], "deg"),
  };
  const unknown = [...given.keys()];
  if (unknown.length > 0)
    throw new CryoloupeError("bad-arguments", `--columns does not know "${unknown[0]}".`);
  return columns;
}
