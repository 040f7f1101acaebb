import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { Failure } from "#src/domain/errors.ts";
import { parsePreprocessRecipe, requireRunnable } from "#src/domain/preprocessCheck.ts";
import type { MicrographResult } from "#src/domain/preprocessPreview.ts";
import { preprocessSummary } from "#src/domain/preprocessText.ts";
import type { PreprocessRecipe } from "#src/domain/preprocess.ts";
import { createMrcWriter } from "#src/formats/mrc/writeMrc.ts";
import { preprocessBatch } from "#src/pipeline/preprocessBatch.ts";
import type { PreprocessedMicrograph } from "#src/pipeline/preprocessMicrograph.ts";
import {
  micrographResult,
  preprocessTexts,
  resultMrcOptions,
} from "#src/pipeline/preprocessOutputs.ts";
import type { Command, CommandContext, CommandResult } from "./command.ts";
import { openBackend } from "./openBackend.ts";
import { openResultFolder } from "./resultFolder.ts";
import type { ResultFolder } from "./resultFolder.ts";
import { arriving, failureError, listMicrographs } from "./preprocessInputs.ts";
import type { CliMicrograph } from "./preprocessInputs.ts";
import { watchOptions } from "./watchPaths.ts";

/** `preprocess MIC… --ops FILE.json`: the ten operations, in the protocol's order. */
export const preprocessCommand: Command = {
  name: "preprocess",
  operands: "MICROGRAPH… --ops FILE.json --out DIR",
  summary: "Applies up to ten operations to micrographs, in the protocol's order.",
  computes: true,
  details: `The order is always this: crop, log, badPixels, invert, downsample, denoise, gaussian, highPass, lowPass, normalize. Micrographs are image files (MRC,
TIFF, DM), folders of them, or tables that name them (.star, .xmd); with --watch, folders and tables may
grow. FILE.json switches operations on; missing numbers take the protocol's defaults:
  {"crop": {"pixels": 10}, "log": {"a": 4.431, "b": 0.402, "c": 336.6}, "badPixels": {"stddev": 5},
   "invert": {}, "downsample": {"factor": 2}, "denoise": {"iterations": 50}, "gaussian": {"sigma": 2},
   "highPass": {"cutoff": 0.002, "transition": 0.001}, "lowPass": {"cutoff": 0.4, "transition": 0.001},
   "normalize": {}, "parity": "xmipp"}`,
  options: [
    { name: "ops", value: "FILE.json", help: "The operations; or the JSON itself." },
    { name: "out", value: "DIR", help: "Folder for the results." },
    { name: "pixel-size", value: "Å", help: "Pixel size, instead of the header's." },
    {
      name: "budget",
      value: "GIB",
      help: "Memory that images may take; a micrograph that needs more is refused.",
      fallback: "2",
    },
    ...watchOptions,
  ],
  run: runPreprocess,
};

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
  const watching = context.flag("watch");
  const listed = await listMicrographs(context, out);
  const { micrographs, failures, inputs } = listed;
  const folder = await openResultFolder(out, inputs);
  const budget = context.number("budget") ?? DEFAULT_BUDGET_GIB;
  if (!(budget > 0))
    throw new CryoloupeError("bad-arguments", `--budget must be above 0 GiB, not ${budget}.`);
  const opened = await openBackend(context.backendChoice);
  const backend = {
    ...opened,
    get info() {
      return { ...opened.info, budgetBytes: budget * 2 ** 30 };
    },
  };
  const published: Published[] = [];
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
      listed.table(),
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
      watching ? arriving(context, out, listed, failed) : micrographs,
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
    await opened.dispose();
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

const TABLE_EVERY_MS = 2000;
const DEFAULT_BUDGET_GIB = 2;

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
