import type { PreprocessRecipe } from "#src/domain/preprocess.ts";
import { recipeToJson } from "#src/domain/preprocessCheck.ts";
import type { MicrographResult } from "#src/domain/preprocessPreview.ts";
import { preprocessSummary } from "#src/domain/preprocessText.ts";
import { APP_VERSION } from "#src/domain/version.ts";
import { processedStar, processedXmd } from "#src/formats/micrographTable.ts";
import type { MicrographTable } from "#src/formats/micrographTable.ts";
import { mrcSampleTypeFor } from "#src/formats/mrc/writeMrc.ts";
import type { MrcSampleType, MrcWriteOptions } from "#src/formats/mrc/writeMrc.ts";
import { PROCESSED_TABLE } from "#src/domain/records/readProcessed.ts";
import { writeStar } from "#src/formats/star/writeStar.ts";
import { writeXmd } from "#src/formats/xmd/writeXmd.ts";
import type { PreprocessedMicrograph } from "./preprocessMicrograph.ts";

/** How a result is written: its own sample type, its pixel size, what was done in the labels. */
export function resultMrcOptions(
  result: PreprocessedMicrograph,
  recipe: PreprocessRecipe,
): Omit<MrcWriteOptions, "frames"> {
  return {
    width: result.width,
    height: result.height,
    sampleType: sampleTypeOf(result),
    pixelSizeA: result.pixelSizeA,
    labels: [`Cryoloupe ${APP_VERSION}: preprocessed`, ...preprocessSummary(recipe).slice(0, 9)],
  };
}

function sampleTypeOf({ pixels }: PreprocessedMicrograph): MrcSampleType {
  if (pixels instanceof Int8Array) return mrcSampleTypeFor("int8");
  if (pixels instanceof Uint8Array) return mrcSampleTypeFor("uint8");
  if (pixels instanceof Int16Array) return mrcSampleTypeFor("int16");
  if (pixels instanceof Uint16Array) return mrcSampleTypeFor("uint16");
  return "float32";
}

/** The result as plain data, without its pixels. */
export function micrographResult(
  { pixels: _pixels, file: _file, pixelSizeYA: _pixelSizeYA, ...result }: PreprocessedMicrograph,
  names: { readonly fileId: string; readonly input: string; readonly output: string },
): MicrographResult {
  return { ...names, ...result };
}

/** A name `<base>.mrc` that is not taken yet: inputs of different folders may share a name. */
export function freeResultName(path: string, taken: Set<string>): string {
  const name = path.split(/[/\\]/).at(-1) ?? path;
  const base = name.replace(/\.(gz|bz2|zst)$/i, "").replace(/\.[^.]+$/, "");
  let free = `${base}.mrc`;
  for (let n = 2; taken.has(free); n++) free = `${base}_${n}.mrc`;
  taken.add(free);
  return free;
}

/** A result with the row of the input table that it came from. */
export interface TabledResult {
  readonly result: MicrographResult;
  /** The output as it shall stand in the tables. */
  readonly path: string;
  readonly row: number | null;
}

/** The three text files beside the micrographs: name and content. */
export function preprocessTexts(
  results: readonly TabledResult[],
  recipe: PreprocessRecipe,
  table: MicrographTable | null,
  /** Of the microscope, where the micrographs come without a table; null = not known. */
  voltageKv: number | null = null,
): readonly (readonly [name: string, content: string])[] {
  const entries = results.map(({ result, path, row }) => ({
    path,
    inputPixelSizeA: result.pixelSizeA === null ? null : result.pixelSizeA / result.report.factorX,
    pixelSizeA: result.pixelSizeA,
    factor: result.report.factorX,
    cropOffsetPx: result.cropOffsetPx,
    row,
  }));
  const provenance = {
    program: `Cryoloupe ${APP_VERSION}`,
    operations: recipeToJson(recipe),
    summary: preprocessSummary(recipe),
    micrographs: results.map(({ result: { fileId: _fileId, ...rest } }) => rest),
  };
  return [
    ["micrographs.star", writeStar(processedStar(table, entries, voltageKv))],
    ["micrographs.xmd", writeXmd(processedXmd(table, entries))],
    [PROCESSED_TABLE, `${JSON.stringify(provenance, null, 1)}\n`],
  ];
}
