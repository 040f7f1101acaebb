import type {
  HandChoice,
  OverviewRow,
  SessionThresholds,
} from "#src/domain/records/movieRecord.ts";
import { DEFAULT_THRESHOLDS, RESIDUAL_THRESHOLDS } from "#src/domain/records/movieRecord.ts";
import type { Outcome } from "#src/domain/session.ts";
import type { MetricId, MetricLimit } from "#src/domain/records/metrics.ts";
import { gainMetrics, motionMetrics } from "#src/math/movieMetrics.ts";
import { crossings } from "#src/math/overview/notices.ts";
import type { RowColumn, ShownState } from "#src/math/overview/rowOrder.ts";
import type { ActionContext } from "./context.ts";
import { shownRows } from "./overviewModel.ts";
import type { ProjectActions } from "./projectSlice.ts";

/** One step back: thresholds as they were, or choices by hand as they were. */
export type OverviewUndo =
  | { readonly kind: "thresholds"; readonly thresholds: SessionThresholds }
  | { readonly kind: "hand"; readonly choices: Readonly<Record<string, HandChoice>> };

/** What the overview remembers of its view. Rows, thresholds and choices are the project's. */
export interface OverviewState {
  readonly tab: "thresholds" | "plan";
  readonly sort: { readonly column: RowColumn; readonly descending: boolean };
  /** Rows that hold this text, and are in one of these states; none = all. */
  readonly text: string;
  readonly states: readonly ShownState[];
  /** Rows that Accept and Reject act on; the range starts at `anchor`. */
  readonly picked: readonly string[];
  readonly anchor: string | null;
  /** Thresholds while a handle is dragged; null = the project's. */
  readonly draft: SessionThresholds | null;
  /** Trends that are shown; null = the first that have values. */
  readonly trends: readonly MetricId[] | null;
  readonly undo: readonly OverviewUndo[];
  /** Titles of change notices that were put away. */
  readonly dismissed: readonly string[];
  /** Rows of a long session whose trends have been made; null = none yet. */
  readonly settled: readonly OverviewRow[] | null;
}

export const initialOverview: OverviewState = {
  tab: "thresholds",
  sort: { column: "order", descending: false },
  text: "",
  states: [],
  picked: [],
  anchor: null,
  draft: null,
  trends: null,
  undo: [],
  dismissed: [],
  settled: null,
};

/** Steps back that are kept. */
const MOST_UNDO = 100;

export interface OverviewActions {
  readonly setOverview: (
    change: Partial<Pick<OverviewState, "tab" | "text" | "states" | "trends">>,
  ) => void;
  /** The same column again turns the order round. */
  readonly sortBy: (column: RowColumn) => void;
  /** `only`: this row; `toggle`: this one too, or no more; `range`: from the anchor to this one. */
  readonly pickRow: (id: string, how: "only" | "toggle" | "range") => void;
  /** The row `step` rows further, of those shown. */
  readonly pickNext: (step: number, extend: boolean) => void;
  readonly pickAll: () => void;
  /** Accepts, rejects (or leaves to the thresholds) what is picked; one step of undo. */
  readonly chooseMovies: (choice: HandChoice, ids?: readonly string[]) => void;
  /** While a handle is dragged: shown at once, kept by `keepLimits`. */
  readonly dragLimit: (metric: MetricId, limit: MetricLimit) => void;
  readonly keepLimits: () => void;
  readonly setLimit: (metric: MetricId, limit: MetricLimit | null) => void;
  readonly changeThresholds: (change: Partial<SessionThresholds>) => void;
  readonly defaultThresholds: () => void;
  readonly undoOverview: () => void;
  readonly dismissChange: (title: string) => void;
}

export function createOverviewActions(
  { store, steps, update, log }: ActionContext,
  project: Pick<ProjectActions, "setThresholds" | "chooseByHand">,
): OverviewActions {
  // The paper's limits hold for what a reference leaves: they join with the first residual gain, where
  // nobody has drawn lines of their own.
  const joinResidualLimits = (step: string, outcome: Outcome<unknown>): void => {
    if (step !== "gain" || !outcome.ok) return;
    const residual = (outcome.value as { readonly residual?: boolean }).residual === true;
    const { thresholds } = store.getState().project;
    if (residual && JSON.stringify(thresholds) === JSON.stringify(DEFAULT_THRESHOLDS))
      project.setThresholds(RESIDUAL_THRESHOLDS);
  };

  // The monitor: every new result that is beyond a limit gets its line in the log.
  steps.listen(({ step, id, outcome }) => {
    joinResidualLimits(step, outcome);
    const file = store.getState().session.files.find((known) => known.id === id);
    if (!outcome.ok || file === undefined) return Promise.resolve();
    const { limits } = store.getState().project.thresholds;
    const metrics =
      step === "gain"
        ? gainMetrics(outcome.value as Parameters<typeof gainMetrics>[0])
        : step === "motion"
          ? motionMetrics(outcome.value as Parameters<typeof motionMetrics>[0])
          : {};
    for (const text of crossings(file.name, metrics, limits))
      log(text, { level: "warning", file: file.name });
    return Promise.resolve();
  });

  const remember = (step: OverviewUndo): void =>
    update("overview", ({ undo }) => ({ undo: [...undo.slice(1 - MOST_UNDO), step] }));

  const keep = (thresholds: SessionThresholds): void => {
    const before = store.getState().project.thresholds;
    update("overview", () => ({ draft: null }));
    if (JSON.stringify(before) === JSON.stringify(thresholds)) return;
    remember({ kind: "thresholds", thresholds: before });
    project.setThresholds(thresholds);
  };

  const now = (): SessionThresholds => {
    const { overview, project: kept } = store.getState();
    return overview.draft ?? kept.thresholds;
  };

  const withLimit = (metric: MetricId, limit: MetricLimit | null): SessionThresholds => {
    const { limits, ...rest } = now();
    const others = Object.fromEntries(Object.entries(limits).filter(([id]) => id !== metric));
    return { ...rest, limits: limit === null ? others : { ...others, [metric]: limit } };
  };

  const pickOnly = (id: string): void => {
    update("overview", () => ({ picked: [id], anchor: id }));
    update("session", () => ({ selected: id }));
  };

  const pickRange = (rows: readonly OverviewRow[], id: string): void => {
    const { anchor } = store.getState().overview;
    const [a, b] = [anchor ?? id, id].map((wanted) => rows.findIndex((row) => row.id === wanted));
    if (a < 0 || b < 0) {
      pickOnly(id);
      return;
    }
    const picked = rows.slice(Math.min(a, b), Math.max(a, b) + 1).map((row) => row.id);
    update("overview", () => ({ picked }));
    update("session", () => ({ selected: id }));
  };

  return {
    setOverview: (change) => update("overview", () => change),
    sortBy: (column) =>
      update("overview", ({ sort }) => ({
        sort: { column, descending: sort.column === column && !sort.descending },
      })),
    pickRow: (id, how) => {
      if (how === "only") pickOnly(id);
      else if (how === "range") pickRange(shownRows(store.getState()), id);
      else
        update("overview", ({ picked }) => ({
          picked: picked.includes(id) ? picked.filter((other) => other !== id) : [...picked, id],
          anchor: id,
        }));
    },
    pickNext: (step, extend) => {
      const state = store.getState();
      const rows = shownRows(state);
      if (rows.length === 0) return;
      const at = rows.findIndex((row) => row.id === state.session.selected);
      const next = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + step))].id;
      if (extend) pickRange(rows, next);
      else pickOnly(next);
    },
    pickAll: () =>
      update("overview", () => ({ picked: shownRows(store.getState()).map((row) => row.id) })),
    chooseMovies: (choice, ids) => {
      const state = store.getState();
      const wanted = ids ?? state.overview.picked;
      const choices: Record<string, HandChoice> = {};
      for (const id of wanted) {
        const record = state.project.records[id];
        if (record !== undefined && record.hand !== choice) choices[id] = record.hand;
      }
      const changed = Object.keys(choices);
      if (changed.length === 0) return;
      remember({ kind: "hand", choices });
      project.chooseByHand(changed, choice);
    },
    dragLimit: (metric, limit) => {
      const draft = withLimit(metric, limit);
      update("overview", () => ({ draft }));
    },
    keepLimits: () => {
      const { draft } = store.getState().overview;
      if (draft !== null) keep(draft);
    },
    setLimit: (metric, limit) => keep(withLimit(metric, limit)),
    changeThresholds: (change) => keep({ ...now(), ...change }),
    defaultThresholds: () => {
      const { session } = store.getState();
      keep(session.reference === null ? DEFAULT_THRESHOLDS : RESIDUAL_THRESHOLDS);
    },
    undoOverview: () => {
      const step = store.getState().overview.undo.at(-1);
      if (step === undefined) return;
      update("overview", ({ undo }) => ({ undo: undo.slice(0, -1), draft: null }));
      if (step.kind === "thresholds") {
        project.setThresholds(step.thresholds);
        return;
      }
      for (const choice of ["accepted", "rejected", null] as const) {
        const ids = Object.entries(step.choices).flatMap(([id, was]) =>
          was === choice ? [id] : [],
        );
        if (ids.length > 0) project.chooseByHand(ids, choice);
      }
    },
    dismissChange: (title) =>
      update("overview", ({ dismissed }) => ({ dismissed: [...dismissed, title] })),
  };
}
