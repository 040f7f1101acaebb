import type { MovieRecord } from "#src/domain/records/movieRecord.ts";
import type { ActionContext } from "./context.ts";
import type { AppState } from "./appState.ts";
import { bareName } from "./samplingRows.ts";

/** The movie's base name within a micrograph's: "a_aligned_DW.mrc" and "a.mrc" are of movie "a". */
function movieOf(micrograph: string): string {
  return bareName(micrograph).replace(/_aligned(?:_dw)?$/, "");
}

/** Records with what a CTF table and the sample drawn from it say of their micrographs. */
export function withCtf(
  records: Readonly<Record<string, MovieRecord>>,
  { table, sample }: Pick<AppState["sampling"], "table" | "sample">,
): Readonly<Record<string, MovieRecord>> {
  const taken = new Set(sample?.rows ?? []);
  const known = new Map(
    (table?.estimates ?? []).flatMap((estimate) =>
      estimate.failure === null
        ? [
            [
              movieOf(estimate.micrograph),
              {
                defocusA: (estimate.defocusU + estimate.defocusV) / 2,
                resolutionA: estimate.resolutionA,
                sampled: taken.has(estimate.row),
              },
            ] as const,
          ]
        : [],
    ),
  );
  let changed = false;
  const next = Object.entries(records).map(([id, record]): [string, MovieRecord] => {
    const found = known.get(movieOf(record.base ?? record.name));
    if (found === undefined) return [id, record];
    const { metrics, sampled } = record;
    const same =
      metrics.defocusA === found.defocusA &&
      metrics.resolutionA === found.resolutionA &&
      sampled === found.sampled;
    if (same) return [id, record];
    changed = true;
    const { defocusA, resolutionA } = found;
    return [
      id,
      { ...record, sampled: found.sampled, metrics: { ...metrics, defocusA, resolutionA } },
    ];
  });
  return changed ? Object.fromEntries(next) : records;
}

/** Movies learn their defocus whenever a table has been read or a sample drawn, or movies have come. */
export function followCtf({ store, update }: ActionContext): void {
  store.subscribe((state, before) => {
    const { table, sample } = state.sampling;
    if (table === null) return;
    const same =
      table === before.sampling.table &&
      sample === before.sampling.sample &&
      state.project.order === before.project.order;
    if (same) return;
    const records = withCtf(state.project.records, state.sampling);
    if (records !== state.project.records) update("project", () => ({ records }));
  });
}
