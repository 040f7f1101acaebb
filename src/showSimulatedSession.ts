import { simulateSession } from "#src/simulation/simulatedSession.ts";
import { keySource } from "#src/state/stepKeys.ts";
import type { App } from "#src/state/store.ts";

/**
 * `?simulate=1000`: the numbers of a long session without its movies, to look at the overview and the
 * report of one. Marked as simulated like everything that the simulator makes.
 */
export function showSimulatedSession({ store, actions }: App, count: number): void {
  const events = {
    step: { at: Math.round(0.62 * count), by: 0.005 },
    dip: { from: Math.round(0.3 * count), to: Math.round(0.34 * count), share: 0.08 },
    jumps: 0.018,
    failEvery: 230,
  };
  const records = simulateSession(count, 7, events, keySource(store.getState())(""));
  store.setState((state) => ({
    session: {
      ...state.session,
      name: "Simulated session",
      files: records.map(({ id, name, path, size, lastModified, failure }) => ({
        id,
        name,
        path,
        size,
        lastModified,
        failure,
        kind: "movie" as const,
        header: null,
        simulated: true,
      })),
      selected: records.at(Math.round(0.73 * count))?.id ?? null,
    },
    project: {
      ...state.project,
      name: "Simulated session",
      records: Object.fromEntries(records.map((record) => [record.id, record])),
      order: records.map(({ id }) => id),
      plan: { ...state.project.plan, movieStep: 1 },
      thresholds: {
        combine: "any",
        limits: {
          ...state.project.thresholds.limits,
          gainSpread: { low: null, high: null },
          driftA: { low: null, high: 25 },
          meanCounts: { low: 1.47, high: null },
        },
      },
    },
  }));
  actions.openWorkspace("overview");
}
