import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import type * as SessionDbModule from "#src/platform/sessionDb.ts";
import type { SessionDb } from "#src/platform/sessionDb.ts";
import { createSimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import { switchesOf } from "#src/state/micrographSlice.ts";
import type { App } from "#src/state/store.ts";
import { memoryFolder } from "#src/testing/memoryFolder.ts";
import { memorySessionDb } from "#src/testing/memorySessionDb.ts";
import { openAppInThisThread } from "#src/testing/pageInThread.ts";
import { createPictureShelf } from "#workers/pictureShelf.ts";

let database: SessionDb = memorySessionDb();
vi.mock("#src/platform/sessionDb.ts", async (original) => ({
  ...(await original<typeof SessionDbModule>()),
  createSessionDb: () => database,
}));

const [width, height, frames] = [64, 48, 3];

async function movieFile(movieIndex: number): Promise<File> {
  const simulated = createSimulatedMovie({
    ...{ width, height, frames, electronsPerFrame: 30, seed: 8, movieIndex },
    ...{ camera: "integrating", gain: "lines", driftPx: 1, localPx: 0 },
  });
  const planes = Array.from({ length: frames }, (_, t) => Uint16Array.from(simulated.frame(t)));
  const about = { width, height, pixelSizeA: 1.2, labels: [], sampleType: "uint16" } as const;
  const name = `m_${movieIndex + 1}.mrcs`;
  return new File([await encodeMrc(planes, about)], name, { lastModified: 0 });
}

/** Visits of one tab: what the browser keeps, and what was aligned on each. */
class Tab {
  readonly remembered = new Map<string, string>();
  readonly disk = memoryFolder("browser");
  aligned: string[] = [];
  files: File[] = [];

  async visit(): Promise<App> {
    this.aligned = [];
    const app = await openAppInThisThread({
      shelf: createPictureShelf({
        folder: () => Promise.resolve(this.disk.handle),
        room: () => Promise.resolve({ quota: 2 ** 34, usage: 0 }),
      }),
      tab: this.remembered,
      onAlign: (name) => void this.aligned.push(name),
    });
    await app.begin();
    this.files = this.files.length > 0 ? this.files : await Promise.all([0, 1].map(movieFile));
    const files = this.files.map((file) => ({ path: file.name, file }));
    await app.actions.openDropped({ files, folders: [] });
    return app;
  }
}

const lines = ({ store }: App): string =>
  store
    .getState()
    .log.entries.map(({ text }) => text)
    .join("\n");

/** Settles when every movie has a result of this step with the key of now. */
async function settled({ store }: App, step: "motion" | "preprocess"): Promise<void> {
  await vi.waitFor(
    () => {
      const { records, order } = store.getState().project;
      const made = order.map((id) => records[id].steps[step]?.failure);
      expect(made).toEqual([null, null]);
      expect(store.getState().runs.active).toBeNull();
    },
    { timeout: 20_000, interval: 20 },
  );
}

/** The database has the settings: the page may go. */
async function kept({ store }: App): Promise<void> {
  const { plan } = store.getState().project;
  await vi.waitFor(async () => {
    const [row] = await database.rows();
    expect(row.settings).toMatchObject({ plan: { steps: plan.steps }, run: "running" });
  });
}

function onlyMotion({ store, actions }: App): void {
  actions.setMotionParameters({ patches: "none" });
  actions.setPlan({ steps: { gain: false } });
  store.setState(({ micrograph }) => ({
    micrograph: {
      ...micrograph,
      form: { ...micrograph.form, on: switchesOf(["normalize"]) },
    },
  }));
}

describe("preprocessing that is switched on on a later visit", () => {
  beforeEach(() => {
    database = memorySessionDb();
  });
  afterEach(() => void vi.unstubAllGlobals());

  it("reads corrected micrographs back from the results folder, and makes a changed one again", async () => {
    const tab = new Tab();
    const out = memoryFolder("out");
    const first = await tab.visit();
    onlyMotion(first);
    await first.useResultsFolder(out.handle);
    first.actions.resume();
    await settled(first, "motion");
    expect(tab.aligned.sort()).toEqual(["m_1.mrcs", "m_2.mrcs"]);

    await kept(first);

    // Another program writes over one of them: as long as before, another value.
    const changed = out.files.get("aligned/m_2_aligned.mrc") ?? new Uint8Array();
    changed[changed.length - 2] ^= 1;
    const second = await tab.visit();
    second.actions.setPlan({ steps: { preprocess: true } });
    second.actions.resume();
    await settled(second, "preprocess");
    expect(tab.aligned).toEqual(["m_2.mrcs"]);
    expect(lines(second)).toContain("m_2.mrcs: its corrected micrograph is made again.");
    expect(lines(second)).toContain("aligned/m_2_aligned.mrc has changed since it was written");
    expect([...out.files.keys()]).toEqual(
      expect.arrayContaining(["micrographs/m_1.mrc", "micrographs/m_2.mrc"]),
    );
    const read = out.files.get("micrographs/m_1.mrc");
    await kept(second);

    // A visit that makes nothing: tables and report have what the others have made.
    out.files.delete("micrographs/micrographs.star");
    const third = await tab.visit();
    await third.useResultsFolder(out.handle);
    const star = new TextDecoder().decode(out.files.get("micrographs/micrographs.star"));
    for (const name of ["m_1.mrc", "m_2.mrc"]) expect(star).toContain(`micrographs/${name} `);
    await third.actions.makeReport();
    const html = third.store.getState().report.page?.html ?? "";
    for (const movie of ["m_1.mrcs", "m_2.mrcs"])
      for (const shown of ["Micrograph of", "Power spectrum of"])
        expect(html.includes(`${shown} ${movie}`), `${shown} ${movie}`).toBe(true);
    expect(html.includes("reduced")).toBe(false);
    expect(tab.aligned).toEqual([]);
    // Every picture of the motion workspace but that of frames as recorded, which is written nowhere.
    const [id] = third.store.getState().project.order;
    const look = (name: string) =>
      third.pictures.summary({ kind: "stored", id: `motion/${id}/${name}` });
    for (const name of ["after", "psd/reading/before", "psd/protocol/after"])
      expect((await look(name)).width, name).toBeGreaterThan(0);
    await expect(look("before")).rejects.toMatchObject({ code: "not-kept" });

    // The same in one go gives the same pixels.
    database = memorySessionDb();
    const whole = memoryFolder("whole");
    const other = await new Tab().visit();
    onlyMotion(other);
    other.actions.setPlan({ steps: { preprocess: true } });
    await other.useResultsFolder(whole.handle);
    other.actions.resume();
    await settled(other, "preprocess");
    expect(read?.slice(1024)).toEqual(whole.files.get("micrographs/m_1.mrc")?.slice(1024));
  });

  it("reads them back from the browser's own storage, and makes one again that has left it", async () => {
    const tab = new Tab();
    const first = await tab.visit();
    onlyMotion(first);
    first.actions.resume();
    await settled(first, "motion");
    await kept(first);
    const names = [...tab.disk.files.keys()];
    // A micrograph, a small one and four spectra of each movie.
    expect(names.filter((name) => name.endsWith(".s"))).toHaveLength(2);
    expect(names.filter((name) => name.endsWith(".t"))).toHaveLength(10);
    expect(names.some((name) => name.endsWith(".v"))).toBe(false);
    const gone = names.filter((name) => name.endsWith(".s"))[0];
    const of = first.store.getState().project.records;
    tab.disk.files.delete(gone);

    const second = await tab.visit();
    second.actions.setPlan({ steps: { preprocess: true } });
    second.actions.resume();
    await settled(second, "preprocess");
    const lost = Object.values(of).find(({ id }) => gone.includes(id));
    expect(tab.aligned).toEqual([lost?.name]);
    expect(lines(second)).toContain(`${lost?.name ?? ""}: its corrected micrograph is made again.`);
    await kept(second);

    // Of the other, only what is small is left: the report shows that, and the view says what is missing.
    for (const name of tab.disk.files.keys()) if (name.endsWith(".s")) tab.disk.files.delete(name);
    const third = await tab.visit();
    await third.actions.makeReport();
    const html = third.store.getState().report.page?.html ?? "";
    for (const part of ["Micrograph of m_2.mrcs", "as the browser keeps it, reduced"])
      expect(html.includes(part), part).toBe(true);
    const [id] = third.store.getState().project.order;
    await expect(
      third.pictures.summary({ kind: "stored", id: `motion/${id}/after` }),
    ).rejects.toMatchObject({ code: "not-kept" });
  });
});
