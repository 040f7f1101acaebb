import { drop, expect, pictureDrawn, test } from "./fixtures.ts";
import { openSession } from "./sessionPage.ts";

test("other files begin a session of their own after a reload, and the name leads back to the start page", async ({
  page,
  files,
}) => {
  const project = () =>
    page.evaluate(() => {
      const { id, name, waitingFiles, records } = cryoloupeDiagnose.state().project;
      const { reference } = cryoloupeDiagnose.state().session;
      const stored = cryoloupeDiagnose.state().project.stored.map((one) => one.name);
      const paths = Object.values(records).map(({ path }) => path);
      return { id, name, waitingFiles, paths, reference, stored };
    });
  await openSession(page, "&backend=cpu");
  await drop(page, [files.movies[0], files.reference]);
  await pictureDrawn(page);
  await expect.poll(async () => (await project()).reference).not.toBeNull();
  await page.waitForTimeout(600);
  const first = await project();

  // The browser asks again before it lets files of an earlier visit be read, and nobody says yes.
  await page.addInitScript(() => {
    Object.assign(FileSystemHandle.prototype, {
      queryPermission: () => Promise.resolve("prompt"),
      requestPermission: () => Promise.resolve("denied"),
    });
  });
  await page.reload();
  await expect(page.getByText("2 files are not open")).toBeVisible();
  expect((await project()).id).toBe(first.id);
  await drop(page, [files.movies[1]]);
  await pictureDrawn(page);
  await expect(page.getByText("are not open")).toBeHidden();
  await expect.poll(async () => (await project()).paths).toEqual(["movie_2.mrcs"]);
  const second = await project();
  expect(second.id).not.toBe(first.id);
  expect(second).toMatchObject({ name: "movie_2.mrcs", reference: null, waitingFiles: 0 });

  await page.getByRole("button", { name: "Cryoloupe: start page" }).click();
  await expect(page.getByRole("button", { name: "Try the demo movie" })).toBeVisible();
  const list = page.getByRole("region", { name: "Continue" });
  await expect(list.getByText("movie_2.mrcs")).toBeVisible();
  await expect(list.getByText("2 files")).toBeVisible();
  expect((await project()).id).toBeNull();

  // The same files, dropped again, are their session again.
  await page.getByText("2 files").click();
  await expect(page.getByText("2 files are not open")).toBeVisible();
  await drop(page, [files.movies[0], files.reference]);
  const opened = () => page.evaluate(() => cryoloupeDiagnose.state().session.files.length);
  await expect.poll(opened).toBe(2);
  const again = await project();
  expect(again).toMatchObject({ id: first.id, name: "2 files", reference: first.reference });
});
