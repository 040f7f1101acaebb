import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import { openSession } from "./sessionPage.ts";

/** A page of the same origin that does not open the database. */
async function besideTheApp(page: Page): Promise<void> {
  await page.route("**/favicon.ico", (route) => route.fulfill({ status: 204 }));
  await page.goto("./manifest.webmanifest");
}

/** The second schema as its program left it: movies with whole tracks and names of files in their records. */
async function writeSecondSchema(page: Page, movies: number): Promise<void> {
  await page.evaluate(
    (count) =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.open("cryoloupe-sessions", 2);
        request.onupgradeneeded = () => {
          const { result: db } = request;
          db.createObjectStore("sessions", { keyPath: "id" });
          db.createObjectStore("records", { keyPath: ["session", "id"] });
          db.createObjectStore("reports", { keyPath: ["session", "id", "step"] });
          db.createObjectStore("thumbnails", { keyPath: ["session", "id"] });
          db.createObjectStore("outputs", { keyPath: ["session", "name"] });
        };
        request.onerror = () => reject(new Error("no database"));
        request.onsuccess = () => {
          const { result: db } = request;
          const change = db.transaction([...db.objectStoreNames], "readwrite");
          change.objectStore("sessions").put({
            ...{ id: "second", name: "grid 5", created: 4, opened: 5, folders: [], results: null },
            ...{ movies: count, processed: count, settings: null },
          });
          for (let i = 0; i < count; i++) {
            const id = `f${i}`;
            const made = { at: 3, seconds: 2, backend: "cpu", flags: ["jump"], failure: null };
            const record = {
              ...{ id, path: `day/m${i}.tif`, name: `m${i}.tif`, size: 9, lastModified: 5 },
              ...{ order: i, hand: null, failure: null, metrics: { driftA: i }, sampled: false },
              track: { x: Array.from({ length: 40 }, (_, t) => t), y: new Array(40).fill(i) },
              steps: { motion: { ...made, key: "k", files: [`aligned/m${i}_aligned.mrc`] } },
              corrected: { micrographName: `m${i}_aligned.mrc` },
              image: { width: 8, height: 8, frames: 40, pixelSizeA: 1 },
            };
            change.objectStore("records").put({ session: "second", id, record });
          }
          const own = { session: "second", id: "f1" };
          change.objectStore("reports").put({ ...own, step: "motion", report: { kept: "f1" } });
          change.objectStore("thumbnails").put({ ...own, grey: new Uint8Array([1, 2, 3]) });
          change.objectStore("outputs").put({ session: "second", name: "movies.csv" });
          change.oncomplete = () => {
            db.close();
            resolve();
          };
          change.onabort = () => reject(new Error("nothing was written"));
        };
      }),
    movies,
  );
}

/** Version of the database, and what a store of it holds. */
async function stored(page: Page, store: string): Promise<{ version: number; rows: unknown[] }> {
  return await page.evaluate(
    (name) =>
      new Promise<{ version: number; rows: unknown[] }>((resolve, reject) => {
        const request = indexedDB.open("cryoloupe-sessions");
        request.onerror = () => reject(new Error("no database"));
        request.onsuccess = () => {
          const { result: db } = request;
          const { version } = db;
          if (!db.objectStoreNames.contains(name)) {
            db.close();
            resolve({ version, rows: [] });
            return;
          }
          const all = db.transaction(name).objectStore(name).getAll();
          all.onsuccess = () => {
            db.close();
            resolve({
              version,
              rows: all.result.map((row: unknown) => JSON.parse(JSON.stringify(row)) as unknown),
            });
          };
        };
      }),
    store,
  );
}

const logOf = (page: Page) => (): Promise<string> =>
  page.evaluate(() =>
    cryoloupeDiagnose
      .state()
      .log.entries.map(({ text }) => text)
      .join("\n"),
  );

const names = (page: Page) => async (): Promise<readonly string[]> =>
  await page.evaluate(() => cryoloupeDiagnose.state().project.stored.map(({ name }) => name));

test("the second schema of the browser's database becomes the third, with all that lies in it", async ({
  page,
}) => {
  await besideTheApp(page);
  await writeSecondSchema(page, 3);
  // First the upgrade is broken off in the middle, as by a kill: what was there stays as it was.
  await page.addInitScript(() => {
    if (sessionStorage.getItem("break") === null) return;
    let done = 0;
    const { update } = Object.getOwnPropertyDescriptors(IDBCursor.prototype);
    const write = update.value as (this: IDBCursor, value: unknown) => IDBRequest<IDBValidKey>;
    IDBCursor.prototype.update = function (value: unknown) {
      if (++done > 1) throw new DOMException("broken off", "UnknownError");
      return write.call(this, value);
    };
  });
  await page.evaluate(() => sessionStorage.setItem("break", "1"));
  await openSession(page);
  await expect.poll(logOf(page)).toContain("The browser cannot keep this session");
  expect(await names(page)()).toEqual([]);
  const before = await stored(page, "records");
  expect(before.version).toBe(2);
  expect(before.rows).toHaveLength(3);
  expect(before.rows[0]).toMatchObject({
    record: { corrected: {}, track: { y: new Array(40).fill(0) } },
  });

  await page.evaluate(() => sessionStorage.clear());
  await openSession(page);
  await expect.poll(names(page)).toEqual(["grid 5"]);
  const records = await stored(page, "records");
  expect(records.version).toBe(3);
  expect(records.rows).toHaveLength(3);
  expect(records.rows[1]).not.toHaveProperty("record.corrected");
  expect(records.rows[1]).toMatchObject({
    record: { id: "f1", metrics: { driftA: 1 }, steps: { motion: { key: "k", files: [] } } },
  });
  expect((records.rows[1] as { record: { track: { x: number[] } } }).record.track.x).toHaveLength(
    16,
  );
  const details = await stored(page, "details");
  expect(details.rows).toHaveLength(3);
  expect(details.rows[2]).toEqual({
    session: "second",
    id: "f2",
    details: {
      track: { x: Array.from({ length: 40 }, (_, t) => t), y: new Array(40).fill(2) },
      corrected: { micrographName: "m2_aligned.mrc" },
      files: { motion: ["aligned/m2_aligned.mrc"] },
    },
  });
  for (const store of ["reports", "thumbnails", "outputs"])
    expect((await stored(page, store)).rows).toHaveLength(1);
});

test("an upgrade waits for another tab of the older program, says so, and goes on when it is closed", async ({
  page,
  context,
}) => {
  const older = await context.newPage();
  await besideTheApp(older);
  await writeSecondSchema(older, 1);
  await older.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const request = indexedDB.open("cryoloupe-sessions", 2);
        // Held open, and deaf to the wish of the newer program.
        request.onsuccess = () => resolve(void Object.assign(globalThis, { held: request.result }));
      }),
  );
  await openSession(page);
  await expect.poll(logOf(page)).toContain("another tab");
  await older.close();
  await page.reload();
  await expect.poll(names(page)).toEqual(["grid 5"]);
  expect((await stored(page, "details")).rows).toHaveLength(1);
});
