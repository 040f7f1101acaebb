import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { createSimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import { tiffStack } from "#src/testing/files/tiffStack.ts";
import { drop, expect, openPage, test } from "./fixtures.ts";

test("the board of the demo: best marked, arrow keys, words to copy, oriented gain", async ({
  page,
  context,
}) => {
  test.setTimeout(180_000);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openPage(page, "?backend=cpu");
  await page.getByRole("button", { name: "Try the demo movie" }).click();
  await page.getByRole("tab", { name: "Orientation" }).click();
  const board = page.getByRole("group", { name: "Sixteen poses" });
  await expect(board).toBeVisible({ timeout: 120_000 });
  await expect(board.getByRole("button")).toHaveCount(16);
  const best = board.getByRole("button", { name: /, best$/ });
  await expect(best).toHaveCount(1);
  await expect(page.getByText(/Confident after 1 movie/)).toBeVisible();

  // Nothing is compared before the pose is known: the log holds no error.
  await page.getByRole("tab", { name: "Residual check" }).click();
  await expect(page.getByText(/R²\s*0\.\d+, slope/)).toBeVisible({ timeout: 60_000 });
  await page.keyboard.press("l");
  await expect(page.getByRole("dialog")).toContainText(
    "The pose of demo_gain_reference.mrc was set.",
  );
  await expect(page.getByRole("dialog").locator("li.error")).toHaveCount(0);
  await page.keyboard.press("Escape");
  await page.getByRole("tab", { name: "Orientation" }).click();

  // One tile is in the order of tabs; arrow keys move it and the left picture with it.
  const left = board.locator('[aria-pressed="true"]');
  await expect(left).toHaveCount(1);
  await left.focus();
  const before = (await left.getAttribute("data-candidate")) ?? "";
  await page.keyboard.press("ArrowRight");
  await expect(left).not.toHaveAttribute("data-candidate", before);
  await expect(left).toBeFocused();
  await page.keyboard.press("ArrowLeft");
  await expect(left).toHaveAttribute("data-candidate", before);

  await page.getByRole("button", { name: "Copy for MotionCor2/3" }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(/^-Gain \S+ -RotGain [0-3] -FlipGain [0-2]/);

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save oriented_gain.mrc" }).click();
  const bytes = readFileSync(await (await download).path());
  expect(bytes.readInt32LE(12)).toBe(2);
});

test("the protocol's switches, its final gain and the tables of movies", async ({
  page,
  files,
}) => {
  test.setTimeout(120_000);
  await openPage(page, "?backend=cpu");
  await drop(page, files.movies);
  await page.getByRole("tab", { name: "Estimate" }).click();
  const orientation = page.getByRole("switch", { name: "Find the pose of the reference" });
  await expect(orientation).toBeDisabled();
  await expect(
    page.getByText("There is no gain reference whose pose could be found."),
  ).toBeVisible();
  await drop(page, [files.reference]);
  await expect(orientation).toBeEnabled();
  await page.getByRole("button", { name: "Run the protocol on 2 movies" }).click();
  await expect(page.getByText("Oriented reference")).toBeVisible({ timeout: 90_000 });
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save tables" }).click();
  await page.getByRole("menuitem", { name: "movies.star" }).click();
  const text = readFileSync(await (await download).path(), "utf8");
  expect(text).toContain("_rlnMicrographGainName");
  expect(text).toContain("final_gain.mrc");
  await page.getByRole("tab", { name: "Over time" }).click();
  await expect(page.getByRole("figure", { name: /sd of pixel gain G of 2 movies/ })).toBeVisible();
  const limit = page.getByRole("slider", { name: "Limit of sd of pixel gain G" });
  await limit.focus();
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByRole("button", { name: /Reset the limit of sd/ })).toBeVisible();
});

test("TIFF movies: the rule of rows is told, and the final gain is saved in both orders", async ({
  page,
}) => {
  const folder = mkdtempSync(join(tmpdir(), "cryoloupe-tiff-"));
  const [width, height] = [192, 160];
  const files: string[] = [];
  const movieAt = (movieIndex: number) =>
    createSimulatedMovie({ width, height, frames: 4, electronsPerFrame: 25, seed: 9, movieIndex });
  for (let m = 0; m < 2; m++) {
    const frames = Array.from({ length: 4 }, (_, t) => Uint16Array.from(movieAt(m).frame(t)));
    files.push(join(folder, `movie_${m + 1}.tif`));
    writeFileSync(files[m], tiffStack(frames, width, height));
  }
  // An MRC reference of the same rows as the movies have once they are read.
  const reference = join(folder, "gain_reference.mrc");
  const { values } = movieAt(0).reference();
  const size = { width, height, pixelSizeA: 1, sampleType: "float32" } as const;
  writeFileSync(reference, await encodeMrc([values], size));

  await openPage(page, "?backend=cpu");
  await drop(page, [...files, reference]);
  await page.getByRole("tab", { name: "Orientation" }).click();
  await expect(page.getByText("Leave the reference as it is")).toBeVisible({ timeout: 40_000 });
  await expect(
    page.getByText(/The movies are TIFF files, read with their rows reversed/),
  ).toBeVisible();
  await expect(page.getByText(/Xmipp does not reverse the rows of TIFF files/)).toBeVisible();
  await page.getByRole("tab", { name: "Estimate" }).click();
  await page.getByRole("button", { name: "Run the protocol on 2 movies" }).click();
  await expect(page.getByText(/Xmipp reads the rows as they are stored/)).toBeVisible({
    timeout: 40_000,
  });
  const saved = async (press: () => Promise<void>): Promise<Buffer> => {
    const download = page.waitForEvent("download");
    await press();
    return readFileSync(await (await download).path());
  };
  const item = async (name: string): Promise<Buffer> => {
    await page.getByRole("button", { name: "Save tables" }).click();
    return await saved(() => page.getByRole("menuitem", { name }).click());
  };
  const read = await saved(() => page.getByRole("button", { name: "Save final gain" }).click());
  const stored = await item("Final gain in the rows of the TIFF files, MRC");
  const row = (file: Buffer, y: number): Buffer =>
    file.subarray(1024 + 4 * width * y, 1024 + 4 * width * (y + 1));
  for (let y = 0; y < height; y += 9)
    expect(row(stored, y).equals(row(read, height - 1 - y))).toBe(true);
  expect((await item("movies.star")).toString()).toContain("final_gain.mrc");
  expect((await item("movies.xmd in Xmipp's rows")).toString()).toContain(
    "final_gain_rows_as_stored.mrc",
  );
  rmSync(folder, { recursive: true });
});
