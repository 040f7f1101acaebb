import type {
  MovieRecord,
  OverviewRow,
  StepKeys,
  StepName,
} from "#src/domain/records/movieRecord.ts";
import { overviewRow } from "#src/math/movieState.ts";
import type { AppState } from "./appState.ts";
import { createKeySource } from "./stepKeys.ts";
import type { KeySource } from "./stepKeys.ts";

interface MadeRow {
  readonly row: OverviewRow;
  readonly order: number;
  readonly running: StepName | null;
  readonly keys: StepKeys;
}

/**
 * Makes a selector of the rows of the overview, in the order of arrival. It answers with the same array
 * until something changes that rows show (progress of a running step is none of it), and makes only
 * those rows anew whose record, keys or running step are others.
 */
export function createOverviewRows(): (state: AppState) => readonly OverviewRow[] {
  const keySource = createKeySource();
  let made = new WeakMap<MovieRecord, MadeRow>();
  let rows: readonly OverviewRow[] = [];
  let seen: readonly unknown[] = [];
  let decided: readonly unknown[] = [];
  return (state) => {
    const { records, order, plan, thresholds } = state.project;
    const active = state.runs.active;
    const [runningId, runningStep] = [active?.fileId ?? null, active?.step ?? null];
    const keys: KeySource = keySource(state);
    const now = [records, order, plan, thresholds, keys, runningId, runningStep];
    if (now.every((value, i) => value === seen[i])) return rows;
    seen = now;
    if (decided[0] !== plan || decided[1] !== thresholds) {
      made = new WeakMap();
      decided = [plan, thresholds];
    }
    rows = order.flatMap((id, i) => {
      const record = records[id];
      if (record === undefined) return [];
      const wanted = {
        order: i + 1,
        running: id === runningId ? runningStep : null,
        keys: keys(id),
      };
      const known = made.get(record);
      if (
        known !== undefined &&
        known.order === wanted.order &&
        known.running === wanted.running &&
        known.keys === wanted.keys
      )
        return [known.row];
      const row = overviewRow(record, { ...wanted, plan, thresholds });
      made.set(record, { row, ...wanted });
      return [row];
    });
    return rows;
  };
}

/** The rows of this page. */
export const overviewRows = createOverviewRows();
