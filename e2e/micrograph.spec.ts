import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { unzipSync } from "fflate";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { syntheticMicrograph } from "#src/testing/syntheticMicrograph.ts";
import { nothingSeriousInBothThemes } from "./axe.ts";
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
  await nothingSeriousInBothThemes(page);
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

test("a table of micrographs says which are processed, and its columns are carried over", async ({
  page,
}) => {
  test.setTimeout(120_000);
  await open(page, "?backend=cpu", [
    await write("grid1_001.mrc", 640, 512),
    await write("grid1_002.mrc", 640, 512),
    await write("grid1_003.mrc", 640, 512),
  ]);
  const star = join(folder, "corrected_micrographs.star");
  const lines = [
    "# version 30001\n\ndata_optics\n\nloop_",
    "_rlnOpticsGroupName #1\n_rlnOpticsGroup #2\n_rlnMicrographPixelSize #3\n_rlnVoltage #4",
    "optics1 1 0.885 300\n\n# version 30001\n\ndata_micrographs\n\nloop_",
    "_rlnMicrographName #1\n_rlnOpticsGroup #2\n_rlnAccumMotionTotal #3",
    "MotionCorr/job002/grid1_003.mrc 1 31.5",
    "MotionCorr/job002/grid1_001.mrc 1 12.25",
    "MotionCorr/job002/grid1_009.mrc 1 9.75\n",
  ];
  writeFileSync(star, lines.join("\n"));
  await drop(page, [star]);
  await expect(page.getByText("Those of corrected_micrographs.star")).toBeVisible();
  await expect(page.getByText("2 of 3 micrographs that it names are open.")).toBeVisible();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Apply to 2" }).click();
  const zip = unzipSync(new Uint8Array(readFileSync(await (await download).path())));
  const written = new TextDecoder().decode(zip["micrographs.star"]);
  expect(written).toMatch(/rlnVoltage/);
  // Its order and columns; the pixel size is the table's, twice: 0.885 · 620/310.
  expect(written).toMatch(/grid1_003\.mrc\s+1\s+31\.5[\s\S]*grid1_001\.mrc\s+1\s+12\.25/);
  expect(written).toMatch(/1\.77\b/);
  expect(written).not.toContain("grid1_002");
  const view = new DataView(zip["grid1_003.mrc"].slice().buffer);
  expect(view.getFloat32(40, true) / view.getInt32(0, true)).toBeCloseTo(1.77, 5);
  await page.getByRole("button", { name: "Take all instead" }).click();
  await expect(page.getByRole("button", { name: "Apply to 3" })).toBeVisible();
});

test("micrographs are processed as they come into a folder, never over another's file", async ({
  page,
}) => {
  test.setTimeout(120_000);
  await page.addInitScript(() => {
    const root = navigator.storage.getDirectory();
    const named = async (name: string): Promise<FileSystemDirectoryHandle> =>
      await (await root).getDirectoryHandle(name, { create: true });
    Object.assign(window, {
      showDirectoryPicker: async ({ mode }: { mode: string }) =>
        await named(mode === "read" ? "incoming" : "results"),
    });
  });
  await openPage(page, "?backend=cpu");
  const put = async (into: string, name: string, path: string): Promise<void> => {
    const bytes = [...new Uint8Array(readFileSync(path))];
    await page.evaluate(
      async ([folder, file, content]) => {
        const root = await navigator.storage.getDirectory();
        const directory = await root.getDirectoryHandle(folder, { create: true });
        const handle = await directory.getFileHandle(file, { create: true });
        const stream = await handle.createWritable();
        await stream.write(Uint8Array.from(content));
        await stream.close();
      },
      [into, name, bytes] as const,
    );
  };
  const results = async (): Promise<string[]> =>
    await page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const directory = await root.getDirectoryHandle("results", { create: true });
      const names: string[] = [];
      for await (const name of directory.keys()) names.push(name);
      return names.sort();
    });
  const first = await write("in_1.mrc", 96, 80);
  // The folder of results holds a file of somebody else under the name of a result.
  await put("results", "in_2.mrc", first);
  await put("incoming", "in_1.mrc", first);
  await drop(page, [await write("grid1_first.mrc", 640, 512)]);
  await page.getByRole("button", { name: "Micrograph", exact: true }).click();
  await page.getByRole("button", { name: "Choose a folder" }).click();
  await page.getByText("Process new micrographs as they come").click();
  await page.getByRole("button", { name: "Watch a folder" }).click();
  await expect
    .poll(results)
    .toEqual([
      "grid1_first.mrc",
      "in_1.mrc",
      "in_2.mrc",
      "micrographs.star",
      "micrographs.xmd",
      "preprocess.json",
    ]);
  await put("incoming", "in_2.mrc", await write("in_2.mrc", 100, 80));
  await put("incoming", "in_3.mrc", await write("in_3.mrc", 100, 82));
  await expect.poll(results).toContain("in_3.mrc");
  await expect.poll(results).toContain("in_2_2.mrc");
  await expect(page.getByText("4 micrographs written")).toBeVisible();
  const star = (): Promise<string> =>
    page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const directory = await root.getDirectoryHandle("results");
      return await (await (await directory.getFileHandle("micrographs.star")).getFile()).text();
    });
  // Each batch brings the tables up to date with all of the folder.
  await expect
    .poll(star)
    .toMatch(/grid1_first\.mrc[\s\S]*in_1\.mrc[\s\S]*in_2_2\.mrc[\s\S]*in_3\.mrc/);
});
