import type { ByteSource, Bytes, NamedBytes } from "#src/domain/byteSource.ts";
import type { CancelSignal } from "#src/domain/cancel.ts";
import type { CsvColumns, CsvQuestion, CtfEstimate, CtfTable } from "#src/domain/ctf.ts";
import { CryoloupeError, fromFailure, toFailure } from "#src/domain/errors.ts";
import type { Failure } from "#src/domain/errors.ts";
import { csvQuestion, guessColumns, readCsvCtf } from "./csvCtf.ts";
import { findDelimiter, readCsvText } from "./csvText.ts";
import {
  iceRingDensities,
  isAverageProfile,
  isCtffindText,
  readCtffindText,
} from "./ctffindText.ts";
import { isXmipp2Param, readXmipp2Param } from "./ctfparam.ts";
import { failureOf, readNumber } from "./ctfRow.ts";
import type { CtfPart, CtfRow } from "./ctfRow.ts";
import { readCryosparcCtf } from "./cryosparcCtf.ts";
import { isFinalValuesLog, readFinalValuesLog } from "./finalValuesLog.ts";
import { isNpy } from "./npyTable.ts";
import { namedCtfModels, readStarCtf, stem } from "./starCtf.ts";
import type { StarTable } from "../star/starTable.ts";
import { decodeText } from "./textFile.ts";
import type { TextFile } from "./textFile.ts";
import { isWarpXml, readWarpXml } from "./warpXml.ts";

/** A table of a hundred thousand micrographs takes 30 MB. */
export const MAX_TABLE_BYTES = 512 * 1024 * 1024;

/** CTF estimates with the way back to their files. */
export interface CtfDocument {
  readonly table: CtfTable;
  /** Files that could not be read, when others could: one never stops the rest. */
  readonly refused: readonly Failure[];
  /** The input files cut to the given rows of the table. */
  cut(rows: readonly number[]): NamedBytes[];
  /** See {@link CtfPart.micrographs}. */
  readonly micrographs?: (rows: readonly number[]) => StarTable[];
}

export interface OpenCtfOptions {
  readonly signal?: CancelSignal;
  /** Meaning of the columns of CSV tables, where it was asked for. */
  readonly csvColumns?: CsvColumns;
  /** Finds a file that a table names, e.g. the `.ctfparam` of an Xmipp table. */
  readonly resolve?: (path: string) => Promise<ByteSource | null>;
}

export type OpenedCtf =
  | { readonly kind: "document"; readonly document: CtfDocument }
  | { readonly kind: "question"; readonly question: CsvQuestion };

/** What a file is, by its content. */
export type CtfKind =
  "cryosparc" | "star" | "xmipp2" | "warp" | "ctffind" | "average-profile" | "log" | "csv";

/** Recognises tables of CTF estimates by their content; null for anything else. */
export function recogniseCtf(bytes: Bytes): CtfKind | null {
  if (isNpy(bytes)) return "cryosparc";
  const source = decodeText(bytes);
  if (source === null) return null;
  return recogniseText(source.text);
}

/**
 * Whether a file is a table of CTF estimates, or belongs to one, by its first bytes: other STAR files (of
 * motion, of movies) are not.
 */
export function holdsCtf(head: Bytes): boolean {
  const kind = recogniseCtf(head);
  if (kind !== "star") return kind !== null;
  return /^\s*_\w*(?:defocus|ctf_?model)/im.test(new TextDecoder().decode(head));
}

function recogniseText(text: string): CtfKind | null {
  if (isWarpXml(text)) return "warp";
  if (/^\uFEFF?\s*</.test(text)) return null;
  if (/^data_\S*\s*$/m.test(text) || /^#\s*XMIPP_STAR/m.test(text)) return "star";
  if (isXmipp2Param(text)) return "xmipp2";
  if (isAverageProfile(text)) return "average-profile";
  if (isFinalValuesLog(text)) return "log";
  if (isCtffindText(text)) return "ctffind";
  const delimiter = findDelimiter(text);
  return delimiter !== null && hasNumbers(text, delimiter) ? "csv" : null;
}

/** A table has a column of numbers; sentences with commas have none. */
function hasNumbers(text: string, delimiter: string): boolean {
  const head = text.split(/\r\n|\n|\r/, 30).join("\n");
  const { rows } = readCsvText(head, delimiter);
  const width = rows.reduce((a, r) => Math.max(a, r.length), 0);
  for (let c = 0; c < width; c++) {
    const numbers = rows.filter((r) => !Number.isNaN(readNumber(r[c] ?? ""))).length;
    if (numbers > 0 && numbers >= 0.5 * rows.length) return true;
  }
  return false;
}

interface TextInput {
  readonly file: string;
  readonly source: TextFile;
  readonly kind: CtfKind;
}

/**
 * Opens one or many files of CTF estimates as one table, whatever program wrote them. A CSV table whose columns
 * are not certain becomes a question; open it again with `csvColumns`.
 */
export async function openCtf(
  sources: readonly ByteSource[],
  options: OpenCtfOptions = {},
): Promise<OpenedCtf> {
  const refused: Failure[] = [];
  const attempt = async (file: string, work: () => Promise<void> | void): Promise<void> => {
    try {
      await work();
    } catch (error) {
      const failure = toFailure(error, { file });
      if (failure.code === "cancelled") throw error;
      refused.push(failure);
    }
  };
  const cryosparc: { file: string; bytes: Bytes }[] = [];
  const texts: TextInput[] = [];
  for (const source of sources)
    await attempt(source.name, async () => {
      const bytes = await readWhole(source, options.signal);
      if (isNpy(bytes)) {
        cryosparc.push({ file: source.name, bytes });
        return;
      }
      const text = decodeText(bytes);
      const kind = text === null ? null : recogniseText(text.text);
      if (text === null || kind === null) throw notATable(source.name, bytes);
      texts.push({ file: source.name, source: text, kind });
    });

  const parts: CtfPart[] = [];
  if (cryosparc.length > 0)
    await attempt(cryosparc[0].file, () => void parts.push(...readCryosparcCtf(cryosparc)));
  const models = new Map<string, CtfRow>();
  const modelFiles = await findModels(texts, models, options);
  let question: CsvQuestion | null = null;
  for (const input of texts) {
    if (modelFiles.has(input.file)) continue;
    await attempt(input.file, () => {
      if (input.kind !== "csv") {
        const part = readText(input, texts, models);
        if (part !== null) parts.push(part);
        return;
      }
      const delimiter = findDelimiter(input.source.text) ?? ",";
      const csv = readCsvText(input.source.text, delimiter);
      const { guess, reason } = guessColumns(csv);
      if (reason !== null && options.csvColumns === undefined)
        question ??= csvQuestion(csv, input.file, guess, reason);
      else parts.push(readCsvCtf(input.source, input.file, delimiter, options.csvColumns ?? guess));
    });
  }
  if (question !== null) return { kind: "question", question };
  if (parts.length === 0) {
    if (refused.length > 0) throw fromFailure(refused[0]);
    throw new CryoloupeError(
      "unsupported-format",
      `${sources.map((s) => s.name).join(", ")}: only rotational averages were given; open CTFFIND's .txt files with them.`,
    );
  }
  return { kind: "document", document: { ...joinParts(parts), refused } };
}

async function readWhole(source: ByteSource, signal?: CancelSignal): Promise<Bytes> {
  if (source.size > MAX_TABLE_BYTES)
    throw new CryoloupeError(
      "limit-exceeded",
      `${source.name} has ${source.size} bytes; a table of CTF estimates has at most ${MAX_TABLE_BYTES}. Open the table of micrographs, not of particles.`,
      { file: source.name },
    );
  return await source.read(0, source.size, signal);
}

/** Begins cryoSPARC's compressed form of a table, which its tools send over the network. */
const COMPRESSED_TABLE = [0x94, ...Array.from("CSDAT", (c) => c.charCodeAt(0))];

function notATable(file: string, bytes: Bytes): CryoloupeError {
  if (COMPRESSED_TABLE.every((byte, i) => bytes[i] === byte))
    return new CryoloupeError(
      "unsupported-format",
      `${file} is a compressed table of cryoSPARC's tools; a .cs file as jobs write it was expected. Save it with the format "numpy", or open the job's own file.`,
      { file },
    );
  return new CryoloupeError(
    "unsupported-format",
    `${file} is no table of CTF estimates: ${bytes.length === 0 ? "it is empty" : "its content is none of RELION, Xmipp, CTFFIND, Gctf, cryoSPARC, Warp, cisTEM or CSV"}. Open the table that the CTF job wrote, e.g. micrographs_ctf.star.`,
    { file },
  );
}

function readText(
  input: TextInput,
  all: readonly TextInput[],
  models: ReadonlyMap<string, CtfRow>,
): CtfPart | null {
  const { file, source, kind } = input;
  switch (kind) {
    case "star":
      return readStarCtf(source, file, models);
    case "xmipp2":
      return readXmipp2Param(source, file);
    case "warp":
      return readWarpXml(source, file);
    case "log":
      return readFinalValuesLog(source, file);
    case "ctffind": {
      const profile = all.find(
        (t) => t.kind === "average-profile" && stem(t.file) === `${stem(file)}_avrot`,
      );
      const ice = profile === undefined ? undefined : iceRingDensities(profile.source.text);
      return readCtffindText(source, file, ice);
    }
    case "average-profile":
    case "cryosparc":
    case "csv":
      return null;
  }
}

/** Reads the `.ctfparam` files that Xmipp tables name; returns those among the inputs, which are no tables of their own then. */
async function findModels(
  texts: readonly TextInput[],
  models: Map<string, CtfRow>,
  options: OpenCtfOptions,
): Promise<ReadonlySet<string>> {
  const used = new Set<string>();
  const named = texts
    .filter((t) => t.kind === "star")
    .flatMap((t) => namedCtfModels(t.source.text, t.file));
  for (const path of new Set(named)) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const given = texts.find((t) => t.file === name);
    if (given !== undefined) used.add(name);
    const source = given?.source ?? (await readNamed(path, options));
    if (source === null) continue;
    const part = isXmipp2Param(source.text)
      ? readXmipp2Param(source, name)
      : readStarCtf(source, name, new Map());
    if (part.rows.length > 0) models.set(name, part.rows[0]);
  }
  return used;
}

async function readNamed(path: string, options: OpenCtfOptions): Promise<TextFile | null> {
  const file = (await options.resolve?.(path)) ?? null;
  if (file === null) return null;
  const bytes = await file.read(0, file.size, options.signal);
  await file.close?.();
  return decodeText(bytes);
}

/** Å below which a resolution is a placeholder: WarpTools writes 1e-6, Gctf 0, where they have none. */
const SMALLEST_RESOLUTION_A = 0.1;

function statedResolution(value: number | null): number | null {
  return value !== null && value < SMALLEST_RESOLUTION_A ? null : value;
}

/** Joins parts into one table whose rows are numbered through, and cuts each part by its own rows. */
export function joinParts(parts: readonly CtfPart[]): CtfDocument {
  const estimates: CtfEstimate[] = [];
  const starts: number[] = [];
  for (const part of parts) {
    starts.push(estimates.length);
    for (const row of part.rows)
      estimates.push({
        ...row,
        row: estimates.length,
        failure: failureOf(row),
        resolutionA: statedResolution(row.resolutionA),
      });
  }
  const names = [...new Set(parts.map((p) => p.formatName))];
  const optics = parts.find((p) => p.optics.pixelSizeA !== null)?.optics ?? parts[0].optics;
  const sizes = new Set(parts.map((p) => p.optics.pixelSizeA).filter((s) => s !== null));
  const warnings = parts.flatMap((p) => p.warnings);
  if (sizes.size > 1)
    warnings.push(
      `The files state ${sizes.size} different pixel sizes: ${[...sizes].join(", ")} Å.`,
    );
  return {
    refused: [],
    table: {
      format: parts[0].format,
      formatName: names.join(" and "),
      files: parts.flatMap((p) => p.files),
      estimates,
      optics,
      warnings:
        warnings.length > 20
          ? [...warnings.slice(0, 20), `${warnings.length - 20} more warnings.`]
          : warnings,
    },
    cut: (rows) =>
      parts.flatMap((part, p) => {
        const own = rows
          .filter((r) => r >= starts[p] && r < starts[p] + part.rows.length)
          .map((r) => r - starts[p])
          .sort((a, b) => a - b);
        return own.length > 0 ? part.cut(own) : [];
      }),
    ...(parts.length === 1 && parts[0].micrographs !== undefined
      ? { micrographs: parts[0].micrographs }
      : {}),
  };
}
