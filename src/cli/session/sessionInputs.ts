import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { readReference } from "#src/pipeline/readReference.ts";
import type { OrientReference } from "#src/pipeline/orientGain.ts";
import type { CommandContext } from "../command.ts";
import { openDefects } from "../movieCorrections.ts";
import { openNodeFile } from "../nodeByteSource.ts";
import { optionLookup } from "../optionContext.ts";
import type { SessionRun } from "./runSession.ts";

/** What tells whether a file is still the same. */
export async function identityOf(path: string | null): Promise<unknown> {
  if (path === null) return null;
  const { size, mtimeMs } = await stat(path).catch(() => ({ size: -1, mtimeMs: 0 }));
  return [basename(path), size, Math.round(mtimeMs)];
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
