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
    records: { path: string; steps: { motion: { files: string[] } } }[];
  };
  expect(json.records.map((r) => r.path)).toEqual(["movie_00001.mrcs", "movie_00002.mrcs"]);
  expect(json.records[1].steps.motion.files).toContain("aligned/movie_00002_2.star");

  await page.reload();
  await writeMovies(page, { folder: "run", from: 3, count: 1 });
  await expect.poll(async () => (await stepCounts(page)).done, { timeout: 60_000 }).toBe(3);
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
});
