import { describe, expect, it } from "vitest";
import type { MovieRecord } from "#src/domain/records/movieRecord.ts";
import { simulateSession } from "#src/simulation/simulatedSession.ts";
import type { AppState } from "./appState.ts";
import { initialState } from "./appState.ts";
import { allRows, defaultTrends, presentMetrics, shownRows, trend } from "./overviewModel.ts";
import { nextWork } from "./sessionRunner.ts";
import { createKeySource } from "./stepKeys.ts";
import { trendRows, watchedMetrics } from "./trendRows.ts";

const COUNT = 10_000;

function longSession(): AppState {
  const capabilities = {} as AppState["backend"]["capabilities"];
  const empty = initialState(capabilities, 2 ** 31);
  const keys = createKeySource()(empty)("");
  const events = {
    step: { at: Math.round(0.62 * COUNT), by: 0.005 },
    dip: { from: Math.round(0.3 * COUNT), to: Math.round(0.34 * COUNT), share: 0.08 },
    jumps: 0.018,
    failEvery: 230,
  };
  const records = simulateSession(COUNT, 7, events, keys);
  const files = records.map(({ id, name, path, size, lastModified }) => ({
    ...{ id, name, path, size, lastModified, failure: null, header: null },
    kind: "movie" as const,
    simulated: true,
  }));
  return {
    ...empty,
    session: { ...empty.session, files },
    project: {
      ...empty.project,
      records: Object.fromEntries(records.map((record) => [record.id, record])),
      order: records.map(({ id }) => id),
      plan: { ...empty.project.plan, movieStep: 1 },
    },
  };
}

const withRecord = (state: AppState, place: number, change: Partial<MovieRecord>): AppState => {
  const id = state.project.order[place];
  const { records } = state.project;
  const record = records[id];
  if (record === undefined) throw new Error("no such movie");
  return {
    ...state,
    project: { ...state.project, records: { ...records, [id]: { ...record, ...change } } },
  };
};

/** Processor time of some work, ms: what others do on the machine does not count. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe("a session of 10 000 movies", () => {
  const state = longSession();

  it("makes one row anew when one movie has a result, and no trend when a hand chooses", () => {
    const rows = allRows(state);
    expect(rows).toHaveLength(COUNT);
    const chosen = withRecord(state, 5000, { hand: "rejected" });
    const after = allRows(chosen);
    expect(after.filter((row, i) => row !== rows[i]).map(({ order }) => order)).toEqual([5001]);
    expect(after[5000].state).toBe("deselected");
    const before = trend("driftA", rows);
    expect(trend("driftA", after)).toBe(before);
    const metrics = { ...after[5000].metrics, driftA: 1 };
    const measured = allRows(withRecord(state, 5000, { metrics }));
    expect(trend("driftA", measured)).not.toBe(before);
    // Those that are shown stay while newer ones are made.
    expect(trend("driftA", after)).toBe(before);
  });

  it("draws trends of the rows whose trends have been made, and short sessions as they are", () => {
    const settled = allRows(state);
    const next = withRecord({ ...state, overview: { ...state.overview, settled } }, 17, {
      metrics: { ...settled[17].metrics, driftA: 2 },
    });
    expect(trendRows(next)).toBe(settled);
    const order = state.project.order.slice(0, 1000);
    const short = { ...next, project: { ...next.project, order } };
    expect(trendRows(short)).toBe(allRows(short));
    expect(watchedMetrics(settled, null)).toContain("gainSd");
  });

  it("is found, sorted and worked on from any place", () => {
    const { overview } = state;
    const named = { ...state, overview: { ...overview, text: "00731" } };
    expect(shownRows(named).map(({ order }) => order)).toEqual([731]);
    const sort = { column: "driftA", descending: true } as const;
    const drifts = shownRows({ ...state, overview: { ...overview, sort } }).flatMap(
      ({ metrics }) => metrics.driftA ?? [],
    );
    expect(drifts).toEqual([...drifts].sort((a, b) => b - a));
    const keys = createKeySource()(state);
    const undone = withRecord(state, COUNT - 1, { steps: {}, failure: null });
    const work = nextWork(undone, keys);
    expect(work?.id).toBe(state.project.order[COUNT - 1]);
  });

  it("costs milliseconds of the processor for each new result", () => {
    const rows = allRows(state);
    const next = withRecord(state, 40, { metrics: { ...rows[40].metrics, driftA: 3 } });
    const keys = createKeySource()(next);
    const told = {
      rows: cpuMs(() => allRows(next)),
      nextWork: cpuMs(() => nextWork(next, keys)),
      "one trend": cpuMs(() => trend("driftA", allRows(next))),
      "all trends": cpuMs(() => {
        const now = allRows(withRecord(next, 41, { metrics: rows[40].metrics }));
        for (const metric of defaultTrends(presentMetrics(now))) trend(metric, now);
      }),
      sort: cpuMs(() =>
        shownRows({
          ...next,
          overview: { ...next.overview, sort: { column: "name", descending: true } },
        }),
      ),
    };
    console.log(
      `10 000 movies, ms of processor time: ${Object.entries(told)
        .map(([what, ms]) => `${what} ${ms.toFixed(0)}`)
        .join(", ")}`,
    );
    // What compares every movie with every other takes many seconds; what is printed is about a tenth of this.
    for (const [what, ms] of Object.entries(told)) expect(ms, what).toBeLessThan(2000);
  });
});
