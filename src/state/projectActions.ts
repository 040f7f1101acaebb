import type { MovieRecord } from "#src/domain/records/movieRecord.ts";
import type { ActionContext } from "./context.ts";
import type { ProjectActions, ProjectState } from "./projectSlice.ts";

/** Records with some of them changed. */
export function withRecords(
  { records }: Pick<ProjectState, "records">,
  ids: readonly string[],
  change: (record: MovieRecord) => MovieRecord,
): Readonly<Record<string, MovieRecord>> {
  const next = { ...records };
  for (const id of ids) {
    const record = next[id];
    if (record !== undefined) next[id] = change(record);
  }
  return next;
}

/** A record without its failures: what has failed is due again. */
function withoutFailures(record: MovieRecord): MovieRecord {
  const steps = Object.fromEntries(
    Object.entries(record.steps).filter(([, result]) => result.failure === null),
  );
  return { ...record, failure: null, steps };
}

export function createProjectActions({ store, queue, update }: ActionContext): ProjectActions {
  return {
    setThresholds: (change) =>
      update("project", ({ thresholds }) => ({ thresholds: { ...thresholds, ...change } })),
    chooseByHand: (ids, choice) =>
      update("project", (project) => ({
        records: withRecords(project, ids, (record) => ({ ...record, hand: choice })),
      })),
    setPlan: ({ steps, ...change }) =>
      update("project", ({ plan }) => ({
        plan: { ...plan, ...change, steps: { ...plan.steps, ...steps } },
      })),
    resume: () => update("project", () => ({ run: "running" as const })),
    pause: () =>
      update("project", ({ run }) => ({ run: run === "running" ? ("paused" as const) : run })),
    cancelAll: () => {
      update("project", ({ run }) => ({ run: run === "running" ? ("paused" as const) : run }));
      queue.cancelAll();
    },
    retry: (ids) => {
      update("project", (project) => ({ records: withRecords(project, ids, withoutFailures) }));
      if (store.getState().project.run === "paused")
        update("project", () => ({ run: "running" as const }));
    },
  };
}
