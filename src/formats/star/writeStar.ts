import type { StarTable } from "./starTable.ts";

/** A value as it may stand in a row; quoted where blanks or a first sign would mislead a reader. */
export function quoteStarValue(value: string, preferred: "'" | '"' = '"'): string {
  if (value.includes("\n")) return `\n;${value}\n;\n`;
  const plain = value !== "" && !/\s/.test(value) && !/^(?:[_#'";]|data_|loop_)/i.test(value);
  if (plain) return value;
  const other = preferred === '"' ? "'" : '"';
  // Xmipp ends a value at its quote wherever it stands, STAR only before a blank.
  const mistaken = value.includes(other)
    ? new RegExp(`${preferred}(?=\\s|$)`).test(value)
    : value.includes(preferred);
  const quote = mistaken ? other : preferred;
  return `${quote}${value}${quote}`;
}

function columnWidths(rows: readonly (readonly string[])[], columns: number): number[] {
  const widths = new Array<number>(columns).fill(0);
  for (const row of rows)
    row.forEach((value, c) => (widths[c] = Math.max(widths[c], Math.min(value.length, 60))));
  return widths;
}

/**
 * Writes tables as RELION does (labels numbered, `# version 30001` before each block: read by RELION 3.1
 * and later), with the columns in line.
 */
export function writeStar(tables: readonly StarTable[]): string {
  const parts: string[] = [];
  for (const table of tables) {
    const comments = table.comments.length > 0 ? table.comments : ["version 30001"];
    const lines = ["", ...comments.map((c) => `# ${c}`), "", `data_${table.name}`, ""];
    const rows = table.rows.map((row) => row.map((v) => quoteStarValue(v)));
    if (table.form === "loop") {
      lines.push("loop_ ", ...table.labels.map((label, i) => `_${label} #${i + 1} `));
      const widths = columnWidths(rows, table.labels.length);
      for (const row of rows)
        lines.push(`${row.map((v, c) => alignValue(v, widths[c])).join(" ")} `);
    } else {
      const width = Math.max(0, ...table.labels.map((l) => l.length)) + 1;
      table.labels.forEach((label, i) => {
        lines.push(`${`_${label}`.padEnd(width)}   ${rows[0][i]}`);
      });
    }
    parts.push(lines.join("\n"), "\n \n");
  }
  return parts.join("");
}

/** Numbers stand at the right of their column, text at its left. */
export function alignValue(value: string, width: number): string {
  return /^[-+]?[\d.]/.test(value) && Number.isFinite(Number(value))
    ? value.padStart(Math.max(width, 12))
    : value.padEnd(width);
}
