import type { MetricId } from "#src/domain/records/metrics.ts";
import type { OverviewRow } from "#src/domain/records/movieRecord.ts";
import type { AppState } from "./appState.ts";
import type { ActionContext } from "./context.ts";
import { defaultTrends, numberedRows, presentMetrics, trend } from "./overviewModel.ts";

/** Trends of so many movies are made within a few milliseconds: they follow at once. */
const QUICK = 1500;
/** Time between two looks at the trends of a longer session, ms; longer where making them takes long. */
const PAUSE_MS = 1000;

/** Numbers whose lasting changes are told, whether their trends are shown or not. */
const WATCHED = ["gainSd", "meanCounts", "driftA", "resolutionA"] as const;

/**
 * The rows that trends are drawn of: those of now, or of a long session those whose trends have been made.
 * Ten thousand movies cost 70 ms a trend, and each new result would ask for all of them again.
 */
export function trendRows(state: AppState): readonly OverviewRow[] {
  const rows = numberedRows(state);
  return rows.length <= QUICK ? rows : (state.overview.settled ?? rows);
}

/** Metrics whose lasting changes are told: the watched ones, and those that are shown. */
export function watchedMetrics(
  rows: readonly OverviewRow[],
  chosen: readonly MetricId[] | null,
): readonly MetricId[] {
  const present = presentMetrics(rows);
  return [
    ...new Set([
      ...WATCHED.filter((id) => present.includes(id)),
      ...(chosen ?? defaultTrends(present)).filter((id) => id !== "defocusA"),
    ]),
  ];
}

/** While the overview of a long session is open, its trends are made one by one between the user's acts. */
export function followTrends({ store, update }: ActionContext): void {
  let planned = false;
  let took = 0;
  const settle = async (): Promise<void> => {
    const state = store.getState();
    const rows = numberedRows(state);
    const { trends: chosen } = state.overview;
    const metrics = new Set([...watchedMetrics(rows, chosen), ...(chosen ?? [])]);
    for (const id of defaultTrends(presentMetrics(rows))) metrics.add(id);
    took = 0;
    for (const metric of metrics) {
      const started = performance.now();
      trend(metric, rows, state.session.reference !== null);
      took += performance.now() - started;
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    planned = false;
    update("overview", () => ({ settled: rows }));
  };
  store.subscribe((state) => {
    if (planned || state.view.workspace !== "overview") return;
    const rows = numberedRows(state);
    if (rows.length <= QUICK || rows === state.overview.settled) return;
    planned = true;
    const first = state.overview.settled === null;
    setTimeout(() => void settle(), first ? 0 : Math.max(PAUSE_MS, 10 * took));
  });
}
