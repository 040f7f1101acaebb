import type { SessionFile } from "#src/domain/session.ts";

/** A table that names micrographs, dropped on the page: which of them are processed, what they carry. */
export interface NamedMicrographs {
  /** File of the table, by id, and its name. */
  readonly fileId: string;
  readonly name: string;
  readonly words: "relion" | "xmipp";
  /** In the order of its rows. */
  readonly entries: readonly { readonly path: string; readonly pixelSizeA: number | null }[];
}

const indices = new WeakMap<NamedMicrographs["entries"], ReadonlyMap<string, readonly number[]>>();

const partsOf = (path: string): readonly string[] =>
  path.split(/[/\\]/).filter((part) => part !== "" && part !== ".");

/** Rows by file name; made once for each table. */
function rowsByName(entries: NamedMicrographs["entries"]): ReadonlyMap<string, readonly number[]> {
  const known = indices.get(entries);
  if (known !== undefined) return known;
  const rows = new Map<string, number[]>();
  entries.forEach(({ path }, row) => {
    const name = partsOf(path).at(-1) ?? "";
    const same = rows.get(name);
    if (same === undefined) rows.set(name, [row]);
    else same.push(row);
  });
  indices.set(entries, rows);
  return rows;
}

/** Folders, from the file upwards, that two paths have in common. */
function commonEnd(a: readonly string[], b: readonly string[]): number {
  let n = 0;
  while (n < a.length && n < b.length && a[a.length - 1 - n] === b[b.length - 1 - n]) n++;
  return n;
}

/**
 * The row of a table that names a file of the session, or null. Names must be equal; of several rows with the
 * name, the one that shares most folders with the file's path counts, and none when two share as many.
 */
export function rowOfFile(
  { entries }: Pick<NamedMicrographs, "entries">,
  { name, path }: Pick<SessionFile, "name" | "path">,
): number | null {
  const rows = rowsByName(entries).get(name) ?? [];
  if (rows.length <= 1) return rows[0] ?? null;
  const parts = partsOf(path);
  const shared = rows.map((row) => commonEnd(partsOf(entries[row].path), parts));
  const most = Math.max(...shared);
  return shared.filter((n) => n === most).length === 1 ? rows[shared.indexOf(most)] : null;
}
