import { CryoloupeError } from "#src/domain/errors.ts";
import type { StarFile, StarTable } from "./starTable.ts";

/** Splits a line into values: blanks part them, a quote ends only before a blank (STAR's rule), `#` starts a comment. */
export function splitStarLine(line: string): string[] {
  const values: string[] = [];
  const pattern = /\s*(?:(#.*$)|'(.*?)'(?=\s|$)|"(.*?)"(?=\s|$)|(\S+))/gy;
  for (let match = pattern.exec(line); match !== null; match = pattern.exec(line)) {
    if (match[1] !== undefined) break;
    values.push(match[2] ?? match[3] ?? match[4]);
    if (pattern.lastIndex >= line.length) break;
  }
  return values;
}

interface OpenTable {
  readonly name: string;
  form: "loop" | "list";
  readonly labels: string[];
  readonly rows: string[][];
  readonly comments: readonly string[];
  /** Values of a row that goes on in the next line. */
  pending: string[];
  pendingLine: number;
}

/**
 * Reads a STAR file: any number of `data_` blocks, loops and lists, quoted values, values between
 * semicolons over several lines, rows broken over lines, comments, both kinds of line ends. Understands
 * RELION 3.0 (one unnamed block) to 5 and Xmipp's `.xmd`. A block with several loops gives several tables.
 */
export function parseStar(text: string, file: string): StarFile {
  const tables: OpenTable[] = [];
  let comments: string[] = [];
  let firstComment: string | null = null;
  let blockName: string | null = null;
  let open: OpenTable | null = null;
  let inLoop = false;
  let pendingLabel: string | null = null;

  const fail = (line: number, found: string): never => {
    throw new CryoloupeError(
      "corrupt-file",
      `Reading ${file} as a STAR file stopped at line ${line}: ${found}.`,
      { file },
    );
  };
  const close = (): void => {
    if (open !== null && open.pending.length > 0)
      fail(
        open.pendingLine,
        `a row with ${open.labels.length} values was expected, ${open.pending.length} were found`,
      );
    open = null;
    inLoop = false;
  };
  const begin = (form: "loop" | "list"): OpenTable => {
    const made: OpenTable = {
      name: blockName ?? "",
      form,
      labels: [],
      rows: form === "list" ? [[]] : [],
      comments,
      pending: [],
      pendingLine: 0,
    };
    comments = [];
    tables.push(made);
    open = made;
    return made;
  };

  const lines = text.split(/\r\n|\n|\r/);
  for (let i = 0; i < lines.length; i++) {
    let values: string[];
    if (lines[i].startsWith(";")) {
      const block = [lines[i].slice(1)];
      const start = i + 1;
      while (++i < lines.length && !lines[i].startsWith(";")) block.push(lines[i]);
      if (i >= lines.length) fail(start, "text between semicolons has no end");
      values = [block.join("\n").trim()];
    } else {
      const trimmed = lines[i].trim();
      if (trimmed === "") continue;
      if (trimmed.startsWith("#")) {
        const comment = trimmed.slice(1).trim();
        firstComment ??= comment;
        if (comment !== "") comments.push(comment);
        continue;
      }
      const dataBlock = /^data_(\S*)/i.exec(trimmed);
      if (dataBlock !== null) {
        close();
        blockName = dataBlock[1];
        continue;
      }
      if (/^loop_(\s|$)/i.test(trimmed)) {
        close();
        if (blockName === null) fail(i + 1, "a loop stands before the first data_ block");
        begin("loop");
        inLoop = true;
        continue;
      }
      values = splitStarLine(lines[i]);
    }

    if (blockName === null)
      fail(i + 1, `"${lines[i].slice(0, 40)}" stands before the first data_ block`);
    let table = open as OpenTable | null;
    if (inLoop && table !== null) {
      const isLabel = values.length > 0 && /^\s*_\S/.test(lines[i]);
      if (isLabel && table.rows.length === 0 && table.pending.length === 0) {
        table.labels.push(values[0].slice(1));
        continue;
      }
      if (!isLabel) {
        if (table.labels.length === 0) fail(i + 1, "a row stands before the labels of its loop");
        if (table.pending.length === 0) table.pendingLine = i + 1;
        const row = table.pending.concat(values);
        if (row.length > table.labels.length)
          fail(i + 1, `${table.labels.length} values were expected, ${row.length} were found`);
        const full = row.length === table.labels.length;
        if (full) table.rows.push(row);
        table.pending = full ? [] : row;
        continue;
      }
      // A label after rows: label–value pairs follow the loop.
      close();
      table = null;
    }
    table ??= begin("list");
    for (let k = 0; k < values.length; k++) {
      if (pendingLabel !== null) {
        table.labels.push(pendingLabel);
        table.rows[0].push(values[k]);
        pendingLabel = null;
      } else if (values[k].startsWith("_")) {
        pendingLabel = values[k].slice(1);
        // Xmipp writes a vector of numbers without quotes now and then: the rest of the line is the value.
        if (values.length - k > 2) {
          table.labels.push(pendingLabel);
          table.rows[0].push(values.slice(k + 1).join(" "));
          pendingLabel = null;
          break;
        }
      } else fail(i + 1, `a label was expected, "${values[k].slice(0, 40)}" was found`);
    }
  }
  close();
  if (pendingLabel !== null) fail(lines.length, `label _${pendingLabel} has no value`);
  if (blockName === null) fail(1, "no data_ block was found");

  const first = firstComment ?? "";
  const flavour = first.startsWith("XMIPP_STAR")
    ? "xmipp"
    : /^version \d+/.test(first) || tables.some((t) => t.labels.some((l) => l.startsWith("rln")))
      ? "relion"
      : "other";
  return {
    flavour,
    tables: tables.map(({ name, form, labels, rows, comments: before }): StarTable => ({
      name,
      form,
      labels,
      rows: form === "list" && labels.length === 0 ? [] : rows,
      comments: before,
    })),
  };
}
