import { CryoloupeError } from "#src/domain/errors.ts";
import { splitStarLine } from "../star/parseStar.ts";

/** A loop of a STAR file whose rows remember where they stand in the text. */
export interface TextLoop {
  readonly name: string;
  readonly labels: readonly string[];
  /** Values of each row; fewer than labels where the row is broken. */
  readonly rows: readonly (readonly string[])[];
  /** Start and end in the text, line ends included. */
  readonly spans: readonly (readonly [number, number])[];
}

/** Label–value pairs of a block. */
export interface TextList {
  readonly name: string;
  readonly values: ReadonlyMap<string, string>;
}

export interface TextTables {
  readonly loops: readonly TextLoop[];
  readonly lists: readonly TextList[];
  readonly firstComment: string;
}

/** Values of a line. By hand where nothing is quoted: tables of a hundred thousand rows are ordinary. */
function splitRow(line: string): string[] {
  if (line.includes("#") || line.includes("'") || line.includes('"'))
    return splitStarLine(line.trim());
  const values: string[] = [];
  let start = -1;
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    const blank = code === 32 || (code >= 9 && code <= 13);
    if (blank && start >= 0) {
      values.push(line.slice(start, i));
      start = -1;
    } else if (!blank && start < 0) start = i;
  }
  if (start >= 0) values.push(line.slice(start));
  return values;
}

/**
 * Reads the loops and lists of a STAR or XMD file for exact export: unlike {@link parseStar}, every row keeps its
 * place in the text, and a row with the wrong number of values (a table being written, a broken line) is kept as
 * it is instead of stopping the reading.
 */
export function readTableText(text: string, file: string): TextTables {
  interface OpenLoop {
    name: string;
    labels: string[];
    rows: string[][];
    spans: [number, number][];
  }
  const loops: OpenLoop[] = [];
  const lists: { name: string; values: Map<string, string> }[] = [];
  let firstComment: string | null = null;
  let block: string | null = null;
  let loop: OpenLoop | null = null;
  let list: { name: string; values: Map<string, string> } | null = null;
  let pendingLabel: string | null = null;
  let position = 0;
  // Old Macintosh files end their lines with a carriage return alone.
  const lineEnd = text.includes("\n") ? "\n" : "\r";

  while (position < text.length) {
    const feed = text.indexOf(lineEnd, position);
    const end = feed < 0 ? text.length : feed + 1;
    const start = position;
    position = end;
    const line = text.slice(start, end);
    const trimmed = line.trim();
    if (trimmed === "") continue;
    if (trimmed.startsWith("#")) {
      firstComment ??= trimmed.slice(1).trim();
      continue;
    }
    // Words of the format begin with these letters only; most rows need no closer look.
    const word = /[dDlL]/.test(trimmed.charAt(0));
    if (word && /^data_/i.test(trimmed)) {
      block = /^data_(\S*)/i.exec(trimmed)?.[1] ?? "";
      loop = null;
      list = null;
      pendingLabel = null;
      continue;
    }
    if (block === null) continue;
    if (word && /^loop_(\s|$)/i.test(trimmed)) {
      loop = { name: block, labels: [], rows: [], spans: [] };
      loops.push(loop);
      continue;
    }
    const isLabel = trimmed.startsWith("_") && trimmed.length > 1;
    if (loop !== null && (loop.rows.length === 0 || !isLabel)) {
      if (isLabel) {
        loop.labels.push(trimmed.split(/\s+/, 1)[0].slice(1));
        continue;
      }
      const values = splitRow(line);
      const last = loop.rows.at(-1);
      const joins =
        last !== undefined &&
        last.length < loop.labels.length &&
        last.length + values.length <= loop.labels.length;
      if (joins) {
        last.push(...values);
        loop.spans[loop.spans.length - 1][1] = end;
      } else {
        loop.rows.push(values);
        loop.spans.push([start, end]);
      }
      continue;
    }
    if (loop !== null) loop = null;
    if (list === null) {
      list = { name: block, values: new Map() };
      lists.push(list);
    }
    if (isLabel) {
      const [label, ...rest] = splitRow(line);
      if (rest.length > 0) list.values.set(label.slice(1), rest.join(" "));
      pendingLabel = rest.length > 0 ? null : label.slice(1);
    } else if (pendingLabel !== null) {
      list.values.set(pendingLabel, splitRow(line).join(" "));
      pendingLabel = null;
    }
  }
  if (block === null)
    throw new CryoloupeError(
      "unsupported-format",
      `Reading ${file} as a STAR table found no data_ block.`,
      { file },
    );
  return { loops, lists, firstComment: firstComment ?? "" };
}
