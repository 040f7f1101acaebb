import { access, readFile, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { CryoloupeError, toFailure } from "#src/domain/errors.ts";
import type { Failure } from "#src/domain/errors.ts";
import { parsePreprocessRecipe, requireRunnable } from "#src/domain/preprocessCheck.ts";
import type { MicrographResult } from "#src/domain/preprocessPreview.ts";
import { preprocessSummary } from "#src/domain/preprocessText.ts";
import type { PreprocessRecipe } from "#src/domain/preprocess.ts";
import { readMicrographTable } from "#src/formats/micrographTable.ts";
import type { MicrographTable } from "#src/formats/micrographTable.ts";
import { createMrcWriter } from "#src/formats/mrc/writeMrc.ts";
import { parseStar } from "#src/formats/star/parseStar.ts";
import { preprocessBatch } from "#src/pipeline/preprocessBatch.ts";
import type { MicrographSource } from "#src/pipeline/preprocessBatch.ts";
import type { PreprocessedMicrograph } from "#src/pipeline/preprocessMicrograph.ts";
import {
  freeResultName,
  micrographResult,
  preprocessTexts,
  resultMrcOptions,
} from "#src/pipeline/preprocessOutputs.ts";
import type { Command, CommandContext, CommandResult } from "./command.ts";
import { openMovieInput } from "./movieInput.ts";
import { openBackend } from "./openBackend.ts";
import { openResultFolder } from "./resultFolder.ts";
import type { ResultFolder } from "./resultFolder.ts";
import { listPaths, watchOptions, watchPaths } from "./watchPaths.ts";

/** `preprocess MIC… --ops FILE.json`: the ten operations, in the protocol's order. */
export const preprocessCommand: Command = {
  name: "preprocess",
  operands: "MICROGRAPH… --ops FILE.json --out DIR",
  summary: `Applies up to ten operations to micrographs, always in this order: crop, log, badPixels,
invert, downsample, denoise, gaussian, highPass, lowPass, normalize. Micrographs are image files (MRC,
TIFF, DM), folders of them, or tables that name them (.star, .xmd). FILE.json switches operations on; missing numbers take
the protocol's defaults:
  {"crop": {"pixels": 10}, "log": {"a": 4.431, "b": 0.402, "c": 336.6}, "badPixels": {"stddev": 5},
   "invert": {}, "downsample": {"factor": 2}, "denoise": {"iterations": 50}, "gaussian": {"sigma": 2},
   "highPass": {"cutoff": 0.002, "transition": 0.001}, "lowPass": {"cutoff": 0.4, "transition": 0.001},
   "normalize": {}, "parity": "xmipp"}`,
  options: [
    { name: "ops", value: "FILE.json", help: "The operations; or the JSON itself." },
    { name: "out", value: "DIR", help: "Folder for the results." },
    { name: "pixel-size", value: "Å", help: "Pixel size, instead of the header's." },
    ...watchOptions,
  ],
  run: runPreprocess,
};

interface CliMicrograph extends MicrographSource {
  readonly outputName: string;
  readonly row: number | null;
  /** Named by the user, by itself or in a table; else found in a folder, where movies may lie too. */
  readonly asked: boolean;
}

interface Published {
  readonly micrograph: CliMicrograph;
  readonly result: MicrographResult;
}

async function runPreprocess(context: CommandContext): Promise<CommandResult> {
  const out = context.text("out");
  const ops = context.text("ops");
  if (context.files.length === 0 || out === undefined || ops === undefined)
    throw new CryoloupeError(
      "bad-arguments",
      "preprocess takes micrographs, --ops FILE.json and --out DIR.",
    );
  const recipe = await readRecipe(ops);
  requireRunnable(recipe);
  const { micrographs, table, failures, add } = await listMicrographs(context, out);
  // Inputs are added as they come, so that no result is ever written over one.
  const inputs = [...context.files, ...micrographs.map((micrograph) => micrograph.name)];
  const folder = await openResultFolder(out, inputs);
  const backend = await openBackend(context.backendChoice);
  const published: Published[] = [];
  const watching = context.flag("watch");
  // Lanes finish in any order; the tables keep the order of the input.
  const writeTables = async (): Promise<void> => {
    const order = new Map(micrographs.map((micrograph, i) => [micrograph, i]));
    published.sort((a, b) => (order.get(a.micrograph) ?? 0) - (order.get(b.micrograph) ?? 0));
    const texts = preprocessTexts(
      published.map(({ micrograph, result }) => ({
        result,
        path: join(out, micrograph.outputName),
        row: micrograph.row,
      })),
      recipe,
      table,
    );
    for (const [name, content] of texts) await folder.write(name, content);
  };
  // While micrographs come, the tables are kept up to date, one writing after the other.
  let writing = Promise.resolve();
  let written = -Infinity;
  const keepTables = (): void => {
    if (!watching || Date.now() - written < TABLE_EVERY_MS) return;
    written = Date.now();
    writing = writing.then(writeTables);
    writing.catch(() => undefined);
  };
  const passedOver: string[] = [];
  const failed = new Map<CliMicrograph, Failure>();
  try {
    context.say(`${backend.info.name}: ${backend.info.reason}`);
    await preprocessBatch(
      watching ? arriving(context, out, { micrographs, inputs, failed, add }) : micrographs,
      recipe,
      { backend, signal: context.signal, log: context.say },
      {
        onDone: async (micrograph, done) => {
          const { outputName, name } = micrograph;
          await writeMicrograph(folder, outputName, done, recipe);
          const result = micrographResult(done, { fileId: name, input: name, output: outputName });
          published.push({ micrograph, result });
          for (const warning of result.warnings) context.say(warning);
          context.say(
            `${outputName}: ${published.length} of ${micrographs.length}${watching ? " so far" : ""}, ${result.width} × ${result.height} px`,
          );
          keepTables();
        },
        onFailed: (micrograph, failure) => {
          if (!micrograph.asked && failure.code === "unsupported-format")
            passedOver.push(micrograph.name);
          else failed.set(micrograph, failure);
          context.say(failure.message);
        },
      },
    );
  } finally {
    await backend.dispose();
  }
  failures.push(...failed.values());
  if (published.length === 0 && failures.length > 0) throw failureError(failures);
  if (published.length === 0)
    throw new CryoloupeError(
      "not-enough-data",
      `${context.files.join(", ")} ${watching ? "brought" : "holds"} no micrograph${passedOver.length > 0 ? `; ${passedOver.length} files are movies or no images` : ""}. Micrographs are .mrc, .tif, .dm3 and .dm4 files of one frame.`,
    );
  await writing;
  await writeTables();
  return {
    json: {
      micrographs: published.map(({ micrograph, result }) => ({
        file: micrograph.outputName,
        input: micrograph.name,
        width: result.width,
        height: result.height,
        pixelSizeA: result.pixelSizeA,
        cropOffsetPx: result.cropOffsetPx,
        mean: result.report.statistics.mean,
        std: result.report.statistics.std,
        min: result.report.statistics.min,
        max: result.report.statistics.max,
        badPixels: result.report.badPixels,
        undefinedLogarithms: result.report.undefinedLogarithms,
        warnings: result.warnings,
      })),
      failed: failures.map(({ file, code, message }) => ({ file: file ?? null, code, message })),
      passedOver,
      summary: preprocessSummary(recipe),
    },
    failed: failures.length > 0,
  };
}

function failureError(failures: readonly Failure[]): CryoloupeError {
  const [first] = failures;
  const rest = failures.length - 1;
  const others = rest === 0 ? "" : ` ${rest} other ${rest === 1 ? "file" : "files"} failed too.`;
  return new CryoloupeError(first.code, `${first.message}${others}`);
}

/** A recipe from a file, or from the JSON itself. */
export async function readRecipe(ops: string): Promise<PreprocessRecipe> {
  const inline = ops.trimStart().startsWith("{");
  const text = inline
    ? ops
    : await readFile(ops, "utf8").catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        throw new CryoloupeError("bad-arguments", `--ops ${ops} could not be read: ${reason}.`);
      });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CryoloupeError(
      "bad-arguments",
      `--ops ${inline ? "" : `${ops} `}is no JSON: ${reason}. An object like {"normalize": {}} is expected.`,
    );
  }
  return parsePreprocessRecipe(json);
}

/** Micrographs in a folder, by name. */
const MICROGRAPH_NAMES = /\.(?:mrc|tiff?|dm[34])$/i;
const TABLE_EVERY_MS = 2000;

type AddMicrograph = (
  path: string,
  pixelSizeA: number | null,
  row: number | null,
  asked: boolean,
) => CliMicrograph;

/**
 * Those that are there, then new ones as they come. Each is processed once; one that failed has another try when
 * its file has changed, for it may have been copied only in part.
 */
async function* arriving(
  context: CommandContext,
  out: string,
  {
    micrographs,
    inputs,
    failed,
    add,
  }: {
    readonly micrographs: readonly CliMicrograph[];
    readonly inputs: string[];
    readonly failed: Map<CliMicrograph, Failure>;
    readonly add: AddMicrograph;
  },
): AsyncGenerator<CliMicrograph> {
  const known = new Map(micrographs.map((micrograph) => [resolve(micrograph.name), micrograph]));
  yield* [...micrographs];
  const { batches } = watchPaths(context, { wanted: MICROGRAPH_NAMES, except: out });
  for await (const batch of batches)
    for (const path of batch) {
      if (TABLE_NAMES.test(path)) continue;
      const older = known.get(resolve(path));
      if (older !== undefined) {
        if (failed.delete(older)) yield older;
        continue;
      }
      const fresh = add(path, null, null, false);
      known.set(resolve(path), fresh);
      inputs.push(path);
      yield fresh;
    }
}

const TABLE_NAMES = /\.(?:star|xmd)$/i;

/** The files and the entries of tables, each with a result name of its own; `add` takes what comes later. */
async function listMicrographs(
  context: CommandContext,
  out: string,
): Promise<{
  readonly micrographs: CliMicrograph[];
  readonly table: MicrographTable | null;
  readonly failures: Failure[];
  readonly add: AddMicrograph;
}> {
  const override = context.number("pixel-size");
  if (override !== undefined && !(override > 0))
    throw new CryoloupeError("bad-arguments", `--pixel-size must be above 0 Å, not ${override}.`);
  const micrographs: CliMicrograph[] = [];
  const failures: Failure[] = [];
  const taken = new Set<string>();
  let table: MicrographTable | null = null;
  const add: AddMicrograph = (path, pixelSizeA, row, asked) => {
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
    return micrograph;
  };
  for (const file of context.files) {
    if (await isFolder(file)) {
      // With --watch, what lies in a folder comes through the watch as well, when it has held still.
      if (!context.flag("watch"))
        for (const path of await listPaths([file], { wanted: MICROGRAPH_NAMES, except: out }))
          add(path, null, null, false);
      continue;
    }
    if (!TABLE_NAMES.test(file)) {
      add(file, null, null, true);
      continue;
    }
    try {
      const read = readMicrographTable(parseStar(await readText(file), file), file);
      // With several tables the rows have no single origin: a fresh table is written then.
      table = context.files.length === 1 ? read : null;
      for (const entry of read.entries)
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
  return { micrographs, table, failures, add };
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

/** Writes a result under its name, complete or not at all. */
export async function writeMicrograph(
  folder: ResultFolder,
  name: string,
  result: PreprocessedMicrograph,
  recipe: PreprocessRecipe,
): Promise<void> {
  const file = await folder.create(name);
  try {
    const writer = await createMrcWriter(file, { ...resultMrcOptions(result, recipe), frames: 1 });
    await writer.write(result.pixels);
    await writer.finish();
    await file.commit();
  } finally {
    await file.discard();
  }
}
