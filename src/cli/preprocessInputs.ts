import { access, readFile, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { CryoloupeError, toFailure } from "#src/domain/errors.ts";
import type { Failure } from "#src/domain/errors.ts";
import { readMicrographTable } from "#src/formats/micrographTable.ts";
import type { MicrographTable } from "#src/formats/micrographTable.ts";
import { parseStar } from "#src/formats/star/parseStar.ts";
import type { MicrographSource } from "#src/pipeline/preprocessBatch.ts";
import { freeResultName } from "#src/pipeline/preprocessOutputs.ts";
import type { CommandContext } from "./command.ts";
import { openMovieInput } from "./movieInput.ts";
import { listPaths, watchPaths } from "./watchPaths.ts";

export interface CliMicrograph extends MicrographSource {
  readonly outputName: string;
  /** Its row of the table, which may change when the table is written anew. */
  row: number | null;
  /** Named by the user, by itself or in a table; else found in a folder, where movies may lie too. */
  readonly asked: boolean;
}

/** What is to be processed, and what a growing folder or table adds to it. */
export interface ListedMicrographs {
  readonly micrographs: readonly CliMicrograph[];
  readonly failures: Failure[];
  /** Every input, those added later too, so that no result is ever written over one. */
  readonly inputs: string[];
  /** The table that the rows are of, as it was read last; null = rows have no single origin. */
  readonly table: () => MicrographTable | null;
  readonly add: (
    path: string,
    pixelSizeA: number | null,
    row: number | null,
    asked: boolean,
  ) => CliMicrograph;
  /** Reads a table that was named on the command line. */
  readonly readTable: (file: string) => Promise<MicrographTable>;
}

/** Micrographs in a folder, by name. */
const MICROGRAPH_NAMES = /\.(?:mrc|tiff?|dm[34])$/i;
const TABLE_NAMES = /\.(?:star|xmd)$/i;

/** The files and the entries of tables, each with a result name of its own; what is watched comes later. */
export async function listMicrographs(
  context: CommandContext,
  out: string,
): Promise<ListedMicrographs> {
  const override = context.number("pixel-size");
  if (override !== undefined && !(override > 0))
    throw new CryoloupeError("bad-arguments", `--pixel-size must be above 0 Å, not ${override}.`);
  const watching = context.flag("watch");
  const micrographs: CliMicrograph[] = [];
  const failures: Failure[] = [];
  const inputs = [...context.files];
  const taken = new Set<string>();
  let table: MicrographTable | null = null;
  const add: ListedMicrographs["add"] = (path, pixelSizeA, row, asked) => {
    const size = override ?? pixelSizeA;
    const outputName = freeResultName(path, taken);
    if (outputName !== `${basename(path, extname(path))}.mrc`)
      context.say(`${path}: another input has the same name; the result is called ${outputName}.`);
    const micrograph = {
      name: path,
      outputName,
      row,
      asked,
      ...(size === null ? {} : { pixelSizeA: size }),
      open: () => openMovieInput(path, context),
    };
    micrographs.push(micrograph);
    inputs.push(path);
    return micrograph;
  };
  const readTable: ListedMicrographs["readTable"] = async (file) => {
    const read = readMicrographTable(parseStar(await readText(file), file), file);
    // With several inputs the rows have no single origin: a fresh table is written then.
    table = context.files.length === 1 ? read : null;
    return read;
  };
  for (const file of context.files) {
    const isTable = TABLE_NAMES.test(file);
    const folder = await isFolder(file);
    // With --watch these come through the watch, when they have held still.
    if (watching && (isTable || folder)) continue;
    if (folder)
      for (const path of await listPaths([file], { wanted: MICROGRAPH_NAMES, except: out }))
        add(path, null, null, false);
    else if (!isTable) add(file, null, null, true);
    else
      try {
        const { entries } = await readTable(file);
        for (const entry of entries)
          add(
            await locate(entry.path, file),
            entry.pixelSizeA,
            table === null ? null : entry.row,
            true,
          );
      } catch (error) {
        failures.push(toFailure(error, { file }));
      }
  }
  if (micrographs.length === 0 && failures.length > 0) throw failureError(failures);
  return { micrographs, failures, inputs, table: () => table, add, readTable };
}

export function failureError(failures: readonly Failure[]): CryoloupeError {
  const [first] = failures;
  const rest = failures.length - 1;
  const others = rest === 0 ? "" : ` ${rest} other ${rest === 1 ? "file" : "files"} failed too.`;
  return new CryoloupeError(first.code, `${first.message}${others}`);
}

/** A row of a watched table: the micrograph that it names may not be there yet. */
interface NamedMicrograph {
  readonly table: string;
  readonly path: string;
  readonly pixelSizeA: number | null;
  readonly row: number;
}

/**
 * Those that are there, then new ones as they come: into folders, or as rows of tables that grow. A micrograph
 * that a table names is waited for until it is there and has held still. Each is processed once; one that failed
 * has another try when its file has changed, for it may have been copied only in part. What is named and never
 * came is a failure.
 */
export async function* arriving(
  context: CommandContext,
  out: string,
  { micrographs, failures, table, add, readTable }: ListedMicrographs,
  failed: Map<CliMicrograph, Failure>,
): AsyncGenerator<CliMicrograph> {
  const known = new Map(micrographs.map((micrograph) => [resolve(micrograph.name), micrograph]));
  const named = new Map<string, NamedMicrograph>();
  const unreadable = new Map<string, Failure>();
  yield* [...micrographs];
  const rowOf = (row: number): number | null => (table() === null ? null : row);

  const readAgain = async (file: string): Promise<void> => {
    let entries: readonly NamedMicrograph[];
    try {
      entries = (await readTable(file)).entries.map((entry) => ({ ...entry, table: file }));
      unreadable.delete(file);
    } catch (error) {
      // It may be in the middle of being written: it is read again when it has changed.
      const failure = toFailure(error, { file });
      unreadable.set(file, failure);
      context.say(failure.message);
      return;
    }
    for (const [path, { table: of }] of named) if (of === file) named.delete(path);
    const rows = new Map<string, number>();
    for (const entry of entries) {
      const path = resolve(await locate(entry.path, file));
      rows.set(path, entry.row);
      if (!known.has(path)) named.set(path, entry);
    }
    // Rows may have moved.
    for (const [path, micrograph] of known) {
      const row = rows.get(path);
      if (row !== undefined) micrograph.row = rowOf(row);
      else if (table() !== null) micrograph.row = null;
    }
  };

  /** Where the micrographs that are waited for lie, or will: a folder above the table may be made later. */
  const awaited = async (): Promise<readonly string[]> => {
    const paths: string[] = [];
    for (const [path, entry] of [...named]) {
      const now = resolve(await locate(entry.path, entry.table));
      if (now !== path) {
        named.delete(path);
        named.set(now, entry);
      }
      paths.push(now);
    }
    return paths;
  };

  const { batches } = watchPaths(context, {
    wanted: MICROGRAPH_NAMES,
    except: out,
    also: awaited,
  });
  for await (const batch of batches)
    for (const path of batch) {
      if (TABLE_NAMES.test(path)) {
        await readAgain(path);
        continue;
      }
      const place = resolve(path);
      const older = known.get(place);
      if (older !== undefined) {
        if (failed.delete(older)) yield older;
        continue;
      }
      const entry = named.get(place);
      named.delete(place);
      const fresh =
        entry === undefined
          ? add(path, null, null, false)
          : add(path, entry.pixelSizeA, rowOf(entry.row), true);
      known.set(place, fresh);
      yield fresh;
    }
  failures.push(...unreadable.values());
  for (const { path, table: file } of named.values())
    failures.push(
      toFailure(
        new CryoloupeError(
          "permission-denied",
          `${file} names ${path}, which was not there when the stream was closed.`,
          { file: path },
        ),
      ),
    );
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
}

async function readText(file: string): Promise<string> {
  return await readFile(file, "utf8").catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CryoloupeError("permission-denied", `${file} could not be opened: ${reason}.`, {
      file,
      cause: error,
    });
  });
}

/** Paths in tables are relative to a project folder: here, the table's folder, or one above it. */
async function locate(path: string, table: string): Promise<string> {
  const exists = (candidate: string): Promise<boolean> =>
    access(candidate).then(
      () => true,
      () => false,
    );
  if (await exists(path)) return path;
  for (let folder = dirname(resolve(table)); ; folder = dirname(folder)) {
    const candidate = join(folder, path);
    if (await exists(candidate)) return candidate;
    if (dirname(folder) === folder) break;
  }
  const beside = join(dirname(table), basename(path));
  return (await exists(beside)) ? beside : path;
}
