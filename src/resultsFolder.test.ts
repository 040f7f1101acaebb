import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { optionLookup } from "#src/cli/optionContext.ts";
import { sessionCommand } from "#src/cli/sessionCommand.ts";
import { createCpuBackend } from "#src/compute/cpuBackend.ts";
import { RESULT_FILES } from "#src/domain/records/resultLayout.ts";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { openImage } from "#src/formats/reference/openImage.ts";
import { memorySource } from "#src/formats/memorySource.ts";
import { parseStar } from "#src/formats/star/parseStar.ts";
import { findTable, textColumn } from "#src/formats/star/starTable.ts";
import { relionTable } from "#src/simulation/ctfTable.ts";
import { createSimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import { switchesOf } from "#src/state/micrographSlice.ts";
import { parseSession } from "#src/state/sessionImport.ts";
import type { App } from "#src/state/store.ts";
import { openInlinePool } from "#src/testing/backends.ts";
import { tiffStack } from "#src/testing/files/tiffStack.ts";
import { imagesApart } from "#src/testing/imagesApart.ts";
import { memoryFolder } from "#src/testing/memoryFolder.ts";
import { openAppInThisThread } from "#src/testing/pageInThread.ts";

// Worker threads need the built command; jobs run in this thread instead.
vi.mock("#src/cli/openBackend.ts", () => ({
  openBackend: () => Promise.resolve(createCpuBackend(openInlinePool())),
}));

const root = mkdtempSync(join(tmpdir(), "cryoloupe-layout-"));
afterAll(() => rmSync(root, { recursive: true }));
afterEach(() => void vi.unstubAllGlobals());

/** Files of the inputs' folder as the user drops them. */
function dropped(directory: string) {
  return readdirSync(directory).map((name) => ({
    path: name,
    file: new File([readFileSync(join(directory, name))], name, { lastModified: 0 }),
  }));
}

function filesBelow(directory: string): Map<string, Uint8Array> {
  return new Map(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return [path.slice(directory.length + 1), readFileSync(path)];
      }),
  );
}

/** All files as the page sees them: their time is the beginning of 1970. */
function withoutTimes(directory: string): void {
  for (const name of readdirSync(directory)) utimesSync(join(directory, name), 0, 0);
}

async function byCommand(
  directory: string,
  parameters: unknown,
  { out = `${directory}_command`, say = (_: string): void => undefined } = {},
): Promise<Map<string, Uint8Array>> {
  withoutTimes(directory);
  const file = `${directory}.json`;
  writeFileSync(file, JSON.stringify(parameters));
  await sessionCommand.run({
    files: [directory],
    ...optionLookup(new Map([["parameters", file] as const, ["out", out] as const])),
    backendChoice: "cpu",
    say,
    signal: new AbortController().signal,
  });
  return filesBelow(out);
}

/** What the command says when it goes on in a folder that the page wrote, and what is there then. */
async function goOn(
  directory: string,
  parameters: unknown,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<{ readonly said: string; readonly files: ReadonlyMap<string, Uint8Array> }> {
  const out = `${directory}_both`;
  for (const [path, content] of files) {
    mkdirSync(dirname(join(out, path)), { recursive: true });
    writeFileSync(join(out, path), content);
  }
  const said: string[] = [];
  const after = await byCommand(directory, parameters, {
    out,
    say: (line) => void said.push(line),
  });
  return { said: said.join("\n"), files: after };
}

/** Files that are others than before, in order. */
function changed(
  after: ReadonlyMap<string, Uint8Array>,
  before: ReadonlyMap<string, Uint8Array>,
): string[] {
  const same = (path: string): boolean =>
    Buffer.from(after.get(path) ?? []).equals(Buffer.from(before.get(path) ?? []));
  return [...new Set([...after.keys(), ...before.keys()])].filter((path) => !same(path)).sort();
}

/** The movies of a session.json by their ids, each step with its key. */
function keysIn(content: Uint8Array | undefined): Readonly<Record<string, unknown>> {
  const { records } = parseSession(new TextDecoder().decode(content), "session.json");
  return Object.fromEntries(
    records.map(({ id, base, steps }) => [
      id,
      { base, ...Object.fromEntries(Object.entries(steps).map(([step, { key }]) => [step, key])) },
    ]),
  );
}

/** Opens the files, runs the plan, and answers what the results folder holds when nothing is due. */
async function byPage(
  directory: string,
  set: (app: App) => void,
): Promise<{ readonly app: App; readonly files: ReadonlyMap<string, Uint8Array> }> {
  const app = await openAppInThisThread();
  const { files, handle } = memoryFolder("out");
  await app.actions.openDropped({ files: dropped(directory), folders: [] });
  set(app);
  await app.useResultsFolder(handle);
  app.actions.resume();
  await vi.waitFor(() => expect([...files.keys()]).toContain(RESULT_FILES.report), {
    timeout: 30_000,
    interval: 50,
  });
  const done = (): boolean =>
    Object.values(app.store.getState().project.records).every(
      ({ steps }) => steps.preprocess !== undefined,
    );
  await vi.waitFor(() => expect(done()).toBe(true), { timeout: 30_000, interval: 50 });
  await vi.waitFor(() => expect([...files.keys()]).toContain("micrographs/micrographs.star"), {
    timeout: 30_000,
    interval: 50,
  });
  return { app, files };
}

const sizes = { ...{ width: 96, height: 80, frames: 4, electronsPerFrame: 40, seed: 4 } } as const;
const movieOf = (movieIndex: number) =>
  createSimulatedMovie({
    ...sizes,
    ...{ movieIndex, camera: "integrating", gain: "lines", driftPx: 1, localPx: 0 },
    referencePose: { rotation90: 0, flip: "upside-down", inverted: false },
  });

/** Page and command, without what only the command needs. */
const compared = (files: ReadonlyMap<string, unknown>): string[] =>
  [...files.keys()].filter((path) => path !== RESULT_FILES.journal).sort();

/** What a session that has nothing to do writes: names as of where it was started, times, its journal. */
const TOLD = [
  RESULT_FILES.correctedMicrographs,
  ...["micrographs.star", "micrographs.xmd", "preprocess.json"].map((n) => `micrographs/${n}`),
  ...[RESULT_FILES.moviesCsv, RESULT_FILES.moviesStar, RESULT_FILES.moviesXmd],
  ...[RESULT_FILES.report, RESULT_FILES.session, RESULT_FILES.journal],
];

describe("the results folder", () => {
  it("of the page holds the files that the command's holds", async () => {
    const directory = join(root, "with");
    mkdirSync(directory);
    const { width, height, frames } = sizes;
    const mrc = { width, height, pixelSizeA: 1.2, labels: [] };
    for (let m = 0; m < 2; m++)
      writeFileSync(
        join(directory, `m_${m + 1}.mrcs`),
        await encodeMrc(
          Array.from({ length: frames }, (_, t) => Uint16Array.from(movieOf(m).frame(t))),
          { ...mrc, sampleType: "uint16" },
        ),
      );
    writeFileSync(
      join(directory, "gain_ref.mrc"),
      await encodeMrc([movieOf(0).reference().values], { ...mrc, sampleType: "float32" }),
    );
    writeFileSync(join(directory, "ctf.star"), relionTable([9000, 12_000, 15_000]));

    const parameters = {
      ...{ gain: join(directory, "gain_ref.mrc"), estimate: false, movieStep: 1 },
      ...{ align: { patches: "none" }, preprocess: { normalize: {} } },
      ...{ ctf: join(directory, "ctf.star"), sample: { n: 2 }, minimumForSampling: 1 },
    };
    const command = await byCommand(directory, parameters);
    const { app, files } = await byPage(directory, ({ store, actions }) => {
      actions.setMotionParameters({ patches: "none" });
      actions.setSampleOptions({ count: 2, minImages: 1 });
      actions.setPlan({
        ...{ movieStep: 1, minimumForSampling: 1 },
        steps: { preprocess: true, sampling: true },
      });
      store.setState(({ micrograph }) => ({
        micrograph: {
          ...micrograph,
          form: { ...micrograph.form, on: switchesOf(["normalize"]) },
        },
      }));
    });
    await vi.waitFor(() => expect(compared(files)).toEqual(compared(command)), { timeout: 10_000 });
    expect(compared(files)).toContain("sampling/sample.json");
    expect(app.store.getState().project.results.failure).toBeNull();

    // The same gain: as written by either it has the same pixels.
    for (const path of [RESULT_FILES.finalGain, RESULT_FILES.orientedGain])
      expect(files.get(path)?.slice(1024)).toEqual(
        Uint8Array.from(command.get(path)?.slice(1024) ?? []),
      );
    const text = (path: string): string => new TextDecoder().decode(files.get(path));
    expect(text(RESULT_FILES.moviesStar)).toContain(RESULT_FILES.finalGain);
    expect(text("aligned/m_1.star")).toContain(RESULT_FILES.finalGain);
    expect(text(RESULT_FILES.correctedMicrographs)).toContain("aligned/m_2_aligned.mrc");
    // Without these RELION extracts no particles.
    for (const label of ["rlnVoltage", "rlnSphericalAberration", "rlnMicrographPixelSize"])
      expect(text("micrographs/micrographs.star")).toContain(label);
    expect(text("micrographs/micrographs.star")).toMatch(/^micrographs\/m_2\.mrc /m);
    // Our own readers read what was written.
    const image = await openImage(
      memorySource("a.mrc", files.get("aligned/m_1_aligned.mrc") ?? new Uint8Array()),
    );
    expect([image.width, image.height]).toEqual([width, height]);
    const star = parseStar(text(RESULT_FILES.correctedMicrographs), "corrected_micrographs.star");
    const table = findTable(star, "micrographs");
    expect(table && textColumn(table, "rlnMicrographName")).toEqual([
      "aligned/m_1_aligned.mrc",
      "aligned/m_2_aligned.mrc",
    ]);
    expect(parseSession(text(RESULT_FILES.session), "session.json").records).toHaveLength(2);
    const warnings = app.store.getState().log.entries.filter(({ level }) => level !== "info");
    expect(warnings.filter(({ text: said }) => said.includes("none of ours"))).toEqual([]);
    expect(text(RESULT_FILES.report)).toContain("Methods and references");
    const { inputs } = JSON.parse(text(RESULT_FILES.session)) as {
      inputs: { path: string; sha256: string }[];
    };
    // Either knows the other's results again: the same movies, the same keys.
    expect(keysIn(command.get(RESULT_FILES.session))).toEqual(
      keysIn(files.get(RESULT_FILES.session)),
    );
    const both = await goOn(directory, parameters, files);
    expect(both.said).toContain("2 of 2 movies were aligned by it and 2 preprocessed");
    expect(both.said).toContain("gains of 2 movies and the final gain were made by it");
    expect(both.said).toContain("The sample that is there holds");
    // Nothing but tables was written.
    expect(changed(both.files, files)).toEqual(TOLD);
    // A copy of the reference, of another name and time, is the same reference.
    const copy = join(root, "copied_reference.mrc");
    copyFileSync(join(directory, "gain_ref.mrc"), copy);
    utimesSync(copy, 5, 5);
    const copied = await goOn(directory, { ...parameters, gain: copy }, both.files);
    expect(copied.said).toContain("The final gain of the earlier run is used.");
    expect(changed(copied.files, both.files).filter((p) => !TOLD.includes(p))).toEqual([]);
    const again = new TextDecoder().decode(both.files.get(RESULT_FILES.correctedMicrographs));
    expect(again).toContain("aligned/m_2_aligned.mrc");
    expect(JSON.parse(text(RESULT_FILES.session))).toMatchObject({
      gainApplied: { source: "reference" },
    });
    for (const all of [command, files])
      expect(
        JSON.parse(new TextDecoder().decode(all.get(RESULT_FILES.finalGainAbout))),
      ).toMatchObject({ source: "oriented", applied: { source: "reference" } });

    expect(inputs).toHaveLength(4);
    for (const { path, sha256 } of inputs)
      expect(sha256, path).toBe(
        createHash("sha256")
          .update(readFileSync(join(directory, path)))
          .digest("hex"),
      );
  });

  it("holds the estimated gain where there is no reference, for either order of rows", async () => {
    const directory = join(root, "without");
    mkdirSync(directory);
    const { width, height, frames } = sizes;
    for (let m = 0; m < 2; m++)
      writeFileSync(
        join(directory, `m_${m + 1}.tif`),
        tiffStack(
          Array.from({ length: frames }, (_, t) => Uint16Array.from(movieOf(m).frame(t))),
          width,
          height,
        ),
      );
    const parameters = {
      ...{ residual: false, movieStep: 1, preprocess: { normalize: {} } },
      align: { patches: "none" },
    };
    const command = await byCommand(directory, parameters);
    const { files } = await byPage(directory, ({ store, actions }) => {
      actions.setMotionParameters({ patches: "none" });
      actions.setPlan({ movieStep: 1, steps: { preprocess: true } });
      store.setState(({ micrograph }) => ({
        micrograph: {
          ...micrograph,
          form: { ...micrograph.form, on: switchesOf(["normalize"]) },
        },
      }));
    });
    await vi.waitFor(() => expect(compared(files)).toEqual(compared(command)), { timeout: 10_000 });
    expect(compared(files)).toContain(RESULT_FILES.finalGainAsStored);
    // Neither applies it: the micrographs are the same, and the keys agree.
    const name = "aligned/m_1_aligned.mrc";
    expect(imagesApart(command.get(name), files.get(name))).toBeLessThan(1e-5);
    for (const all of [command, files])
      expect(JSON.parse(new TextDecoder().decode(all.get(RESULT_FILES.session)))).toMatchObject({
        schema: 3,
        gainApplied: { source: "none" },
      });
    expect(keysIn(command.get(RESULT_FILES.session))).toEqual(
      keysIn(files.get(RESULT_FILES.session)),
    );
    const other = { ...parameters, align: { patches: "none", float16: true } };
    const both = await goOn(directory, other, files);
    expect(both.said).toContain("0 of 2 movies were aligned by it");
    // Only what the option concerns is made anew.
    expect(both.said).toContain("gains of 2 movies and the final gain were made by it");
    const made = changed(both.files, files);
    expect(made.filter((path) => path.startsWith("gain/"))).toEqual([]);
    expect(made).toContain("aligned/m_2_aligned.mrc");
    expect(made).toContain("micrographs/m_2.mrc");
    for (const all of [command, files]) {
      const text = (path: string): string => new TextDecoder().decode(all.get(path));
      expect(JSON.parse(text(RESULT_FILES.finalGainAbout))).toMatchObject({
        ...{ source: "estimated", movies: ["m_1", "m_2"] },
        applied: { source: "none" },
      });
      // No other program multiplies by what we did not.
      for (const path of [RESULT_FILES.moviesStar, RESULT_FILES.moviesXmd, "aligned/m_1.star"])
        expect(text(path), path).not.toContain("final_gain");
      expect(text(RESULT_FILES.moviesStar)).toContain("m_2.tif");
    }
    // By the user's word it is applied: the same gain, told so and named.
    const wished = await goOn(directory, { ...parameters, applyEstimate: true }, files);
    expect(changed(wished.files, files).filter((path) => path.startsWith("gain/"))).toEqual([
      RESULT_FILES.finalGainAbout,
    ]);
    const told = (path: string): string => new TextDecoder().decode(wished.files.get(path));
    expect(JSON.parse(told(RESULT_FILES.finalGainAbout))).toMatchObject({
      applied: { source: "estimated" },
    });
    for (const path of [RESULT_FILES.moviesStar, "aligned/m_1.star"])
      expect(told(path), path).toContain(RESULT_FILES.finalGain);
  });
});
