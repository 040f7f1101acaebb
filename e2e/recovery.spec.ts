import type { Page } from "@playwright/test";
import { drop, expect, openPage, pictureDrawn, test } from "./fixtures.ts";

/** Ends the compute worker without a word, as the browser does for want of memory. */
async function killWorker(page: Page): Promise<void> {
  const worker = page.workers().find((w) => w.url().includes("movie.worker"));
  if (worker === undefined) throw new Error("no compute worker");
  await worker.evaluate(() => self.close()).catch(() => undefined);
}

test("a compute worker that dies is replaced, and the files are open again", async ({
  page,
  files,
}) => {
  await openPage(page);
  await drop(page, [files.movies[0]]);
  await pictureDrawn(page);
  await killWorker(page);
  await page.keyboard.press("l");
  await expect(page.getByRole("dialog")).toContainText("The compute worker was stopped");
  await page.keyboard.press("Escape");
  await page.keyboard.press("End");
  await expect(page.getByRole("img", { name: "Frame 8, movie_1.mrcs" })).toBeVisible();
  await pictureDrawn(page);
});
