import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { unzipSync } from "fflate";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { syntheticMicrograph } from "#src/testing/syntheticMicrograph.ts";
import { drop, expect, openPage, pictureDrawn, test } from "./fixtures.ts";

const folder = join(tmpdir(), `cryoloupe-micrograph-${process.pid}`);

async function write(name: string, width: number, height: number, empty = false): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  const pixels = empty
    ? new Float32Array(width * height).fill(NaN)
    : syntheticMicrograph(width, height, name.length + width);
  writeFileSync(
    path,
    await encodeMrc([pixels], { width, height, sampleType: "float32", pixelSizeA: 1.25 }),
  );
  return path;
}

/** Opens the workspace on dropped files, and waits for the first preview. */
async function open(page: Page, query: string, paths: readonly string[]): Promise<void> {
  await openPage(page, query);
  await drop(page, paths);
  await page.getByRole("button", { name: "Micrograph", exact: true }).click();
  await expect(page.getByTestId("shown-preview")).toHaveText(/region/);
  await pictureDrawn(page);
}

/** Does something and waits for the preview that follows. */
async function changed(page: Page, act: () => Promise<void>): Promise<void> {
  const shown = page.getByTestId("shown-preview");
  const before = await shown.textContent();
  await act();
  await expect(shown).toHaveText(/region/);
  await expect(shown).not.toHaveText(before ?? "");
}

for (const backend of ["cpu", "webgpu"] as const)
  test(`operations are seen before they are applied, ${backend}`, async ({ page }) => {
    test.setTimeout(120_000);
    await open(page, `?backend=${backend}`, [await write("grid1_001.mrc", 640, 512)]);
    await expect(page.getByText("The whole of grid1_001.mrc, filtered as one")).toBeVisible();
    await expect(page.getByText(/5 sd: 1[0-2] px replaced/)).toBeVisible();

    await page.getByRole("button", { name: /^Downsample/ }).click();
    await expect(page.getByText("310 × 246 px, 2.50000 Å/px, exact")).toBeVisible();
    await changed(page, () => page.getByLabel("Factor, ×").fill("2.5"));
    // 248 × 197 would have two factors, apart by 0.1 %.
    await expect(page.getByText(/preview 247 × 196 px/)).toBeVisible();
    // The other unit is the same number.
    await expect(page.getByLabel("Factor, Å/px")).toHaveValue("3.125");
    await changed(page, () => page.getByLabel("Factor, Å/px").fill("2.5"));
    await expect(page.getByLabel("Factor, ×")).toHaveValue("2");

    await page.getByRole("button", { name: /^Low-pass/ }).click();
    await changed(page, () => page.getByLabel("Cutoff, Å").fill("25"));
    await expect(page.getByLabel("Cutoff, 1/px")).toHaveValue("0.1");
    await changed(page, async () => {
      await page.getByRole("slider", { name: "Cutoff" }).focus();
      await page.keyboard.press("ArrowLeft");
    });

    // A preset only sets switches; undo takes it back, numbers stay.
    await changed(page, () => page.getByText("Conservative", { exact: true }).click());
    await expect(page.getByRole("switch", { name: "Low-pass" })).not.toBeChecked();
    await expect(page.getByRole("switch", { name: "Normalize" })).toBeChecked();
    await changed(page, () => page.getByRole("button", { name: "Undo" }).click());
    await expect(page.getByRole("switch", { name: "Low-pass" })).toBeChecked();

    // Denoising shows a first result, then refines.
    await changed(page, () => page.getByText("For looking", { exact: true }).click());
    await expect(page.getByText(/still to come/)).toBeHidden({ timeout: 60_000 });

    await page.getByRole("slider", { name: "Swipe" }).focus();
    await page.keyboard.press("ArrowLeft");
    await expect(page.getByRole("slider", { name: "Swipe" })).toHaveAttribute(
      "aria-valuenow",
      "48",
    );
  });

test("nonsense is refused in the form with the reason", async ({ page }) => {
  await open(page, "?backend=cpu", [await write("grid1_001.mrc", 640, 512)]);
  const apply = page.getByRole("button", { name: "Apply to 1" });
  const alert = page.getByRole("alert");
  const cases = [
    [/^Crop borders/, "Border, px", "300", /leaves nothing of 640 × 512 px: less than 256/, "10"],
    [/^Downsample/, "Factor, ×", "1", /must be above 1, not 1/, "2"],
    [/^High-pass/, "Cutoff, 1/px", "0.6", /between 0 and 0.5/, "0.002"],
    [
      /^Low-pass/,
      "Width, 1/px",
      "-0.1",
      /between 0 and 0.5 cycles per pixel, not at −0.1/,
      "0.001",
    ],
  ] as const;
  for (const [card, field, value, reason, good] of cases) {
    const title = page.getByRole("button", { name: card });
    if ((await title.getAttribute("aria-expanded")) === "false") await title.click();
    await page.getByLabel(field).fill(value);
    await expect(alert.filter({ hasText: reason })).toBeVisible();
    await expect(apply).toBeDisabled();
    await page.getByLabel(field).fill(good);
    await expect(apply).toBeEnabled();
  }
  await page.getByText("Conservative", { exact: true }).click();
  for (const name of ["Bad pixels", "Normalize"])
    await page.getByRole("switch", { name }).uncheck({ force: true });
  await expect(
    page.getByText("No operation is on: switch on at least one of the ten."),
  ).toBeVisible();
  await expect(apply).toBeDisabled();
});

test("all are processed, one that fails does not stop the others", async ({ page }) => {
  test.setTimeout(120_000);
  await open(page, "?backend=cpu", [
    await write("grid1_001.mrc", 640, 512),
    await write("grid1_002.mrc", 400, 300),
    await write("grid1_003.mrc", 128, 128, true),
  ]);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Apply to 3" }).click();
  const zip = unzipSync(new Uint8Array(readFileSync(await (await download).path())));
  expect(Object.keys(zip).sort()).toEqual([
    "grid1_001.mrc",
    "grid1_002.mrc",
    "micrographs.star",
    "micrographs.xmd",
    "preprocess.json",
  ]);
  const view = new DataView(zip["grid1_001.mrc"].slice().buffer);
  expect([view.getInt32(0, true), view.getInt32(4, true)]).toEqual([310, 246]);
  expect(view.getFloat32(40, true) / 310).toBeCloseTo(2.5, 5);
  const text = (name: string): string => new TextDecoder().decode(zip[name]);
  expect(text("micrographs.star")).toMatch(/grid1_001\.mrc[\s\S]*grid1_002\.mrc/);
  const provenance = JSON.parse(text("preprocess.json")) as { summary: string[] };
  expect(provenance.summary).toContain("Contrast inverted");
  await expect(page.getByRole("alert").filter({ hasText: "no finite pixel" })).toBeVisible();
  await expect(page.getByText("2 micrographs written")).toBeVisible();

  // Another number: results are outdated, nothing is lost.
  await page.getByRole("button", { name: /^High-pass/ }).click();
  await page.getByLabel("Cutoff, 1/px").fill("0.01");
  await expect(page.getByText("2 results are outdated:")).toBeVisible();
});

test("the whole is computed on request, and regions are moved", async ({ page }) => {
  test.setTimeout(120_000);
  await open(page, "?backend=cpu", [await write("grid1_large.mrc", 1400, 1200)]);
  await expect(page.getByText(/Region 1.024 × 1.024 px at 188, 88 .*filtered alone/)).toBeVisible();
  await page.getByRole("application", { name: /Region at/ }).focus();
  await changed(page, async () => {
    for (let i = 0; i < 10; i++) await page.keyboard.press("ArrowLeft");
  });
  await expect(page.getByRole("application", { name: "Region at 10, 88" })).toBeVisible();
  await page.getByText("Whole", { exact: true }).click();
  await page.getByRole("button", { name: "Compute the whole" }).last().click();
  await expect(page.getByText(/The whole of grid1_large.mrc, filtered as one/)).toBeVisible();
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await page.waitForTimeout(400);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(
      violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`),
    ).toEqual([]);
  }
});

test("an aligned movie is a micrograph", async ({ page, files }) => {
  test.setTimeout(180_000);
  await openPage(page, "?backend=cpu");
  await drop(page, [files.movies[0]]);
  await pictureDrawn(page);
  await page.getByRole("button", { name: "Micrograph", exact: true }).click();
  await expect(page.getByText("Movies become micrographs by aligning them")).toBeVisible();
  await page.getByRole("button", { name: "Motion", exact: true }).click();
  await page.getByRole("button", { name: "Correct motion" }).first().click();
  await page.getByTestId("key-numbers").waitFor({ timeout: 120_000 });
  await page.getByRole("button", { name: "Micrograph", exact: true }).click();
  await expect(
    page.getByText(/The whole of movie_1_aligned.*\.mrc, filtered as one/),
  ).toBeVisible();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Apply to 1" }).click();
  const zip = unzipSync(new Uint8Array(readFileSync(await (await download).path())));
  expect(Object.keys(zip).find((name) => /^movie_1_aligned.*\.mrc$/.test(name))).toBeDefined();
});
