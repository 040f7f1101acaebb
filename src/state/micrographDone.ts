import type { MovieRecord } from "#src/domain/records/movieRecord.ts";
import { formKey } from "./micrographSlice.ts";
import type { MicrographState } from "./micrographSlice.ts";
import type { KeySource } from "./stepKeys.ts";

/**
 * How a file's preprocessing stands: of this visit, else of an earlier one, as its record says; "no": it has no
 * result, "outdated": the operations, or what they worked on, have changed since.
 */
export function preprocessed(
  { madeWith, form }: Pick<MicrographState, "madeWith" | "form">,
  records: Readonly<Record<string, MovieRecord>>,
  keys: KeySource,
  fileId: string,
): "no" | "current" | "outdated" {
  const made: string | undefined = madeWith[fileId];
  if (made !== undefined) return made === formKey(form) ? "current" : "outdated";
  const result = records[fileId]?.steps.preprocess;
  if (result?.failure !== null) return "no";
  return result.key === keys(fileId).preprocess ? "current" : "outdated";
}
