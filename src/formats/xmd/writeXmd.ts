import { alignValue, quoteStarValue } from "../star/writeStar.ts";
import type { StarTable } from "../star/starTable.ts";

/**
 * Writes tables as Xmipp does: first line `# XMIPP_STAR_1 * `, labels with a blank before and no number,
 * vectors in single quotes with a blank at either end.
 */
export function writeXmd(tables: readonly StarTable[]): string {
  const lines = ["# XMIPP_STAR_1 * ", "# "];
  for (const table of tables) {
    lines.push(`data_${table.name}`);
    if (table.form === "loop") {
      lines.push("loop_", ...table.labels.map((label) => ` _${label}`));
      const rows = table.rows.map((row) => row.map((v) => quoteStarValue(v, "'")));
      const widths = table.labels.map((_, c) =>
        Math.min(60, Math.max(0, ...rows.slice(0, 1000).map((row) => row[c].length))),
      );
      for (const row of rows)
        lines.push(` ${row.map((v, c) => alignValue(v, widths[c])).join(" ")} `);
    } else
      table.labels.forEach((label, i) => {
        lines.push(` _${label} ${quoteStarValue(table.rows[0][i], "'")}`);
      });
  }
  return `${lines.join("\n")}\n`;
}

/** A vector as Xmipp writes it into one value: `' 1 2 3 '` once quoted. */
export function formatXmdVector(values: ArrayLike<number>, digits = 6): string {
  return ` ${Array.from(values, (v) => (Number.isInteger(v) ? String(v) : v.toFixed(digits))).join(" ")} `;
}
