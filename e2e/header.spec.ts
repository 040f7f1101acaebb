import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { createRandom } from "#src/math/random.ts";
import { eerFile } from "#src/testing/files/eerFile.ts";
import type { EerCodingSpec } from "#src/testing/files/eerFile.ts";
import { drop, expect, MOVIE_SIZE, openPage, pictureDrawn, test } from "./fixtures.ts";

const EER = { width: 64, height: 48, rawFrames: 10 } as const;

/** Ten raw frames of 400 electrons; 5 e⁻/Å² each at 0.82 Å/px by its metadata. */
function makeEer(): Uint8Array {
  const random = createRandom(5);
  const coding: EerCodingSpec = {
    compression: 65001,
    runBits: 7,
    subBitsX: 2,
    subBitsY: 2,
    placeAfterFullRun: false,
  };
  const frames = Array.from({ length: EER.rawFrames }, () => {
    const places = new Set<number>();
    while (places.size < 400) places.add(random.integer(EER.width * EER.height));
    return [...places]
      .sort((a, b) => a - b)
      .map((place) => ({
        x: place % EER.width,
        y: Math.floor(place / EER.width),
        subX: random.integer(4),
        subY: random.integer(4),
      }));
  });
  return eerFile(frames, EER.width, EER.height, coding, {
    metadata: `<metadata><item name="sensorPixelSize.width" unit="m">8.2e-11</item>
      <item name="totalDose" unit="e/pixel">33.62</item></metadata>`,
  });
}

const card = (page: Page) => page.getByRole("dialog");
const rows = (page: Page) => page.getByRole("grid", { name: "Files" }).getByRole("row");

test("the header card names the pixel size and its source; an edit for all moves the scale bar", async ({
  page,
  files,
}) => {
  await openPage(page);
  await drop(page, [...files.movies]);
  await pictureDrawn(page);
  const bar = page.locator(".scale-bar");
  await expect(bar).toHaveText(/nm/);
  const before = await bar.textContent();

  await page.keyboard.press("h");
  const facts = page.getByTestId("header-facts");
  await expect(facts).toContainText("FormatMRC");
  await expect(facts).toContainText(`Frames${MOVIE_SIZE.frames}`);
  await expect(facts).toContainText("1.200 Å/px, MRC cell");
  await expect(facts).toContainText("Dosenot in the file");
  await card(page).getByRole("button", { name: "Raw header" }).click();
  await expect(card(page).locator(".raw-header")).toContainText("256");

  await card(page).getByLabel("Pixel size, Å/px").fill("12");
  await card(page).getByLabel("Dose a frame, e⁻/Å²").fill("1.5");
  await card(page).getByRole("button", { name: "Set for 2 movies" }).click();
  await expect(facts).toContainText("12.00 Å/px, entered");
  await expect(facts).toContainText("1.500 e⁻/Å² a frame, 12.0 in all");
  await expect(bar).not.toHaveText(before!);
  await expect(page.getByText("8 × 256 × 224, 12 Å/px")).toBeVisible();
  await rows(page).filter({ hasText: "2" }).last().click();
  await expect(facts).toContainText("12.00 Å/px, entered");

  await card(page).getByRole("button", { name: "As the files say" }).click();
  await expect(facts).toContainText("1.200 Å/px, MRC cell");
  await expect(bar).toHaveText(before!);
  await page.keyboard.press("Escape");
  await expect(card(page)).toBeHidden();
});

test("EER fractions and rendering are chosen, and the file is read again", async ({
  page,
  files,
}) => {
  const path = join(files.folder, "..", `cryoloupe-e2e-${process.pid}.eer`);
  writeFileSync(path, makeEer());
  await openPage(page);
  await drop(page, [path]);
  await expect(page.getByText("Frame 1 of 10", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "File header" }).click();
  const plan = page.getByTestId("fractions");
  await expect(plan).toContainText("Left overno raw frame");

  // By number: three of three raw frames, the tenth is left over and named.
  await card(page).getByRole("textbox", { name: "Fractions", exact: true }).fill("3");
  await expect(plan).toContainText("3 raw frames, 15.000 e⁻/Å²");
  await expect(plan).toContainText("3 fractions, 45.000 e⁻/Å²");
  await expect(plan).toContainText("raw frame 10, 5.000 e⁻/Å²");
  const canvas = page.locator("canvas.picture");
  const single = await canvas.screenshot();
  await card(page).getByRole("button", { name: "Read this movie so" }).click();
  await expect(page.getByText("Frame 1 of 3", { exact: true })).toBeVisible();
  // A sum of three raw frames is another picture than one.
  await expect.poll(async () => (await canvas.screenshot()).equals(single)).toBe(false);
  await expect(card(page).getByRole("note")).toContainText("Raw frames 10 to 10");

  // By dose, rendered twice as fine.
  await card(page).getByText("Dose", { exact: true }).last().click();
  await card(page).getByLabel("Dose of a fraction, e⁻/Å²").fill("26");
  await expect(plan).toContainText("5 raw frames, 25.000 e⁻/Å²");
  await card(page).getByText("128 × 96", { exact: true }).click();
  await card(page).getByRole("button", { name: "Read this movie so" }).click();
  await expect(page.getByText("Frame 1 of 2", { exact: true })).toBeVisible();
  const facts = page.getByTestId("header-facts");
  await expect(facts).toContainText("Picture128 × 96 px");
  await expect(facts).toContainText("0.4100 Å/px, EER acquisition metadata");
  // Each sensor pixel became four: the reading under the cursor knows the finer grid.
  await expect(page.getByText(/^128 × 96 px, shown at/)).toBeVisible();
});

test("darks, bad pixels and separate frames are recognised by content and name, and offered", async ({
  page,
  files,
}) => {
  const folder = join(files.folder, "..", `cryoloupe-e2e-frames-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const size = { width: 64, height: 48, sampleType: "uint16", pixelSizeA: 1 } as const;
  const pixels = (seed: number) => {
    const random = createRandom(seed);
    return Uint16Array.from({ length: 64 * 48 }, () => random.integer(40));
  };
  for (let i = 1; i <= 3; i++)
    writeFileSync(join(folder, `shot_frame_${i}.mrc`), await encodeMrc([pixels(i)], size));
  writeFileSync(join(folder, "dark.mrc"), await encodeMrc([pixels(9)], size));
  writeFileSync(join(folder, "columns.txt"), "10 0 2 48\n30 5 4 4\n");
  await openPage(page);
  await drop(page, [folder]);
  await expect(rows(page).filter({ hasText: "dark reference, in use" })).toHaveCount(1);
  const list = rows(page).filter({ hasText: "bad pixels, in use" });
  await list.click();
  await page.keyboard.press("h");
  await expect(card(page)).toContainText("MotionCor/RELION text: 2 bad regions.");
  await card(page).getByText("Not used", { exact: true }).click();
  await expect(rows(page).filter({ hasText: "bad pixels, not in use" })).toHaveCount(1);

  await rows(page).filter({ hasText: "frame_2" }).click();
  await expect(card(page)).toContainText("shot_frame_1.mrc to shot_frame_3.mrc");
  await card(page).getByRole("button", { name: "Read 3 files as one movie" }).click();
  await expect(page.getByText("1 movie", { exact: true })).toBeVisible();
  await expect(page.getByText("Frame 1 of 3", { exact: true })).toBeVisible();
  await pictureDrawn(page);
  await card(page).getByRole("button", { name: "Take the files apart again" }).click();
  await expect(rows(page).filter({ hasText: "frame_" })).toHaveCount(3);
});
