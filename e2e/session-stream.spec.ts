import { expect, test } from "./fixtures.ts";
import { openSession, stepCounts, watchOwnFolder, writeMovies } from "./sessionPage.ts";

test.describe.configure({ timeout: 120_000 });

test("movies that are written while the page runs are each processed once, and a reload goes on", async ({
  page,
}) => {
  await openSession(page, "&backend=cpu");
  await writeMovies(page, { folder: "stream", from: 1, count: 4 });
  await watchOwnFolder(page, "stream");
  await expect.poll(async () => (await stepCounts(page)).done).toBeGreaterThan(1);
  // Three more come, each in two goes: none may be read when half of it is there.
  await writeMovies(page, { folder: "stream", from: 5, count: 3, halves: 400 });
  await expect.poll(async () => (await stepCounts(page)).done, { timeout: 60_000 }).toBe(7);
  const first = await page.evaluate(() => {
    const { project, log } = cryoloupeDiagnose.state();
    return {
      failed: Object.values(project.records).filter((r) => r.failure !== null).length,
      frames: Object.values(project.records).map((r) => r.image?.frames),
      begun: log.entries
        .map((e) => e.text)
        .filter((t) => t.startsWith("Motion of ") && t.endsWith(".mrcs.")),
    };
  });
  expect(first.failed).toBe(0);
  expect(new Set(first.frames)).toEqual(new Set([3]));
  expect(new Set(first.begun).size).toBe(7);
  expect(first.begun).toHaveLength(7);

  await writeMovies(page, { folder: "stream", from: 8, count: 2 });
  // One is written anew between two visits: it takes the place of its older self.
  await writeMovies(page, { folder: "stream", from: 1, count: 1, frames: 4 });
  await page.reload();
  await expect.poll(async () => (await stepCounts(page)).done, { timeout: 60_000 }).toBe(9);
  const again = await page.evaluate(() =>
    cryoloupeDiagnose
      .state()
      .log.entries.map((e) => e.text)
      .filter((t) => t.startsWith("Motion of ") && t.endsWith(".mrcs.")),
  );
  expect(again.map((text) => text.slice(10, 21)).sort()).toEqual([
    "movie_00001",
    "movie_00008",
    "movie_00009",
  ]);
});

test("files that were dropped one by one are open again after a reload", async ({ page }) => {
  await openSession(page, "&backend=cpu");
  await writeMovies(page, { folder: "single", from: 1, count: 2 });
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle("single");
    const files = [];
    for await (const handle of folder.values())
      if (handle.kind === "file")
        files.push({ path: handle.name, file: await handle.getFile(), handle });
    await cryoloupeDiagnose.actions.openDropped({ files, folders: [] });
  });
  const open = (): Promise<string[]> =>
    page.evaluate(() =>
      cryoloupeDiagnose
        .state()
        .session.files.flatMap(({ kind, name }) => (kind === "movie" ? [name] : [])),
    );
  await expect.poll(open).toHaveLength(2);
  const before = (await open()).sort();
  // The session is kept a moment after it begins.
  await expect
    .poll(() => page.evaluate(() => cryoloupeDiagnose.state().project.id !== null))
    .toBe(true);
  await page.waitForTimeout(600);
  await page.reload();
  await expect.poll(async () => (await open()).sort()).toEqual(before);
  expect(await page.evaluate(() => cryoloupeDiagnose.state().project.waitingFiles)).toBe(0);
});
