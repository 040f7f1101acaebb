import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { optionLookup } from "#src/cli/optionContext.ts";
import { sessionCommand } from "#src/cli/sessionCommand.ts";
import { createCpuBackend } from "#src/compute/cpuBackend.ts";
import { RESULT_FILES } from "#src/domain/records/resultLayout.ts";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import type * as SessionDbModule from "#src/platform/sessionDb.ts";
import type { SessionDb } from "#src/platform/sessionDb.ts";
import { createSimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import { switchesOf } from "#src/state/micrographSlice.ts";
import type { App } from "#src/state/store.ts";
import { openInlinePool } from "#src/testing/backends.ts";
import { imagesApart } from "#src/testing/imagesApart.ts";
import { memoryFolder } from "#src/testing/memoryFolder.ts";
import type { MemoryFolder } from "#src/testing/memoryFolder.ts";
import { memorySessionDb } from "#src/testing/memorySessionDb.ts";
import { openAppInThisThread } from "#src/testing/pageInThread.ts";

let database: SessionDb = memorySessionDb();
vi.mock("#src/platform/sessionDb.ts", async (original) => ({
  ...(await original<typeof SessionDbModule>()),
  createSessionDb: () => database,
}));
// Worker threads need the built command; jobs run in this thread instead.
vi.mock("#src/cli/openBackend.ts", () => ({
  openBackend: () => Promise.resolve(createCpuBackend(openInlinePool())),
}));

const root = mkdtempSync(join(tmpdir(), "cryoloupe-handover-"));
afterAll(() => rmSync(root, { recursive: true }));
beforeEach(() => {
  database = memorySessionDb();
});
afterEach(() => void vi.unstubAllGlobals());

const [width, height, frames] = [64, 48, 3];

async function movieBytes(movieIndex: number): Promise<Uint8Array<ArrayBuffer>> {
  const simulated = createSimulatedMovie({
    ...{ width, height, frames, electronsPerFrame: 30, seed: 8, movieIndex },
    ...{ camera: "integrating", gain: "lines", driftPx: 1, localPx: 0 },
  });
  const planes = Array.from({ length: frames }, (_, t) => Uint16Array.from(simulated.frame(t)));
  const about = { width, height, pixelSizeA: 1.2, labels: [], sampleType: "uint16" } as const;
  return await encodeMrc(planes, about);
}

/** Movies in a folder of the disk, whose times are those of the folder in memory. */
async function movies(name: string, from: number, count: number): Promise<string> {
  const directory = join(root, name);
  mkdirSync(directory, { recursive: true });
  for (let m = from; m < from + count; m++) {
    const path = join(directory, `m_${m + 1}.mrcs`);
    writeFileSync(path, await movieBytes(m));
    utimesSync(path, 0, 0);
  }
  return directory;
}

/** A folder of the disk as the page is given it. */
function inMemory(directory: string, into: MemoryFolder = memoryFolder("folder")): MemoryFolder {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    into.files.set(path.slice(directory.length + 1), Uint8Array.from(readFileSync(path)));
  }
  return into;
}

async function byCommand(directory: string, out: string): Promise<void> {
  const file = `${directory}.json`;
  writeFileSync(
    file,
    JSON.stringify({
      ...{ movieStep: 1, residual: false, preprocess: { normalize: {} } },
      align: { patches: "none", "no-psd": true },
    }),
  );
  await sessionCommand.run({
    files: [directory],
    ...optionLookup(new Map([["parameters", file] as const, ["out", out] as const])),
    backendChoice: "cpu",
    say: () => undefined,
    signal: new AbortController().signal,
  });
}

const STEPS = ["gain", "motion", "preprocess"] as const;

/** Settles when so many movies have every step, and nothing runs. */
async function settled({ store }: App, count: number): Promise<void> {
  await vi.waitFor(
    () => {
      const { records, order } = store.getState().project;
      const made = order.map((id) => STEPS.map((step) => records[id].steps[step]?.failure));
      expect(made).toEqual(Array.from({ length: count }, () => [null, null, null]));
      expect(store.getState().runs.active).toBeNull();
    },
    { timeout: 20_000, interval: 20 },
  );
}

describe("a results folder of the command", () => {
  it("is gone on with by the page: nothing twice, and tables tell of all", async () => {
    const directory = await movies("command", 0, 2);
    const out = join(root, "command_out");
    await byCommand(directory, out);
    const results = inMemory(out, memoryFolder("results"));
    const before = new Map(results.files);
    const folder = inMemory(directory);

    const aligned: string[] = [];
    const app = await openAppInThisThread({ onAlign: (name) => void aligned.push(name) });
    await app.actions.openResults(results.handle);
    await app.openFolder(folder.handle);
    app.actions.resume();
    await vi.waitFor(() => expect(app.store.getState().session.files).toHaveLength(2));
    // One more comes: it alone is worked on.
    await movies("command", 2, 1);
    inMemory(directory, folder);
    await settled(app, 3);
    expect(aligned).toEqual(["m_3.mrcs"]);
    // Tables are written every five seconds; a place that is chosen has them at once.
    await app.useResultsFolder(results.handle);
    const text = (path: string): string => new TextDecoder().decode(results.files.get(path));
    await vi.waitFor(() => expect(text("micrographs/micrographs.star")).toContain("m_3.mrc"), {
      timeout: 15_000,
    });
    for (const path of [
      ...["micrographs/micrographs.star", "micrographs/preprocess.json"],
      ...[RESULT_FILES.correctedMicrographs, RESULT_FILES.gainStatistics, RESULT_FILES.moviesStar],
      ...[RESULT_FILES.gainSummary, RESULT_FILES.moviesCsv],
    ])
      for (const name of ["m_1", "m_2", "m_3"]) expect(text(path), path).toContain(name);
    // The mean of all three: those of the command are read back.
    expect(JSON.parse(text(RESULT_FILES.finalGainAbout))).toMatchObject({
      movies: ["m_1", "m_2", "m_3"],
    });
    // Other operations work on the micrographs that are there.
    app.store.setState(({ micrograph }) => ({
      micrograph: { ...micrograph, form: { ...micrograph.form, on: switchesOf(["invert"]) } },
    }));
    const micrograph = (): unknown => results.files.get("micrographs/m_1.mrc");
    await vi.waitFor(() => expect(micrograph()).not.toEqual(before.get("micrographs/m_1.mrc")), {
      timeout: 20_000,
    });
    await settled(app, 3);
    expect(aligned).toEqual(["m_3.mrcs"]);
    for (const path of ["aligned/m_1_aligned.mrc", "gain/m_2_gain.mrc"])
      expect(results.files.get(path), path).toEqual(before.get(path));
  });
});

describe("a page that is gone before its tables are written", () => {
  /** A visit of a tab whose files the browser finds again by themselves. */
  const visit = async (tab: Map<string, string>): Promise<App> => {
    const app = await openAppInThisThread({ tab });
    await app.begin();
    const files = await Promise.all(
      [0, 1].map(async (m) => {
        const name = `m_${m + 1}.mrcs`;
        return { path: name, file: new File([await movieBytes(m)], name, { lastModified: 0 }) };
      }),
    );
    await app.actions.openDropped({ files, folders: [] });
    return app;
  };
  const run = async (app: App, out: MemoryFolder): Promise<void> => {
    app.actions.setMotionParameters({ patches: "none" });
    app.actions.setPlan({ movieStep: 1, steps: { preprocess: true } });
    app.store.setState(({ micrograph }) => ({
      micrograph: { ...micrograph, form: { ...micrograph.form, on: switchesOf(["normalize"]) } },
    }));
    await app.useResultsFolder(out.handle);
    app.actions.resume();
    await settled(app, 2);
  };
  /** Tables are written every five seconds; a place that is chosen has them at once. */
  const finished = async (app: App, { files, handle }: MemoryFolder): Promise<void> => {
    await app.useResultsFolder(handle);
    for (const path of [RESULT_FILES.report, "micrographs/micrographs.star"])
      await vi.waitFor(() => expect([...files.keys()]).toContain(path), { timeout: 20_000 });
  };

  it("leaves a folder that the next visit completes, the final gain with it", async () => {
    const whole = memoryFolder("whole");
    const undisturbed = await visit(new Map());
    await run(undisturbed, whole);
    await finished(undisturbed, whole);
    const about = new TextDecoder().decode(whole.files.get(RESULT_FILES.finalGainAbout));
    const ofOne = new Map([
      [RESULT_FILES.finalGain, whole.files.get("gain/m_1_gain.mrc")],
      [
        RESULT_FILES.finalGainAbout,
        new TextEncoder().encode(JSON.stringify({ ...JSON.parse(about), movies: ["m_1"] })),
      ],
    ]);
    for (const left of [null, ofOne]) await goesOn(whole, left);
  });

  const goesOn = async (
    whole: MemoryFolder,
    left: ReadonlyMap<string, Uint8Array<ArrayBuffer> | undefined> | null,
  ): Promise<void> => {
    database = memorySessionDb();
    const tab = new Map<string, string>();
    const out = memoryFolder("out");
    const first = await visit(tab);
    await run(first, out);
    await vi.waitFor(async () => {
      expect((await database.rows())[0]?.settings).toMatchObject({ run: "running" });
    });
    // From now on nothing of the first visit is written: it is gone.
    first.store.setState(({ project }) => ({ project: { ...project, access: "elsewhere" } }));
    for (const path of Object.values(RESULT_FILES)) out.files.delete(path);
    // It was gone while it wrote the gain: the name is noted, the file is of one movie or is not there.
    const [{ id }] = await database.rows();
    await database.saveOutputs(id, [RESULT_FILES.finalGain, RESULT_FILES.finalGainAbout]);
    if (left !== null)
      for (const path of [RESULT_FILES.finalGain, RESULT_FILES.finalGainAbout])
        out.files.set(path, left.get(path) ?? new Uint8Array());
    const second = await visit(tab);
    // As where a movie is looked at whose gain is not: no report comes back into memory.
    const shown = (): object => second.store.getState().gain.sets.estimated;
    await vi.waitFor(() => expect(Object.keys(shown())).not.toEqual([]), { timeout: 10_000 });
    second.store.setState(({ gain }) => ({
      gain: { ...gain, sets: { ...gain.sets, estimated: {} } },
    }));
    await finished(second, out);
    const names = ({ files }: MemoryFolder): string[] => [...files.keys()].sort();
    await vi.waitFor(() => expect(names(out)).toEqual(names(whole)), { timeout: 10_000 });
    const pixels = ({ files }: MemoryFolder) => files.get(RESULT_FILES.finalGain);
    await vi.waitFor(() => expect(imagesApart(pixels(out), pixels(whole))).toBeLessThan(1e-5), {
      timeout: 10_000,
    });
  };
});
