import type { MicrographResult } from "../preprocessPreview.ts";
import { resultPath } from "./resultLayout.ts";

/** Name in `micrographs/` of what tells how each was made. */
export const PROCESSED_TABLE = "preprocess.json";

/**
 * The micrographs that a `preprocess.json` tells of, by the path of each from the results folder: page and
 * command write them there, the page with the folder in front and the command without. What is no result
 * is passed over.
 */
export function readProcessed(text: string): ReadonlyMap<string, MicrographResult> {
  const found = new Map<string, MicrographResult>();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return found;
  }
  const list: unknown = (json as { micrographs?: unknown } | null)?.micrographs;
  if (!Array.isArray(list)) return found;
  for (const value of list) {
    const entry = value as Partial<MicrographResult> | null;
    const { output, width, height, report } = entry ?? {};
    if (typeof output !== "string" || typeof report !== "object") continue;
    if (typeof width !== "number" || typeof height !== "number") continue;
    const name = output.slice(output.lastIndexOf("/") + 1);
    const whole = { pixelSizeA: null, cropOffsetPx: 0, warnings: [], ...entry } as MicrographResult;
    found.set(resultPath("micrographs", name), { ...whole, fileId: "", input: entry?.input ?? "" });
  }
  return found;
}
