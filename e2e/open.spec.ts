import { drop, expect, MOVIE_SIZE, openPage, pictureDrawn, test } from "./fixtures.ts";

test("files are opened by the dialog, shown, and walked through by keyboard", async ({
  page,
  files,
}) => {
  await openPage(page);
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Open files" }).click();
  await (await chooser).setFiles([...files.movies]);
  await expect(page.getByText("2 movies", { exact: true })).toBeVisible();
  await expect(page.getByText("8 × 256 × 224, 1.2 Å/px")).toBeVisible();
  await pictureDrawn(page);
  await expect(page.getByText(`Frame 1 of ${MOVIE_SIZE.frames}`, { exact: true })).toBeVisible();

  await page.keyboard.press("ArrowRight");
  await expect(page.getByText("Frame 2 of 8", { exact: true })).toBeVisible();
  await page.keyboard.press("End");
  await expect(page.getByText("Frame 8 of 8", { exact: true })).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("img", { name: "Frame 8, movie_2.mrcs" })).toBeVisible();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toContainText("bad-pixel mask");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
});

test("the value under the cursor is the file's, and the wheel zooms to single pixels", async ({
  page,
  files,
}) => {
  await openPage(page);
  await drop(page, [files.movies[0]]);
  await pictureDrawn(page);
  const canvas = page.locator("canvas.picture");
  const box = (await canvas.boundingBox())!;
  // The middle of a pixel; whole numbers, because wheel events know no fractions.
  const scale = Math.min(box.width / MOVIE_SIZE.width, box.height / MOVIE_SIZE.height);
  const x = Math.round(box.x + box.width / 2 + (90.5 - MOVIE_SIZE.width / 2) * scale);
  const y = Math.round(box.y + box.height / 2 + (70.5 - MOVIE_SIZE.height / 2) * scale);
  await page.mouse.move(x, y);
  const reading = page.getByTestId("reading");
  await expect(reading).toContainText("x 90 y 70 counts");
  const before = await reading.textContent();
  for (let i = 0; i < 30; i++) await page.mouse.wheel(0, -120);
  await expect(page.getByText(/shown at 6\s?400 %/)).toBeVisible();
  // The pixel under the cursor has stayed.
  await page.mouse.move(x + 1, y);
  await page.mouse.move(x, y);
  await expect(reading).toHaveText(before!);
  await page.keyboard.press("f");
  await expect(page.getByText(/shown at 6\s?400 %/)).toBeHidden();
});

test("sum, inversion and contrast change the picture", async ({ page, files }) => {
  await openPage(page);
  await drop(page, [files.movies[0]]);
  await pictureDrawn(page);
  const canvas = page.locator("canvas.picture");
  const first = await canvas.screenshot();
  await page.keyboard.press("i");
  await expect.poll(async () => (await canvas.screenshot()).equals(first)).toBe(false);
  await page.keyboard.press("i");
  await page.keyboard.press("End");
  await page.getByRole("radiogroup", { name: "Picture" }).getByText("Sum").click();
  await expect(page.getByRole("img", { name: "Sum of 8 frames, movie_1.mrcs" })).toBeVisible();
  const low = page.getByRole("slider", { name: "Black below" });
  // Sums of eight frames of 20 counts: black lies above what single frames reach.
  await expect
    .poll(async () => Number(await low.getAttribute("aria-valuenow")))
    .toBeGreaterThan(60);
  const text = await low.getAttribute("aria-valuetext");
  await low.focus();
  await page.keyboard.press("PageUp");
  await expect(low).not.toHaveAttribute("aria-valuetext", text!);
  await expect(page.getByText("set by hand")).toBeVisible();
  await canvas.click();
  await page.keyboard.press("a");
  await expect(low).toHaveAttribute("aria-valuetext", text!);
});

test("a folder is dropped and read to the bottom; bad files get one sentence each", async ({
  page,
  files,
}) => {
  await openPage(page);
  await drop(page, [files.folder]);
  await expect(page.getByText("3 movies", { exact: true })).toBeVisible();
  const rows = page.getByRole("grid", { name: "Files" }).getByRole("row");
  await expect(rows).toHaveCount(8);
  await expect(page.getByText("4 failed")).toBeVisible();
  for (const name of ["truncated.mrcs", "empty.mrcs", "wrong.mrcs", "huge.mrcs"]) {
    await rows.filter({ hasText: name }).click();
    const note = page.getByRole("tabpanel").getByRole("alert");
    await expect(note).toContainText(name);
    await expect(note.getByRole("button", { name: "Retry" })).toBeVisible();
  }
  // What is left of a movie can be used, and a sentence says what is missing.
  await rows.filter({ hasText: "cut_short.mrcs" }).click();
  await expect(page.getByRole("note")).toContainText("3");
  await pictureDrawn(page);
  // The others go on.
  await rows.filter({ hasText: "movie_1.mrcs" }).click();
  await pictureDrawn(page);
});

test("a folder handle from the browser's own storage stands in for the picker", async ({
  page,
  files: _files,
}) => {
  await openPage(page);
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle("session", { create: true });
    const inner = await folder.getDirectoryHandle("day 1", { create: true });
    const handle = await inner.getFileHandle("movie_a.mrcs", { create: true });
    const bytes = new ArrayBuffer(1024 + 3 * 64 * 48 * 2);
    const header = new DataView(bytes);
    const words = [64, 48, 3, 6, 0, 0, 0, 64, 48, 3];
    words.forEach((word, i) => header.setInt32(4 * i, word, true));
    [64, 48, 3].forEach((cell, i) => header.setFloat32(40 + 4 * i, cell * 1.5, true));
    [1, 2, 3].forEach((axis, i) => header.setInt32(64 + 4 * i, axis, true));
    new Uint8Array(bytes).set([77, 65, 80, 32, 68, 68], 208);
    const pixels = new Uint16Array(bytes, 1024);
    pixels.forEach((_, i) => (pixels[i] = (i * 7919) % 251));
    const writable = await handle.createWritable();
    await writable.write(bytes);
    await writable.close();
    Object.assign(window, { showDirectoryPicker: () => Promise.resolve(folder) });
  });
  await page.getByRole("button", { name: "Open folder" }).click();
  await expect(page.getByText("1 movie", { exact: true })).toBeVisible();
  await expect(page.getByText("session", { exact: true })).toBeVisible();
  await pictureDrawn(page);
  await expect(page.getByText("3 × 64 × 48, 1.5 Å/px")).toBeVisible();
});
