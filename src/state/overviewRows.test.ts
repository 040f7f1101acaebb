import { describe, expect, it } from "vitest";
import { NO_METRICS } from "#src/domain/records/metrics.ts";
import type { MovieRecord } from "#src/domain/records/movieRecord.ts";
import { initialState } from "./appState.ts";
import type { AppState } from "./appState.ts";
import { createOverviewRows } from "./overviewRows.ts";
import type { RunInfo } from "./runQueue.ts";

const COUNT = 10_000;
const record = (i: number): MovieRecord => ({
  id: `m${i}`,
  path: `day/movie_${i}.tif`,
  name: `movie_${i}.tif`,
  size: i,
  lastModified: null,
  order: i,
  hand: null,
  failure: null,
  metrics: { ...NO_METRICS, driftA: i / 1000 },
  track: null,
  steps: {},
  sampled: false,
  image: null,
});

function withMovies(): AppState {
  const state = initialState(
    { webgpu: false, folderPicker: true, filePicker: true, cores: 1, webgpuHint: null },
    1,
  );
  const records = Array.from({ length: COUNT }, (_, i) => record(i));
  return {
    ...state,
    project: {
      ...state.project,
      records: Object.fromEntries(records.map((r) => [r.id, r])),
      order: records.map((r) => r.id),
    },
  };
}

const run = (done: number): RunInfo => ({
  id: "run-1",
  title: "Motion of movie_5.tif",
  fileId: "m5",
  fileName: "movie_5.tif",
  step: "motion",
  startedAt: 0,
  progress: { step: "Reading", done, total: 9 },
  cancelling: false,
});

describe("rows of the overview", () => {
  const rows = createOverviewRows();
  const state = withMovies();

  it("are the same array while a step only makes progress", () => {
    const at = (done: number): AppState => ({
      ...state,
      runs: { active: run(done), waiting: [], last: null },
    });
    const first = rows(at(1));
    expect(first[5].running).toBe("motion");
    expect(rows(at(2))).toBe(first);
  });

  it("are made anew one by one when one movie changes", () => {
    const before = rows(state);
    const changed = { ...record(7), hand: "rejected" as const };
    const after = rows({
      ...state,
      project: { ...state.project, records: { ...state.project.records, m7: changed } },
    });
    expect(after.filter((row, i) => row !== before[i]).map((row) => row.id)).toEqual(["m7"]);
    expect(after[7].state).toBe("deselected");
  });

  it("all become outdated by a parameter that their results depend on, none by a choice of view", () => {
    const keys = rows(state);
    const looked = rows({ ...state, motion: { ...state.motion, magnify: 3, unit: "px" } });
    expect(looked).toBe(keys);
  });
});
