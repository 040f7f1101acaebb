import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { createSimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import { syntheticMicrograph } from "#src/testing/syntheticMicrograph.ts";
import { makeGainSession } from "./gainSession.ts";
import { relionTable, sessionDefoci } from "#src/testing/ctfTables.ts";
import { drawLongSession, drawOverview } from "./galleryOverview.ts";
import { drop, expect, openPage, pictureDrawn, test } from "./fixtures.ts";

/**
 * Draws every view into docs/views, both themes at 1440 × 900 and 1024 × 768: `npm run gallery`. Looked at
 * by people, never compared by pixels. A workspace adds its views as a step here.
 */
const folder = join(import.meta.dirname, "../docs/views");
const sizes = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
] as const;

async function draw(page: Page, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const size of sizes) {
      await page.setViewportSize(size);
      await page.mouse.move(size.width * 0.42, size.height * 0.45);
      // Rasters and plots follow the size.
      await page.waitForTimeout(900);
      // Pictures of noise are large files as PNG.
      const path = join(folder, `${name}-${scheme}-${size.width}.jpg`);
      await page.screenshot({ path, type: "jpeg", quality: 82 });
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(sizes[0]);
}

test("start", async ({ page }) => {
  test.setTimeout(120_000);
  await openPage(page);
  await draw(page, "start");
});

test("session", async ({ page }) => {
  test.setTimeout(900_000);
  await drawOverview(page, draw);
});

test("long session", async ({ page }) => {
  test.setTimeout(120_000);
  await drawLongSession(page, draw);
});

test("lesson", async ({ page }) => {
  test.setTimeout(200_000);
  await openPage(page, "?backend=cpu");
  await page.getByRole("button", { name: /Choose micrographs by defocus/ }).click();
  await expect(page.getByText("done", { exact: true })).toBeVisible();
  await draw(page, "lesson");
});

test("gain", async ({ page }) => {
  test.setTimeout(300_000);
  await openPage(page);
  await page.getByRole("button", { name: "Try the demo movie" }).click();
  await expect(page.getByRole("progressbar")).toBeVisible();
  await pictureDrawn(page);
  await draw(page, "gain-running");
  await expect(page.getByRole("button", { name: "Save gain" })).toBeVisible({ timeout: 120_000 });
  await expect(page.getByRole("progressbar")).toHaveCount(0, { timeout: 120_000 });
  await draw(page, "gain-residual");
  const body = page.getByRole("tabpanel");
  await body.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await draw(page, "gain-comparison");
  await page.getByRole("button", { name: "Side by side" }).click();
  await draw(page, "gain-side-by-side");
  await page.getByRole("button", { name: "Difference" }).click();
  await draw(page, "gain-difference");
  await page.getByRole("radiogroup", { name: "Picture" }).getByText("Correction C").click();
  for (const tab of ["Estimate", "Bad pixels", "Orientation"]) {
    await page.getByRole("tab", { name: tab }).click();
    await draw(page, `gain-${tab.toLowerCase().replace(" ", "-")}`);
  }
  await page.getByRole("tab", { name: "Residual check" }).click();
  await page.getByRole("radiogroup", { name: "Picture" }).getByText("Sum").click();
  await page.keyboard.press("End");
  await page.waitForTimeout(1500);
  await draw(page, "gain-sum");
  await page.keyboard.press("?");
  await draw(page, "help");
  await page.keyboard.press("Escape");
  await page.keyboard.press("l");
  await draw(page, "log");
});

test("several movies, and files that cannot be read", async ({ page, files }) => {
  test.setTimeout(200_000);
  await openPage(page);
  await drop(page, [files.folder]);
  await pictureDrawn(page);
  await draw(page, "gain-empty");
  await page.getByRole("button", { name: /Estimate \d movies/ }).click();
  await expect(page.getByTestId("all-std")).toBeVisible({ timeout: 120_000 });
  await draw(page, "gain-all");
  await page.getByRole("tab", { name: "Over time" }).click();
  await draw(page, "gain-over-time");
  await page.getByRole("tab", { name: "Residual check" }).click();
  await page.getByRole("row").filter({ hasText: "huge.mrcs" }).click();
  await draw(page, "error");
});

test("gains of a session", async ({ page }) => {
  test.setTimeout(300_000);
  const { paths, reference } = await makeGainSession(24);
  await openPage(page, "?backend=cpu");
  await drop(page, [...paths, reference]);
  await page.getByRole("tab", { name: "Orientation" }).click();
  await expect(page.getByRole("group", { name: "Sixteen poses" })).toBeVisible({ timeout: 60_000 });
  await draw(page, "gain-orientation-session");
  await page.getByRole("tab", { name: "Estimate" }).click();
  await page.getByRole("button", { name: "Run the protocol on 24 movies" }).click();
  await expect(page.getByText("Oriented reference")).toBeVisible({ timeout: 120_000 });
  await page.getByText("Oriented reference").scrollIntoViewIfNeeded();
  await draw(page, "gain-protocol");
  await page.getByRole("tab", { name: "Gallery" }).click();
  const sets = page.getByRole("radiogroup", { name: "Set of gains" });
  await draw(page, "gain-gallery-estimated");
  await sets.getByText(/Residual/).click();
  await draw(page, "gain-gallery-residual");
  await page.getByRole("listitem").nth(16).getByRole("button").click();
  await pictureDrawn(page);
  await draw(page, "gain-gallery-large");
  await page.getByRole("button", { name: "All gains" }).click();
  await sets.getByText(/Oriented/).click();
  await draw(page, "gain-gallery-oriented");
  await page.getByRole("tab", { name: "Over time" }).click();
  await draw(page, "gain-over-time-session");
  await page.getByRole("textbox", { name: "Limit of sd of pixel gain G, number" }).fill("0.012");
  const body = page.getByRole("tabpanel");
  await body.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await draw(page, "gain-over-time-filtered");
});

test("header card and settings", async ({ page, files }) => {
  test.setTimeout(120_000);
  await openPage(page, "?backend=cpu");
  await drop(page, [files.movies[0], files.reference]);
  await pictureDrawn(page);
  await page.getByRole("button", { name: "File header" }).click();
  await draw(page, "header-card");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^Compute:/ }).click();
  await draw(page, "settings");
});

test("micrograph", async ({ page }) => {
  test.setTimeout(200_000);
  const paths: string[] = [];
  for (const [i, name] of ["grid1_001.mrc", "grid1_002.mrc", "grid1_003.mrc"].entries()) {
    const path = join(mkdtempSync(join(tmpdir(), "cryoloupe-gallery-")), name);
    const size = { width: 1400, height: 1300 };
    const pixels = syntheticMicrograph(size.width, size.height, i + 1);
    writeFileSync(
      path,
      await encodeMrc([pixels], { ...size, sampleType: "float32", pixelSizeA: 1.2 }),
    );
    paths.push(path);
  }
  await openPage(page, "?backend=cpu");
  await drop(page, paths);
  await page.getByRole("button", { name: "Micrograph", exact: true }).click();
  await expect(page.getByTestId("shown-preview")).toHaveText(/region/);
  await pictureDrawn(page);
  await page.getByLabel("Cutoff, Å").fill("12");
  await page.waitForTimeout(1500);
  await draw(page, "micrograph-picking");
  await page.getByRole("button", { name: "Apply to 3" }).click();
  await expect(page.getByText("3 micrographs written")).toBeVisible({ timeout: 60_000 });
  await page.getByText("For looking", { exact: true }).click();
  await expect(page.getByText(/still to come/)).toBeHidden({ timeout: 60_000 });
  await page.waitForTimeout(1500);
  await draw(page, "micrograph-outdated");
  await page.getByText("Whole", { exact: true }).click();
  await page.getByRole("button", { name: "Compute the whole" }).last().click();
  await expect(page.getByTestId("shown-preview")).toHaveText(/whole/, { timeout: 60_000 });
  await draw(page, "micrograph-whole");
  await page.getByText("Region", { exact: true }).click();
  await page.getByRole("button", { name: /^Crop borders/ }).click();
  await page.getByRole("switch", { name: "Crop borders" }).check({ force: true });
  await page.getByLabel("Border, px").fill("700");
  await draw(page, "micrograph-refused");
});

test("motion", async ({ page }) => {
  test.setTimeout(400_000);
  await openPage(page, "?backend=cpu");
  await page.getByRole("button", { name: "Try the demo movie" }).click();
  await expect(page.getByRole("button", { name: "Save gain" })).toBeVisible({ timeout: 120_000 });
  await page.getByRole("button", { name: "Motion" }).click();
  await draw(page, "motion-empty");
  await page.getByRole("button", { name: "Correct motion" }).first().click();
  await page.getByTestId("key-numbers").waitFor({ timeout: 300_000 });
  await pictureDrawn(page);
  await draw(page, "motion");
  for (const view of ["Spectra", "Compare"]) {
    await page.getByText(view, { exact: true }).click();
    await page.waitForTimeout(1500);
    await draw(page, `motion-${view.toLowerCase()}`);
  }
  for (const tab of ["Dose and sums", "Patches", "Outputs"]) {
    await page.getByRole("tab", { name: tab }).click();
    await draw(page, `motion-${tab.toLowerCase().replaceAll(" ", "-")}`);
  }
  await page.getByRole("radiogroup", { name: "Picture" }).getByText("After").click();
  await page.getByRole("radiogroup", { name: "Over the picture" }).getByText("Residuals").click();
  await page.locator("[data-patch='45']").click();
  const body = page.getByRole("tabpanel");
  await body.evaluate((element) => element.scrollTo(0, 520));
  await draw(page, "motion-residuals");
  await page.getByRole("radiogroup", { name: "Map" }).getByText("Field", { exact: true }).click();
  await page.getByRole("radiogroup", { name: "Over the picture" }).getByText("Traj").click();
  await page.getByRole("switch", { name: "Local part only" }).click({ force: true });
  await draw(page, "motion-local");
  await page.getByRole("switch", { name: "Local part only" }).click({ force: true });
  await page.getByRole("tab", { name: "Alignment" }).click();
  await page.getByText("FlexAlign (parity)").click();
  await page.getByRole("button", { name: "Run again" }).click();
  await expect(page.getByText("Parameters have changed since")).toBeHidden({ timeout: 300_000 });
  await draw(page, "motion-flexalign");
});

test("motion of a movie with contamination", async ({ page }, testInfo) => {
  test.setTimeout(300_000);
  const movie = createSimulatedMovie({
    ...{ width: 760, height: 720, frames: 20, electronsPerFrame: 1.2, seed: 307 },
    ...{ camera: "counting", gain: "flat", deadPixels: 0, hotPixels: 0 },
    ...{ contamination: 10, carbonEdge: true },
  });
  const path = testInfo.outputPath("grid2_007.mrcs");
  const frames = Array.from({ length: movie.options.frames }, (_, i) =>
    Uint16Array.from(movie.frame(i)),
  );
  const { width, height } = movie.options;
  writeFileSync(
    path,
    await encodeMrc(frames, { width, height, sampleType: "uint16", pixelSizeA: 1.2 }),
  );
  await openPage(page, "?backend=cpu");
  await drop(page, [path]);
  await page.getByRole("button", { name: "Motion" }).click();
  await page.getByRole("button", { name: "Correct motion" }).first().click();
  await page.getByTestId("key-numbers").waitFor({ timeout: 200_000 });
  await page.getByRole("tab", { name: "Patches" }).click();
  await page.locator("[data-testid='map-residuals'] [data-doubted]").first().click();
  await page.getByRole("radiogroup", { name: "Map" }).getByText("Trust", { exact: true }).click();
  const body = page.getByRole("tabpanel");
  await body.evaluate((element) => element.scrollTo(0, 470));
  await draw(page, "motion-trust");
});

test("sampling", async ({ page }) => {
  test.setTimeout(120_000);
  const path = join(mkdtempSync(join(tmpdir(), "cryoloupe-gallery-")), "micrographs_ctf.star");
  writeFileSync(path, tableText());
  await openPage(page, "?backend=cpu");
  await page.getByRole("button", { name: "Try the demo movie" }).waitFor();
  await drop(page, [path]);
  await expect(page.getByText(/of 300, evenly over defocus/)).toBeVisible();
  await page.waitForTimeout(1000);
  await draw(page, "sampling");
});

/** A table of 300 fits and two failed ones. */
function tableText(): string {
  return relionTable([...sessionDefoci(300, 12), -999, -999]);
}
