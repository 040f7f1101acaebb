import type { MetricId } from "#src/domain/records/metrics.ts";
import { METRICS } from "#src/domain/records/metrics.ts";
import type { OverviewRow } from "#src/domain/records/movieRecord.ts";

export type RowColumn = "state" | "name" | "order" | "reason" | MetricId;

/** What a row is shown as: what runs and what failed stand above Warp's five states. */
export type ShownState =
  "processed" | "unprocessed" | "outdated" | "filtered" | "deselected" | "failed" | "running";

export const SHOWN_STATES: readonly ShownState[] = [
  "processed",
  "filtered",
  "deselected",
  "failed",
  "outdated",
  "running",
  "unprocessed",
];

export function shownState(row: OverviewRow): ShownState {
  if (row.running !== null) return "running";
  if (row.failure !== null) return "failed";
  return row.state;
}

/** Whether a movie goes into exports: it has results, and neither thresholds nor the hand set it aside. */
export function isAccepted(row: OverviewRow): boolean {
  return row.failure === null && (row.state === "processed" || row.state === "outdated");
}

/** Movies by what they are shown as. */
export function stateCounts(rows: readonly OverviewRow[]): Record<ShownState, number> {
  const counts: Record<ShownState, number> = {
    processed: 0,
    unprocessed: 0,
    outdated: 0,
    filtered: 0,
    deselected: 0,
    failed: 0,
    running: 0,
  };
  for (const row of rows) counts[shownState(row)]++;
  return counts;
}

/** Rows of the given states (all where none is given) whose name, reason, flag or failure holds the text. */
export function findRows(
  rows: readonly OverviewRow[],
  text: string,
  states: readonly ShownState[],
): readonly OverviewRow[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "" && states.length === 0) return rows;
  return rows.filter((row) => {
    if (states.length > 0 && !states.includes(shownState(row))) return false;
    if (wanted === "") return true;
    return [row.path, row.reason, row.failure?.text ?? "", ...row.flags].some((part) =>
      part.toLowerCase().includes(wanted),
    );
  });
}

const METRIC_COLUMNS: ReadonlySet<string> = new Set(METRICS.map(({ id }) => id));

/** Names as people count: movie_9 before movie_10. Made once: a comparer costs more than a comparison. */
const byName = new Intl.Collator("en", { numeric: true });

/** Rows in the order of a column; what has no value comes last, ties in order of acquisition. */
export function sortRows(
  rows: readonly OverviewRow[],
  column: RowColumn,
  descending: boolean,
): readonly OverviewRow[] {
  const sign = descending ? -1 : 1;
  const compare = comparer(column);
  return [...rows].sort((a, b) => {
    const order = compare(a, b, sign);
    return order === 0 ? a.order - b.order : order;
  });
}

function comparer(column: RowColumn): (a: OverviewRow, b: OverviewRow, sign: number) => number {
  if (column === "name") return (a, b, sign) => sign * byName.compare(a.name, b.name);
  if (column === "order") return (a, b, sign) => sign * (a.order - b.order);
  if (column === "state")
    return (a, b, sign) =>
      sign * (SHOWN_STATES.indexOf(shownState(a)) - SHOWN_STATES.indexOf(shownState(b)));
  if (column === "reason" || !METRIC_COLUMNS.has(column)) {
    const text = (row: OverviewRow): string => row.failure?.text ?? row.reason;
    return (a, b, sign) => {
      const [x, y] = [text(a), text(b)];
      if (x === "" || y === "") return x === y ? 0 : x === "" ? 1 : -1;
      return sign * byName.compare(x, y);
    };
  }
  return (a, b, sign) => {
    const [x, y] = [a.metrics[column], b.metrics[column]];
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    return sign * (x - y);
  };
}
