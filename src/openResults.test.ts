import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DEFAULT_GAIN_PARAMETERS } from "#src/domain/gainEstimate.ts";
import { DEFAULT_MOTION_PARAMETERS } from "#src/domain/motionReport.ts";
import { NO_METRICS } from "#src/domain/records/metrics.ts";
import type { MovieRecord } from "#src/domain/records/movieRecord.ts";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { sessionJson } from "#src/formats/session/sessionTables.ts";
import { moviePrint } from "#src/math/contentPrint.ts";
import { fileIdentity, gainKeyText, motionKeyText, movieStepKeys } from "#src/math/sessionKeys.ts";
import type * as SessionDbModule from "#src/platform/sessionDb.ts";
import type { SessionDb } from "#src/platform/sessionDb.ts";
import { moviesAreMissing } from "#src/state/openResults.ts";
import { allRows } from "#src/state/overviewModel.ts";
import { memoryFolder } from "#src/testing/memoryFolder.ts";
import { memorySessionDb } from "#src/testing/memorySessionDb.ts";
import { openAppInThisThread } from "#src/testing/pageInThread.ts";

let database: SessionDb = memorySessionDb();
vi.mock("#src/platform/sessionDb.ts", async (original) => ({
  ...(await original<typeof SessionDbModule>()),
  createSessionDb: () => database,
}));

const camera = {
  ...{ reference: null, dark: null, defects: null },
  orientation: { rotation90: 0, flip: "none", inverted: false },
} as const;
const gain = { parameters: DEFAULT_GAIN_PARAMETERS, deviations: false };
const keys = movieStepKeys({
  gain: gainKeyText(gain, camera, false),
  frames: null,
  motion: motionKeyText(DEFAULT_MOTION_PARAMETERS, camera, null),
  recipe: "",
});

const movie = await encodeMrc(
  [0, 1, 2].map((t) => Uint16Array.from({ length: 48 }, (_, i) => (i * 7 + t) % 11)),
  { width: 8, height: 6, pixelSizeA: 1, labels: [], sampleType: "uint16" },
);

const recordOf = (order: number, key: string, terms: readonly string[] = []): MovieRecord => {
  const file = { path: `day/m_${order}.mrcs`, size: movie.length, lastModified: 77_000 };
  const made = { at: 5, seconds: 2, backend: "cpu", flags: [], failure: null, version: 1 };
  const files = [`aligned/m_${order}_aligned.mrc`];
  return {
    ...file,
    ...{ id: fileIdentity(file), name: `m_${order}.mrcs`, base: `m_${order}`, order },
    ...{ hand: null, failure: null, sampled: false, metrics: { ...NO_METRICS, driftA: order } },
    track: { x: Array.from({ length: 40 }, (_, t) => t), y: new Array<number>(40).fill(0) },
    steps: { motion: { ...made, key, files, ...(terms.length > 0 ? { terms } : {}) } },
    corrected: {
      ...{ micrographName: `m_${order}_aligned.mrc`, unweightedName: null },
      ...{ metadataName: `m_${order}.star`, pixelSizeA: 1, binnedPixelSizeA: 1 },
      ...{ voltageKv: 300, earlyFrames: 4 },
    },
    image: { width: 8, height: 6, frames: 3, pixelSizeA: 1 },
  };
};

/** A results folder as the command leaves it. */
function resultsFolder() {
  const folder = memoryFolder("results");
  const put = (path: string, text: string): void =>
    void folder.files.set(path, new TextEncoder().encode(text));
  const records = [recordOf(0, keys.motion), recordOf(1, "another", ["float16"])];
  const plan = { steps: { gain: false, motion: true } };
  put("session.json", sessionJson("command", { name: "grid 7", settings: { plan } }, records));
  put("movies.star", "data_movies\n");
  return { ...folder, records };
}

describe("results that are opened", () => {
  beforeEach(() => {
    database = memorySessionDb();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("are shown without their movies, told when outdated, and not written to", async () => {
    const { files, handle } = resultsFolder();
    const before = new Map(files);
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const { store, actions } = await openAppInThisThread();
    await actions.openResults(handle);
    const state = store.getState();
    expect(state.project).toMatchObject({
      name: "grid 7",
      run: "off",
      results: { name: "results" },
    });
    expect(moviesAreMissing(state)).toBe(true);
    expect(state.view.workspace).toBe("overview");
    expect(
      allRows(state).map(({ state: is, reason, metrics }) => [is, reason, metrics.driftA]),
    ).toEqual([
      ["processed", "", 0],
      ["outdated", "motion made by the command with float16, which the page does not set", 1],
    ]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(files).toEqual(before);
    const [{ id }] = await database.rows();
    expect([...(await database.outputs(id))]).toEqual(
      expect.arrayContaining(["movies.star", "aligned/m_1_aligned.mrc"]),
    );

    // Opened again it is read as it is by now, and is no second session.
    const again = await openAppInThisThread();
    await again.actions.openResults(handle);
    expect(await database.rows()).toHaveLength(1);
  });

  it("find their movies again in a folder of copies with other times", async () => {
    const { handle, records } = resultsFolder();
    const { store, actions, openFolder } = await openAppInThisThread();
    await actions.openResults(handle);
    const movies = memoryFolder("movies");
    for (const { path } of records) movies.files.set(path, movie);
    // One has been written anew meanwhile.
    movies.files.set(records[1].path, Uint8Array.from([...movie, 0]));
    await openFolder(movies.handle);
    await vi.waitFor(() => expect(store.getState().session.files).toHaveLength(2), {
      timeout: 10_000,
    });
    const { project, log } = store.getState();
    expect(moviesAreMissing(store.getState())).toBe(false);
    const file = { path: records[0].path, size: movie.length, lastModified: 0 };
    const kept = project.records[fileIdentity(file)];
    expect(kept).toMatchObject({ order: 0, lastModified: 0, metrics: { driftA: 0 } });
    expect(kept.steps.motion?.key).toBe(keys.motion);
    expect(project.order).toHaveLength(2);
    expect(project.records[records[1].id]).toBeUndefined();
    expect(log.entries.map(({ text }) => text).join("\n")).toMatch(/1 movie has another time/);
    await vi.waitFor(async () => {
      const details = await database.details(project.id ?? "", kept.id);
      expect(details?.track?.x).toHaveLength(40);
    });
  });

  it("know a copy by what it holds, and another movie of the same size", async () => {
    const own = moviePrint(movie.length, [movie]);
    const { handle, files } = resultsFolder();
    const records = [
      { ...recordOf(0, keys.motion), print: own },
      { ...recordOf(1, keys.motion), print: moviePrint(movie.length, [movie.slice().reverse()]) },
    ];
    const text = sessionJson("command", { name: "grid 7", settings: {} }, records);
    files.set("session.json", new TextEncoder().encode(text));
    const { store, actions, openFolder } = await openAppInThisThread();
    await actions.openResults(handle);
    const movies = memoryFolder("movies");
    for (const { path } of records) movies.files.set(path, movie);
    await openFolder(movies.handle);
    await vi.waitFor(() => expect(store.getState().session.files).toHaveLength(2), {
      timeout: 10_000,
    });
    const now = records.map(({ path, size }) => fileIdentity({ path, size, lastModified: 0 }));
    const { records: kept } = store.getState().project;
    expect(kept[now[0]].steps.motion?.key).toBe(keys.motion);
    expect(kept[now[1]].steps).toEqual({});
  });

  it("are refused with a sentence where there are none", async () => {
    const { store, actions } = await openAppInThisThread();
    await actions.openResults(memoryFolder("empty").handle);
    expect(store.getState().session.notice).toContain("empty holds no session.json");
    const damaged = resultsFolder();
    damaged.files.set("session.json", new TextEncoder().encode('{"format":"cryolou'));
    await actions.openResults(damaged.handle);
    expect(store.getState().session.notice).toMatch(/results\/session\.json .* damaged/);
    expect(store.getState().project.id).toBeNull();
    expect(await database.rows()).toHaveLength(0);
  });
});
