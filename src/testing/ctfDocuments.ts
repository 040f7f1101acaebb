import type { CtfTable } from "#src/domain/ctf.ts";
import { memorySource } from "#src/formats/memorySource.ts";
import { openCtf } from "#src/formats/ctf/openCtf.ts";
import type { CtfDocument, OpenCtfOptions } from "#src/formats/ctf/openCtf.ts";

export type CtfInput = string | Uint8Array<ArrayBuffer>;

/** Opens files given as text or bytes; a question counts as a failure. */
export async function openCtfFiles(
  files: Readonly<Record<string, CtfInput>>,
  options: OpenCtfOptions = {},
): Promise<CtfDocument> {
  const sources = Object.entries(files).map(([name, content]) =>
    memorySource(name, typeof content === "string" ? new TextEncoder().encode(content) : content),
  );
  const opened = await openCtf(sources, options);
  if (opened.kind === "question") throw new Error(`asks: ${opened.question.reason}`);
  return opened.document;
}

/** The table in one file. */
export async function ctfTableOf(text: CtfInput, name = "table.star"): Promise<CtfTable> {
  return (await openCtfFiles({ [name]: text })).table;
}

/** Files of a document cut to rows, as text. */
export function cutTexts(document: CtfDocument, rows: readonly number[]): string[] {
  return document
    .cut(rows)
    .map((f) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(f.bytes));
}
