import { METRICS } from "#src/domain/records/metrics.ts";
import type { OverviewRow } from "#src/domain/records/movieRecord.ts";

/** Text of a field; what could be taken for a formula or holds separators is quoted. */
function field(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * `movies.csv`: a line for each movie of a session, every number of the overview in its stored unit
 * (lengths in Å, defocus in Å too), empty where it is not known. Comma-separated, with a header line.
 */
export function moviesCsv(rows: readonly OverviewRow[]): string {
  const head = [
    "movie",
    "order",
    "acquired",
    "state",
    "by_hand",
    "reason",
    ...METRICS.map(({ id }) => id),
    "sampled",
    "failed_step",
    "failure",
    "flags",
  ];
  const lines = rows.map((row) =>
    [
      row.path,
      String(row.order),
      row.acquiredAt === null ? "" : new Date(row.acquiredAt).toISOString(),
      row.state,
      row.hand ?? "",
      row.reason,
      ...METRICS.map(({ id }) => numberText(row.metrics[id])),
      row.sampled ? "1" : "0",
      row.failure?.step ?? "",
      row.failure?.text ?? "",
      row.flags.join(" "),
    ]
      .map(field)
      .join(","),
  );
  return `${[head.join(","), ...lines].join("\n")}\n`;
}

function numberText(value: number | null): string {
  return value === null ? "" : String(Number(value.toPrecision(7)));
}
