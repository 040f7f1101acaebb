import { stat } from "node:fs/promises";
import { classifyFile } from "#src/formats/classify.ts";
import { textPrint } from "#src/math/contentPrint.ts";
import { readReference } from "#src/pipeline/readReference.ts";
import type { OrientReference } from "#src/pipeline/orientGain.ts";
import type { CommandContext } from "../command.ts";
import { defectListText, openDefects } from "../movieCorrections.ts";
import { openNodeFile } from "../nodeByteSource.ts";
import { optionLookup } from "../optionContext.ts";
import { cameraFileId } from "./pageTerms.ts";
import type { CameraFile } from "./pageTerms.ts";
import type { SessionRun } from "./runSession.ts";

/** Reads what a file of the camera holds; null = there is none. */
export async function cameraFile(
  path: string | null,
  directory: string,
): Promise<CameraFile | null> {
  const facts = path === null ? null : await stat(path).catch(() => null);
  if (path === null || facts === null) return null;
  return { id: cameraFileId(path, directory, facts), print: await contentOf(path) };
}

async function contentOf(path: string): Promise<string | null> {
  try {
    const text = await defectListText(path);
    if (text !== null) return textPrint(text);
    const { print } = await classifyFile(await openNodeFile(path));
    return print ?? null;
  } catch {
    return null;
  }
}

/** The reference with the defects of the list among its bad pixels. */
export async function openReference(
  { parameters: { gain, defects } }: SessionRun,
  context: CommandContext,
): Promise<OrientReference | null> {
  if (gain === null) return null;
  const reference = await readReference(await openNodeFile(gain), { signal: context.signal });
  if (defects === null) return reference;
  const maskOf = await openDefects(defects, context);
  const mask = maskOf(reference.width, reference.height, /\.tiff?$/i.test(gain));
  return { ...reference, bad: Uint8Array.from(mask, (v, i) => v | (reference.bad?.[i] ?? 0)) };
}

/** Options of `align` for movies of the session, with the gain that was chosen. */
export function alignContextOf(
  { parameters }: SessionRun,
  context: CommandContext,
  finalGainPath: string | null,
): CommandContext | null {
  if (parameters.alignValues === null) return null;
  const values = new Map([...parameters.movieValues, ...parameters.alignValues]);
  if (finalGainPath !== null) values.set("gain", finalGainPath);
  // With a reference its defects are among the bad pixels of the final gain.
  if (parameters.defects !== null && parameters.gain === null)
    values.set("defects", parameters.defects);
  if (parameters.dark !== null) values.set("dark", parameters.dark);
  return { ...context, ...optionLookup(values) };
}
