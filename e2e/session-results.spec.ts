import type { Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { strFromU8, unzipSync } from "fflate";
import { expect, test } from "./fixtures.ts";
import {
  filesBelow,
  openSession,
  stepCounts,
  textOf,
  watchOwnFolder,
  writeMovies,
} from "./sessionPage.ts";

test.describe.configure({ timeout: 120_000 });

/** The lock of a command in the results folder; null = it has ended. */
async function setLock(page: Page, text: string | null): Promise<void> {
  await page.evaluate(async (content) => {
    const root = await navigator.storage.getDirectory();
    const out = await (await root.getDirectoryHandle("run")).getDirectoryHandle("out");
    if (content === null) {
      await out.removeEntry("session.lock");
      return;
    }
    const file = await (await out.getFileHandle("session.lock", { create: true })).createWritable();
    await file.write(content);
    await file.close();
  }, text);
}

test("results are written as they come, whole, beside foreign files, and go on after a reload", async ({
  page,
}) => {
  await openSession(page, "&backend=cpu");
  await writeMovies(page, { folder: "run", from: 1, count: 2 });
  // A file of another program that has the name of a result.
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const run = await root.getDirectoryHandle("run");
    const out = await run.getDirectoryHandle("out", { create: true });
    const aligned = await out.getDirectoryHandle("aligned", { create: true });
    const foreign = await aligned.getFileHandle("movie_00002.star", { create: true });
    const file = await foreign.createWritable();
    await file.write("foreign");
    await file.close();
  });
  await page.evaluate(() => {
    const { actions } = cryoloupeDiagnose;
    actions.switchOperation("normalize", true);
    actions.setPlan({ steps: { preprocess: true } });
  });
  await watchOwnFolder(page, "run");
  // Below the folder that is watched: results must not be taken for input.
  await page.evaluate(() => cryoloupeDiagnose.chooseResults("run/out"));
  await expect.poll(async () => (await stepCounts(page)).done, { timeout: 60_000 }).toBe(2);
  await expect
    .poll(async () => Object.keys(await filesBelow(page, "run/out")), { timeout: 30_000 })
    .toContain("aligned/corrected_micrographs.star");
  await expect
    .poll(async () => await textOf(page, "run/out/session.json"), { timeout: 30_000 })
    .toContain("aligned/movie_00002_2.star");
  expect(await textOf(page, "run/out/aligned/corrected_micrographs.star")).toContain(
    "movie_00002_2.star",
  );
  const found = await filesBelow(page, "run/out");
  for (const name of [
    "aligned/movie_00001_aligned.mrc",
    "aligned/movie_00001_psd.mrc",
    "aligned/movie_00001_shifts.xmd",
    "aligned/movie_00001.star",
    "aligned/movie_00002_2.star",
    "aligned/corrected_micrographs.star",
    "gain/movie_00001_gain.mrc",
    "gain/final_gain.mrc",
    "gain/final_gain.json",
    "micrographs/movie_00001.mrc",
    "micrographs/micrographs.star",
    "gain/gain_statistics.csv",
    "movies.csv",
    "movies.star",
    "movies.xmd",
  ])
    expect(found, name).toHaveProperty([name]);
  // 64 × 64 floats behind a header of 1024 bytes.
  expect(found["aligned/movie_00001_aligned.mrc"]).toBe(1024 + 4 * 64 * 64);
  expect(
    Object.entries(found).filter(([name, size]) => size === 0 || name.endsWith(".part")),
  ).toEqual([]);
  expect(await textOf(page, "run/out/aligned/movie_00002.star")).toBe("foreign");
  const json = JSON.parse(await textOf(page, "run/out/session.json")) as {
    inputs: { sha256: string }[];
    records: { path: string; steps: { motion: { files: string[] } } }[];
  };
  expect(json.records.map((r) => r.path)).toEqual(["movie_00001.mrcs", "movie_00002.mrcs"]);
  expect(json.records[1].steps.motion.files).toContain("aligned/movie_00002_2.star");

  const [first] = json.inputs;
  expect(first.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect((await stepCounts(page, "preprocess")).failed).toBe(0);

  // A command begins to work in the folder: until it has ended nothing is written there.
  await setLock(page, "812\nscope3\n");
  await page.reload();
  await writeMovies(page, { folder: "run", from: 3, count: 1 });
  await expect.poll(async () => (await stepCounts(page)).done, { timeout: 60_000 }).toBe(3);
  await expect(page.getByText("A command works in the results folder")).toBeVisible();
  expect(Object.keys(await filesBelow(page, "run/out"))).not.toContain(
    "aligned/movie_00003_aligned.mrc",
  );
  await setLock(page, null);
  await expect(page.getByText("A command works in the results folder")).toBeHidden();
  await expect
    .poll(async () => Object.keys(await filesBelow(page, "run/out")), { timeout: 30_000 })
    .toContain("aligned/movie_00003_aligned.mrc");
  await expect
    .poll(async () => await textOf(page, "run/out/movies.csv"), { timeout: 30_000 })
    .toContain("movie_00003.mrcs");
  const after = await filesBelow(page, "run/out");
  // What is ours was written over, nothing was written twice under another name.
  expect(Object.keys(after).filter((name) => /_2\.(?!star)|_3\./.test(name))).toEqual([]);
  expect((await stepCounts(page)).movies).toBe(3);
  await expect
    .poll(async () => Object.keys(await filesBelow(page, "run/out")), { timeout: 30_000 })
    .toContain("report.html");
  // After the reload the estimate of the visit before is still in the report.
  const report = await textOf(page, "run/out/report.html");
  for (const part of ["Pixel gain G, movie_00001", "Micrograph of movie_00001.mrcs"])
    expect(report.includes(part), part).toBe(true);
  // A movie of the visit before is shown from the results folder.
  await page.getByRole("button", { name: "Motion" }).first().click();
  await page.getByText("movie_00001.mrcs").first().click();
  await expect(page.getByText("Sum of 3 aligned frames, movie_00001.mrcs")).toBeVisible();
  await expect(page.getByText("64 × 64 px, shown at")).toBeVisible();
});

test("a reload later, micrographs that the browser keeps are shown, reported and preprocessed", async ({
  page,
}) => {
  await openSession(page, "&backend=cpu");
  await writeMovies(page, { folder: "kept", from: 1, count: 1 });
  await page.evaluate(() => {
    const { actions } = cryoloupeDiagnose;
    actions.setPlan({ steps: { gain: false } });
    actions.switchOperation("downsample", false);
  });
  await watchOwnFolder(page, "kept");
  await expect.poll(async () => (await stepCounts(page)).done).toBe(1);
  // Beside the record, a moment later.
  await expect
    .poll(async () => Object.keys(await filesBelow(page, "cryoloupe-pictures").catch(() => ({}))))
    .toHaveLength(6);
  const madeAt = () =>
    page.evaluate(() =>
      Object.values(cryoloupeDiagnose.state().project.records).map(({ steps }) => steps.motion?.at),
    );
  const before = await madeAt();

  await page.reload();
  await page
    .getByRole("navigation", { name: "Workspaces" })
    .getByRole("button", { name: "Motion" })
    .click();
  await page.getByText("movie_00001.mrcs").first().click();
  await expect(page.getByText("Sum of 3 aligned frames, movie_00001.mrcs")).toBeVisible();
  await expect(page.getByText("64 × 64 px, shown at")).toBeVisible();
  await expect(page.getByTestId("spectrum")).toBeVisible();
  await page.getByText("Compare", { exact: true }).click();
  await expect(page.getByText("neither written nor kept")).toBeVisible();
  await page.evaluate(() => cryoloupeDiagnose.actions.makeReport());
  const html = await page.evaluate(() => cryoloupeDiagnose.state().report.page?.html ?? "");
  for (const title of ["Micrograph of movie_00001", "Power spectrum of movie_00001"])
    expect(html.includes(title), title).toBe(true);

  await page.evaluate(() => cryoloupeDiagnose.actions.setPlan({ steps: { preprocess: true } }));
  await expect.poll(async () => (await stepCounts(page, "preprocess")).done).toBe(1);
  expect(await madeAt()).toEqual(before);
});

test("results that cannot go into a folder wait on the disk and are streamed into one zip", async ({
  page,
}) => {
  await page.addInitScript(() => {
    // As in browsers that cannot write files: the zip goes to the downloads.
    for (const name of ["showDirectoryPicker", "showSaveFilePicker"])
      Object.defineProperty(globalThis, name, { value: undefined });
  });
  await openSession(page, "&backend=cpu");
  await writeMovies(page, { folder: "zipped", from: 1, count: 2 });
  await watchOwnFolder(page, "zipped");
  await page.evaluate(() => cryoloupeDiagnose.actions.useResultsZip());
  await expect.poll(async () => (await stepCounts(page)).done, { timeout: 60_000 }).toBe(2);
  // What waits is on the disk: a reload loses none of it.
  const id = await page.evaluate(() => cryoloupeDiagnose.state().project.id);
  await expect
    .poll(async () => Object.keys(await filesBelow(page, `cryoloupe-waiting/${id}`)), {
      timeout: 30_000,
    })
    .toContain("gain/final_gain.mrc");
  await page.reload();
  await expect.poll(async () => (await stepCounts(page)).done, { timeout: 60_000 }).toBe(2);
  await page.evaluate(() => cryoloupeDiagnose.actions.openWorkspace("overview"));
  await page.getByRole("tab", { name: "Run plan" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save the zip" }).click();
  const file = await (await download).path();
  const files = unzipSync(readFileSync(file));
  for (const [name, size] of [
    ["aligned/movie_00001_aligned.mrc", 1024 + 4 * 64 * 64],
    ["gain/final_gain.mrc", 1024 + 4 * 64 * 64],
  ] as const)
    expect(files[name]?.length, name).toBe(size);
  for (const name of ["movies.star", "session.json", "report.html"])
    expect(Object.keys(files)).toContain(name);
  expect(Object.keys(files).filter((name) => /_2\.|\.part$/.test(name))).toEqual([]);
  expect(strFromU8(files["aligned/corrected_micrographs.star"])).toContain(
    "aligned/movie_00002_aligned.mrc",
  );
});
