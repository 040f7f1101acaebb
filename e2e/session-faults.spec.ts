import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { nothingSerious } from "./axe.ts";
import { drop, expect, test } from "./fixtures.ts";
import { openSession, stepCounts, watchOwnFolder, writeMovies } from "./sessionPage.ts";

test.describe.configure({ timeout: 120_000 });

const done = (page: Page) => async (): Promise<number> => (await stepCounts(page)).done;
const wait = { timeout: 60_000 } as const;

async function logged(page: Page): Promise<string> {
  return await page.evaluate(() =>
    cryoloupeDiagnose
      .state()
      .log.entries.map((e) => e.text)
      .join("\n"),
  );
}

/** Writes text as a file of a folder of the page's own storage. */
async function writeText(page: Page, folder: string, name: string, text: string): Promise<void> {
  await page.evaluate(
    async ([path, file, content]) => {
      const root = await navigator.storage.getDirectory();
      const directory = await root.getDirectoryHandle(path, { create: true });
      const handle = await directory.getFileHandle(file, { create: true });
      const out = await handle.createWritable();
      await out.write(content);
      await out.close();
    },
    [folder, name, text],
  );
}

test("corrupt movies, a worker that is terminated and a device that is lost do not stop the others", async ({
  page,
}) => {
  await openSession(page, "&backend=webgpu");
  await writeMovies(page, { folder: "s", from: 1, count: 3 });
  await writeText(page, "s", "movie_00002b.mrcs", "This is a letter, no movie.\n".repeat(60));
  await watchOwnFolder(page, "s");
  await expect.poll(done(page), wait).toBeGreaterThan(0);
  const worker = page.workers().find((w) => w.url().includes("movie.worker"));
  await worker?.evaluate(() => self.close()).catch(() => undefined);
  await expect.poll(done(page), wait).toBe(3);
  await page.evaluate(() => void cryoloupeDiagnose.loseDevice());
  await writeMovies(page, { folder: "s", from: 4, count: 2 });
  await expect.poll(done(page), wait).toBe(5);
  const rows = await page.evaluate(() =>
    Object.values(cryoloupeDiagnose.state().project.records).map((r) => [
      r.name,
      r.failure?.message ?? "",
    ]),
  );
  const failed = rows.filter(([, message]) => message !== "");
  expect(failed.map(([name]) => name)).toEqual(["movie_00002b.mrcs"]);
  expect(failed[0][1]).toContain("movie_00002b.mrcs");
  expect(await logged(page)).toContain("The compute worker was stopped");
});

test("no room in the browser is said, the session goes on in memory and is kept again later", async ({
  page,
}) => {
  await openSession(page, "&backend=cpu");
  await writeMovies(page, { folder: "s", from: 1, count: 3 });
  // Before the first write: the browser remembers for a while how much room there was.
  const cdp = await page.context().newCDPSession(page);
  const origin = new URL(page.url()).origin;
  await cdp.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1000 });
  await watchOwnFolder(page, "s");
  await expect.poll(done(page), wait).toBe(3);
  await expect(page.getByText("Kept in memory only")).toBeVisible();
  expect(await logged(page)).toContain("The browser has no room left to keep this session");
  await cdp.send("Storage.overrideQuotaForOrigin", { origin });
  await writeMovies(page, { folder: "s", from: 4, count: 1 });
  await expect.poll(done(page), wait).toBe(4);
  await expect(page.getByText("Kept in memory only")).toBeHidden();
  // What could not be kept then is kept now.
  await page.reload();
  await expect.poll(done(page), wait).toBe(4);
  expect(await logged(page)).not.toContain("Motion of");
});

test("a refused folder, and files that vanish or change while they are read, have their sentences", async ({
  page,
}) => {
  await openSession(page, "&backend=cpu");
  await writeMovies(page, { folder: "s", from: 1, count: 2 });
  await watchOwnFolder(page, "s");
  await expect.poll(done(page), wait).toBe(2);
  await page.evaluate(() => {
    cryoloupeDiagnose.fault("list", "NotAllowedError");
    cryoloupeDiagnose.fault("permission", "NotAllowedError", "s", 1000);
  });
  // Something comes into the folder: it is looked at now and not when its turn comes.
  await writeText(page, "s", "notes.txt", "Ice is thin today.");
  await expect(page.getByRole("button", { name: "Reopen folder" })).toBeVisible(wait);
  expect(await logged(page)).toContain(
    "The folder s can no longer be read: the browser's permission ended. Choose Reopen folder; 2 results are kept.",
  );
  await page.evaluate(() => {
    // The next look finds one file gone and one being written to.
    cryoloupeDiagnose.fault("file", "NotFoundError", "00003");
    cryoloupeDiagnose.fault("file", "NotReadableError", "00004");
  });
  await writeMovies(page, { folder: "s", from: 3, count: 2 });
  await page.getByRole("button", { name: "Reopen folder" }).click();
  await expect.poll(done(page), wait).toBe(4);
  await page.evaluate(() => cryoloupeDiagnose.fault("permission", "", "", 0));

  // The disk is taken out while movies wait, and put back: none has failed, and nobody is asked.
  await page.evaluate(() => cryoloupeDiagnose.actions.pause());
  await writeMovies(page, { folder: "s", from: 6, count: 2 });
  await expect.poll(async () => (await stepCounts(page)).movies, wait).toBe(6);
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry("s", { recursive: true });
    cryoloupeDiagnose.actions.resume();
  });
  await expect(page.getByText("Waiting for s to be back")).toBeVisible(wait);
  expect(await logged(page)).toContain("The folder s is no longer there");
  expect(await stepCounts(page)).toMatchObject({ done: 4, failed: 0 });
  await writeMovies(page, { folder: "s", from: 6, count: 2 });
  await expect.poll(done(page), wait).toBe(6);
  await expect(page.getByText("Waiting for s to be back")).toBeHidden();

  // The text beside the movies is none of them, and has not failed either.
  expect(await logged(page)).toContain("notes.txt and what else is text beside the movies");
  expect(
    await page.evaluate(() => cryoloupeDiagnose.state().session.files.map(({ name }) => name)),
  ).not.toContain("notes.txt");

  // A file that was taken and is written to before its turn: it fails with a sentence, then is done anew.
  await page.evaluate(() => cryoloupeDiagnose.actions.pause());
  await writeMovies(page, { folder: "s", from: 5, count: 1 });
  await expect.poll(async () => (await stepCounts(page)).movies, wait).toBe(7);
  await page.evaluate(() => cryoloupeDiagnose.actions.closeStream());
  await writeMovies(page, { folder: "s", from: 5, count: 1, frames: 4 });
  await page.evaluate(() => cryoloupeDiagnose.actions.resume());
  await expect.poll(async () => (await stepCounts(page)).failed, wait).toBe(1);
  expect(await logged(page)).toContain(
    "movie_00005.mrcs can no longer be read: it was moved, changed on disk",
  );
  await page.getByRole("button", { name: "Watch again" }).click();
  await expect.poll(done(page), wait).toBe(7);
  expect(await logged(page)).toContain("movie_00005.mrcs has changed; it is read anew.");
  expect((await stepCounts(page)).failed).toBe(0);

  // Taken away: the results stay.
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    await (await root.getDirectoryHandle("s")).removeEntry("movie_00006.mrcs");
  });
  await expect
    .poll(() => logged(page), wait)
    .toContain("movie_00006.mrcs was removed from the folder; its results are kept.");
  expect((await stepCounts(page)).done).toBe(7);
});

test("a clock that jumps makes no half-read movie", async ({ page }) => {
  await openSession(page, "&backend=cpu");
  await writeMovies(page, { folder: "s", from: 1, count: 1 });
  await watchOwnFolder(page, "s");
  await expect.poll(done(page), wait).toBe(1);
  await page.evaluate(() => {
    const real = Date.now.bind(Date);
    let calls = 0;
    Date.now = () => real() + (calls++ % 2 === 0 ? 1 : -1) * 86_400_000;
  });
  await writeMovies(page, { folder: "s", from: 2, count: 2, halves: 600 });
  await expect.poll(done(page), wait).toBe(3);
  const log = await logged(page);
  expect(log).not.toContain("has changed");
  expect(log.match(/^Motion of .*\.mrcs\.$/gm)).toHaveLength(3);
});

test("a second tab shows the session and takes it over when asked", async ({ page }) => {
  await openSession(page, "&backend=cpu");
  await writeMovies(page, { folder: "s", from: 1, count: 2 });
  await watchOwnFolder(page, "s");
  await expect.poll(done(page), wait).toBe(2);
  const id = await page.evaluate(() => cryoloupeDiagnose.state().project.id);
  const second = await page.context().newPage();
  await openSession(second, "&backend=cpu");
  await expect
    .poll(() => second.evaluate(() => cryoloupeDiagnose.state().project.stored.length))
    .toBe(1);
  await second.evaluate(
    (session) => cryoloupeDiagnose.actions.openStoredSession(session ?? ""),
    id,
  );
  expect((await stepCounts(second)).done).toBe(2);
  expect(await logged(second)).toContain("This session is open in another tab");
  expect(await second.evaluate(() => cryoloupeDiagnose.state().project.access)).toBe("elsewhere");
  await second.evaluate(() => cryoloupeDiagnose.actions.takeOver());
  await expect
    .poll(() => page.evaluate(() => cryoloupeDiagnose.state().project.access))
    .toBe("elsewhere");
  await expect(page.getByText("Another tab works on this session")).toBeVisible();
  await writeMovies(second, { folder: "s", from: 3, count: 1 });
  await expect.poll(done(second), wait).toBe(3);
  expect((await stepCounts(page)).done).toBe(2);
  await second.close();
});

test("sessions of an older program are kept, opened, exported, imported and deleted", async ({
  page,
}) => {
  // A page of the same origin that does not open the database.
  await page.route("**/favicon.ico", (route) => route.fulfill({ status: 204 }));
  await page.goto("./manifest.webmanifest");
  await page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.open("cryoloupe-sessions", 1);
        request.onupgradeneeded = () => {
          request.result.createObjectStore("sessions", { keyPath: "id" });
        };
        request.onerror = () => reject(new Error("no database"));
        request.onsuccess = () => {
          const change = request.result.transaction("sessions", "readwrite");
          change.objectStore("sessions").put({
            id: "old",
            name: "grid 3",
            opened: 5,
            folder: null,
            movies: [
              {
                id: "f1",
                path: "day/a.tif",
                size: 9,
                lastModified: 5,
                deselected: true,
                metrics: { driftA: 4 },
                steps: { motion: { key: "k", at: 3, flags: ["jump"] } },
              },
            ],
          });
          change.oncomplete = () => {
            request.result.close();
            resolve();
          };
        };
      }),
  );
  await openSession(page);
  const list = (): Promise<{ id: string; name: string; movies: number }[]> =>
    page.evaluate(() =>
      cryoloupeDiagnose
        .state()
        .project.stored.map(({ id, name, movies }) => ({ id, name, movies })),
    );
  await expect.poll(list).toEqual([{ id: "old", name: "grid 3", movies: 1 }]);
  // Forgetting asks first, and by keyboard it is as easy to keep.
  await page.getByRole("button", { name: "Forget grid 3" }).press("Enter");
  await expect(page.getByRole("alertdialog").getByRole("button", { name: "Keep" })).toBeFocused();
  await nothingSerious(page);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Forget grid 3" })).toBeFocused();
  await page.evaluate(() => cryoloupeDiagnose.actions.openStoredSession("old"));
  const read = () => page.evaluate(() => Object.values(cryoloupeDiagnose.state().project.records));
  const records = await read();
  expect(records).toHaveLength(1);
  expect(records[0]).toMatchObject({ id: "f1", name: "a.tif", hand: "rejected", order: 0 });
  expect(records[0].steps.motion).toMatchObject({ key: "k", flags: ["jump"], failure: null });
  expect(records[0].metrics.driftA).toBe(4);

  const download = page.waitForEvent("download");
  await page.evaluate(() => void cryoloupeDiagnose.actions.exportSession());
  const file = await download;
  expect(file.suggestedFilename()).toBe("session.json");
  const results = join(tmpdir(), `cryoloupe-results-${process.pid}`);
  await file.saveAs(join(results, "session.json"));
  await page.evaluate(() => sessionStorage.clear());
  await openSession(page);
  // What is dropped is opened as by the buttons: the file, or the folder that holds it.
  await drop(page, [join(results, "session.json")]);
  await expect.poll(async () => (await read()).length).toBe(1);
  expect((await read())[0]).toMatchObject({ id: "f1", hand: "rejected" });
  // Table and trends are there without the movies, whose folder is asked for.
  await expect(page.getByText("Movies are not open")).toBeVisible();
  await expect(page.getByText("a.tif")).toBeVisible();
  await expect.poll(async () => (await list()).length).toBe(2);
  await page.evaluate(() => sessionStorage.clear());
  await openSession(page);
  await drop(page, [results]);
  await expect(page.getByText("Movies are not open")).toBeVisible();
  await expect.poll(async () => (await list()).length).toBe(3);
  await page.evaluate(() => cryoloupeDiagnose.actions.deleteStoredSession("old"));
  expect((await list()).map((s) => s.id)).not.toContain("old");
});
