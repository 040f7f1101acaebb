import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import { drop, expect, openPage, pictureDrawn, test } from "./fixtures.ts";

const run = promisify(execFile);

const STATISTICS = ["mean", "std", "min", "p2_5", "p25", "p50", "p75", "p97_5", "max"];

/** The statistics of G as the table shows them. */
async function shownStatistics(page: Page, row = "this"): Promise<string[]> {
  return await Promise.all(
    STATISTICS.map(async (key) => (await page.getByTestId(`${row}-${key}`).textContent()) ?? ""),
  );
}

async function saved(page: Page, item: string): Promise<{ name: string; bytes: Buffer }> {
  await page.getByRole("button", { name: "Export" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: item }).click();
  const file = await download;
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

test("from the start screen to the gain of the demo movie", async ({ page }) => {
  test.setTimeout(150_000);
  await openPage(page);
  await page.getByRole("button", { name: "Try the demo movie" }).click();
  await expect(page.getByText("Simulated data")).toBeVisible();
  await pictureDrawn(page);
  await expect(page.getByRole("button", { name: "Save gain" })).toBeVisible({ timeout: 90_000 });
  await expect(page.getByRole("img", { name: "Pixel gain G, demo_movie" })).toBeVisible();
  await expect(page.getByText(/three thresholds (is|are) exceeded/)).toBeVisible();
  const [mean, std] = await shownStatistics(page);
  expect(mean).toBe("1.000");
  // Tiles, rows, columns and plane of the demo's camera: what equalization sees of its gain.
  expect(Number(std)).toBeGreaterThan(0.04);
  expect(Number(std)).toBeLessThan(0.07);
});

for (const backend of ["cpu", "webgpu"] as const)
  test(`gain of a dropped movie on ${backend}, against its reference, and its files`, async ({
    page,
    files,
  }) => {
    test.setTimeout(120_000);
    await openPage(page, `?backend=${backend}`);
    await drop(page, [files.movies[0], files.reference]);
    await pictureDrawn(page);
    await page.getByRole("button", { name: "Estimate the gain" }).click();
    await expect(page.getByRole("img", { name: "Pixel gain G, movie_1" })).toBeVisible({
      timeout: 60_000,
    });
    await expect(page.getByText("Mean of each column of G")).toBeVisible();
    // Rows and columns are what the simulated camera has and what the method sees.
    await expect(page.getByText(/R²\s*0\.[3-9]\d\d, slope/)).toBeVisible();

    const json = await saved(page, "All numbers with provenance, JSON");
    expect(json.name).toBe("movie_1_gain.json");
    const report = JSON.parse(json.bytes.toString()) as {
      program: string;
      result: Record<string, number>;
    };
    expect(report.program).toBe("cryoloupe");
    expect(await shownStatistics(page)).toEqual(
      STATISTICS.map((key) => report.result[key].toFixed(3)),
    );

    // The command gives the same numbers for the same file.
    const folder = mkdtempSync(join(tmpdir(), "cryoloupe-command-"));
    const { stdout } = await run("node", [
      "dist-cli/cryoloupe.js",
      "gain",
      files.movies[0],
      ...["--backend", "cpu", "--out", folder],
    ]);
    const line = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as {
      movies: Record<string, number>[];
    };
    for (const key of STATISTICS)
      // Backends differ by the rounding of single precision.
      expect(line.movies[0][key]).toBeCloseTo(report.result[key], backend === "cpu" ? 9 : 4);

    const gain = await saved(page, "Correction C, MRC (multiply)");
    expect(gain.name).toBe("movie_1_gain.mrc");
    const header = new DataView(gain.bytes.buffer, gain.bytes.byteOffset);
    expect([0, 4, 8, 12].map((at) => header.getInt32(at, true))).toEqual([256, 224, 1, 2]);
    expect((await saved(page, "Statistics, CSV")).bytes.toString()).toContain("movie_1");
    expect((await saved(page, "summary.txt")).bytes.toString()).toContain("movie_1_gain: mean=1.0");
    expect((await saved(page, "Monitor's line")).bytes.toString()).toMatch(/^movie_1_gain: 0\./);
    const png = await saved(page, "Picture of G, PNG");
    expect(png.name).toBe("movie_1_gain_G.png");
    expect([png.bytes.readUInt32BE(16), png.bytes.readUInt32BE(20)]).toEqual([256, 224]);
    if (backend === "webgpu") return;

    // The method that follows the specimen: its parts as pictures, and the counts still needed.
    await page.getByRole("tab", { name: "Estimate" }).click();
    await page.getByRole("radio", { name: "Moving specimen" }).click();
    await page.getByRole("button", { name: "Run again" }).click();
    const partsMenu = page.getByRole("button", { name: "Parts of the gain" });
    await expect(partsMenu).toBeVisible({ timeout: 60_000 });
    await partsMenu.click();
    await page.getByRole("menuitem", { name: "Columns" }).click();
    await expect(page.getByRole("img", { name: "Columns of log G, movie_1" })).toBeVisible();
    await page.getByRole("tab", { name: "Residual" }).click();
    await expect(
      page.getByText(/^(2 % needs about \d+ more movies? like this|The gain is known to)/),
    ).toBeVisible();
    const part = await saved(page, "Picture of the part shown (columns), PNG");
    expect(part.name).toBe("movie_1_gain_columns.png");
    expect([part.bytes.readUInt32BE(16), part.bytes.readUInt32BE(20)]).toEqual([256, 224]);
  });

test("several movies give one estimate together, and changed parameters mark results outdated", async ({
  page,
  files,
}) => {
  await openPage(page, "?backend=cpu");
  await drop(page, files.movies);
  await page.getByRole("button", { name: "Estimate 2 movies" }).click();
  await expect(page.getByTestId("all-std")).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole("img", { name: "Pixel gain G, 2 movies" })).toBeVisible();
  await page.getByRole("tab", { name: "Estimate" }).click();
  const iterations = page.getByRole("textbox", { name: "Iterations" });
  await iterations.fill("2");
  await iterations.blur();
  await expect(page.getByText("automatic → 2")).toBeVisible();
  await page.getByRole("tab", { name: "Residual check" }).click();
  await expect(page.getByText("The parameters have changed since.")).toBeVisible();
  // Done again, the picture is the new one.
  await page.mouse.move(0, 0);
  const canvas = page.locator("canvas.picture");
  const before = await canvas.screenshot();
  await page.getByRole("button", { name: "Redo 2 movies" }).click();
  await expect(page.getByText("The parameters have changed since.")).toBeHidden({
    timeout: 60_000,
  });
  await expect.poll(async () => (await canvas.screenshot()).equals(before)).toBe(false);
  await page.getByRole("tab", { name: "Over time" }).click();
  await expect(page.getByRole("figure", { name: /sd of pixel gain G of 2 movies/ })).toBeVisible();

  // The reference of the session by the user's word, with its evidence; undone by another one.
  await page.getByRole("tab", { name: "Estimate" }).click();
  const section = page.getByRole("region", { name: "As the gain reference" });
  await section.getByRole("button", { name: "Use as gain reference" }).click();
  await expect(section.getByText("combined_gain.mrc is the gain reference")).toBeVisible();
  await expect(page.getByText("combined_gain.mrc").first()).toBeVisible();
  const motion = page
    .getByRole("navigation", { name: "Workspaces" })
    .getByRole("button", { name: "Motion" });
  await motion.click();
  await expect(
    page.getByText(/estimated from 2 movies \(combined_gain.mrc; .*counts per pixel/),
  ).toBeVisible();
  await page
    .getByRole("navigation", { name: "Workspaces" })
    .getByRole("button", { name: "Gain" })
    .click();
  await section.getByRole("button", { name: "Undo" }).click();
  await expect(section.getByRole("button", { name: "Use as gain reference" })).toBeVisible();
});

test("a run is cancelled and is no failure", async ({ page }) => {
  await openPage(page, "?backend=cpu");
  await page.getByRole("button", { name: "Try the demo movie" }).click();
  const cancel = page.getByRole("button", { name: "Cancel" });
  // The pose of the reference is searched first.
  await expect(page.getByRole("contentinfo")).toContainText("Gain of demo_movie.mrcs", {
    timeout: 40_000,
  });
  await cancel.click();
  const started = Date.now();
  await expect(page.getByRole("button", { name: "Estimate the gain" })).toBeVisible();
  console.log(`the run stopped ${Date.now() - started} ms after the click`);
  await expect(page.getByRole("alert")).toHaveCount(0);
  await page.keyboard.press("l");
  await expect(page.getByRole("dialog")).toContainText("Gain of demo_movie.mrcs: cancelled");
});

test("a graphics device that is lost on the way is replaced, or the failure says so", async ({
  page,
  files,
}) => {
  test.setTimeout(120_000);
  await openPage(page, "?backend=webgpu&diagnose");
  await drop(page, [files.movies[0]]);
  await pictureDrawn(page);
  await page.getByRole("button", { name: "Estimate the gain" }).click();
  await page.evaluate(() =>
    (
      globalThis as unknown as { cryoloupeDiagnose: { loseDevice(): Promise<unknown> } }
    ).cryoloupeDiagnose.loseDevice(),
  );
  await expect(page.getByRole("img", { name: "Pixel gain G, movie_1" })).toBeVisible({
    timeout: 90_000,
  });
});
