import type { MetricId } from "#src/domain/records/metrics.ts";
import type { OverviewRow } from "#src/domain/records/movieRecord.ts";

/** Whether two rows are the same movie at the same place with the same numbers. */
const sameNumbers = (a: OverviewRow, b: OverviewRow): boolean =>
  a === b ||
  (a.metrics === b.metrics &&
    a.id === b.id &&
    a.name === b.name &&
    a.order === b.order &&
    a.acquiredAt === b.acquiredAt);

/**
 * Makes a filter that answers with the rows it answered with before for as long as no movie's numbers, place or name
 * change, whatever becomes of states and reasons: what is made of numbers alone is then not made again when a limit
 * moves or a movie is chosen by hand.
 */
export function createSteadyRows(): (rows: readonly OverviewRow[]) => readonly OverviewRow[] {
  let steady: readonly OverviewRow[] = [];
  let seen: readonly OverviewRow[] = steady;
  return (rows) => {
    if (rows === seen) return steady;
    seen = rows;
    const same =
      rows.length === steady.length && rows.every((row, i) => sameNumbers(row, steady[i]));
    if (!same) steady = rows;
    return steady;
  };
}

/** Columns of the rows that were asked for last, by metric. */
let columns: { readonly of: readonly OverviewRow[]; readonly made: Map<MetricId, Column> } | null =
  null;
type Column = readonly (number | null)[];

/** One number of all movies; the same array for the same rows. */
export function metricColumn(rows: readonly OverviewRow[], metric: MetricId): Column {
  if (columns?.of !== rows) columns = { of: rows, made: new Map() };
  const { made } = columns;
  const known = made.get(metric) ?? rows.map(({ metrics }) => metrics[metric]);
  made.set(metric, known);
  return known;
}
