import { readFileSync, writeFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { createSimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import { nothingSeriousInBothThemes } from "./axe.ts";
import { drop, expect, MOVIE_SIZE, openPage, pictureDrawn, test } from "./fixtures.ts";

/** Opens the first movie in the motion workspace and corrects it. */
async function correct(page: Page, movie: string): Promise<void> {
  await drop(page, [movie]);
  await page.getByRole("button", { name: "Motion" }).click();
  await page.getByRole("button", { name: "Correct motion" }).first().click();
  await page.getByTestId("key-numbers").waitFor({ timeout: 90_000 });
}

/** Saves a file of the result and gives its text. */
async function savedText(page: Page, name: string): Promise<string> {
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: `Save ${name}` }).click();
  const saved = await waiting;
  expect(saved.suggestedFilename()).toBe(name);
  return readFileSync(await saved.path(), "utf8");
}

/** A movie whose ice ends in the picture: patches beyond the edge show nothing and count less. */
async function writeEdge(path: string): Promise<void> {
  const movie = createSimulatedMovie({
    ...MOVIE_SIZE,
    ...{ electronsPerFrame: 20, camera: "counting", gain: "flat", seed: 41 },
    ...{ deadPixels: 0, hotPixels: 0, iceEdge: "empty" },
  });
  const frames = Array.from({ length: MOVIE_SIZE.frames }, (_, i) =>
    Uint16Array.from(movie.frame(i)),
  );
  const header = { width: MOVIE_SIZE.width, height: MOVIE_SIZE.height, pixelSizeA: 1.2 };
  writeFileSync(path, await encodeMrc(frames, { ...header, sampleType: "uint16" }));
}

for (const backend of ["cpu", "webgpu"])
  test(`motion is corrected, drawn and told in numbers (${backend})`, async ({ page, files }) => {
    test.setTimeout(150_000);
    await openPage(page, `?backend=${backend}`);
    await correct(page, files.movies[0]);
    await pictureDrawn(page);
    await expect(
      page.getByText(/Sum of 8 aligned frames, movie_1\.mrcs, motion drawn ×/),
    ).toBeVisible();
    // One white dot at each place, one trajectory from it.
    const tracks = page.getByTestId("trajectories").locator("circle[fill='#fff']");
    expect(await tracks.count()).toBeGreaterThan(20);

    // Frames by the keys, one trajectory in words, the local part alone, another magnification.
    const path = page.getByTestId("trajectories").locator("path").first();
    const whole = await path.getAttribute("d");
    await page.keyboard.press("Home");
    await expect(page.getByText("Frame 1 of 8", { exact: true })).toBeVisible();
    await expect(path).toHaveAttribute("d", /^M\S+ \S+$/);
    await page.keyboard.press("p");
    await expect(page.getByText("Frame 8 of 8", { exact: true })).toBeVisible();
    await expect(path).toHaveAttribute("d", whole ?? "");
    await page.locator("[data-track='8']").hover();
    await expect(page.locator(".picture-caption")).toContainText(
      /^At \d+, \d+ px: frame 8 of 8 lies \S+, \S+ px = \S+, \S+ Å \(x, y\) from frame 1; of it local/,
    );
    await page.getByRole("switch", { name: "Local part only" }).click({ force: true });
    await expect(page.getByText(/local motion drawn × \d+/)).toBeVisible();
    await expect(path).not.toHaveAttribute("d", whole ?? "");
    await page.getByRole("slider", { name: "Magnify" }).press("End");
    await expect(page.getByText(/local motion drawn × 100/)).toBeVisible();

    // The numbers behind the trajectory: eight frames, the first at rest.
    await page.getByRole("button", { name: /Save or read: Shift of movie_1\.mrcs/ }).click();
    await page.getByRole("menuitem", { name: "Show as table" }).click();
    const rows = page.locator(".plot-table tbody tr");
    await expect(rows).toHaveCount(16);
    await expect(rows.first()).toHaveText(/^x1?\s*\S*0$/);
    const drift = Number(
      (await page.getByTestId("key-numbers").locator("dd").first().textContent())?.replace(
        /[^\d.]/g,
        "",
      ),
    );
    expect(drift).toBeGreaterThan(0.1);
    expect(drift).toBeLessThan(100);

    // The ring follows the cursor and reads the resolution: at half the radius it is 4 px · 1.2 Å.
    const spectrum = page.getByTestId("spectrum");
    await spectrum.scrollIntoViewIfNeeded();
    const box = (await spectrum.boundingBox())!;
    await page.mouse.move(box.x + 0.75 * box.width, box.y + 0.5 * box.height);
    await expect(page.getByTestId("ring")).toContainText("ring at 4.8 Å");
  });

test("results are saved, spectra shown large, and changed parameters make a result outdated", async ({
  page,
  files,
}) => {
  test.setTimeout(150_000);
  await openPage(page, "?backend=cpu");
  await correct(page, files.movies[0]);
  await page.getByRole("tab", { name: "Outputs" }).click();
  // RELION's 18 coefficients an axis, their distance from the field in the file as on screen.
  const star = await savedText(page, "movie_1.star");
  expect(star).toContain("_rlnMotionModelVersion");
  expect(star.match(/^\s*\d+\s+\S+\s*$/gm)).toHaveLength(36);
  const fit = /B-spline field: rms ([\d.]+) px, largest ([\d.]+) px/.exec(star);
  // The splines' own coefficients, and the sampled field.
  expect(await savedText(page, "movie_1_shifts.xmd")).toContain("localAlignmentCoeffsX");
  const { gridX, dx, model } = JSON.parse(await savedText(page, "movie_1_motion.json")) as {
    readonly gridX: readonly number[];
    readonly dx: readonly (readonly (readonly number[])[])[];
    readonly model: { readonly relionFitRmsPx: number; readonly relionFitMaxPx: number };
  };
  expect(gridX.length).toBeGreaterThan(8);
  expect(dx).toHaveLength(8);
  expect(dx[7][0]).toHaveLength(gridX.length);
  const { relionFitRmsPx: rms, relionFitMaxPx: most } = model;
  expect(Number(fit?.[1])).toBeCloseTo(rms, 3);
  expect(Number(fit?.[2])).toBeCloseTo(most, 3);
  const words = `differs from this field by ${rms.toFixed(3)} px rms, ${most.toFixed(3)} px at most`;
  await expect(page.getByText(`18 coefficients an axis ${words}`)).toBeVisible();

  await page.getByText("Spectra", { exact: true }).click();
  await expect(
    page.getByRole("img", { name: "Power spectrum after alignment, movie_1.mrcs" }),
  ).toBeVisible();
  await page.getByText("Compare", { exact: true }).click();
  await expect(page.getByRole("slider", { name: "Swipe" })).toBeVisible();

  await page.getByRole("tab", { name: "Alignment" }).click();
  await page.getByLabel("Maximum shift, Å").fill("40");
  await expect(page.getByText("Parameters have changed since this result was made")).toBeVisible();
  await page.getByRole("button", { name: "Reset maximum shift" }).click();
  await expect(page.getByText("Parameters have changed since this result was made")).toBeHidden();
});

/** Patches that counted less: dashed in the picture and in the map of residuals, their share in the map of trust. */
async function lookAtTrust(page: Page): Promise<void> {
  const doubted = page.locator("[data-testid='map-residuals'] [data-doubted]");
  await expect(page.getByTestId("map-residuals")).toBeVisible();
  const marked = await doubted.count();
  expect(marked).toBeGreaterThan(2);
  expect(marked).toBeLessThan(20);
  await doubted.first().click();
  await expect(page.getByTestId("residuals").locator("[data-doubted]")).toHaveCount(marked);
  const told = await page.getByTestId("patch-residual").textContent();
  const share = Number(/counted at (\d+)\s%$/.exec(told ?? "")?.[1]);
  expect(share).toBeGreaterThanOrEqual(1);
  expect(share).toBeLessThan(90);
  await page.getByRole("radiogroup", { name: "Map" }).getByText("Trust", { exact: true }).click();
  await expect(page.getByTestId("map-reading")).toContainText(`: ${share} %`);
  // The arrow keys go on from there; a word that is pointed at explains itself.
  await page.getByRole("group", { name: /^Trust: share/ }).press("ArrowUp");
  await expect(page.getByTestId("patch-residual")).not.toHaveText(told ?? "");
  await page.getByRole("button", { name: "What is this?" }).focus();
  await expect(page.getByRole("tooltip")).toContainText("Share with which a patch counted");
  await expect(page.getByTestId("models").getByText("taken")).toHaveCount(1);
}

test("axe finds nothing serious in any tab of the motion workspace, light or dark", async ({
  page,
}, testInfo) => {
  test.setTimeout(150_000);
  await openPage(page, "?backend=cpu");
  const movie = testInfo.outputPath("edge.mrcs");
  await writeEdge(movie);
  await correct(page, movie);
  for (const tab of ["Alignment", "Dose and sums", "Patches", "Outputs"]) {
    await page.getByRole("tab", { name: tab }).click();
    if (tab === "Patches") await lookAtTrust(page);
    await nothingSeriousInBothThemes(page);
  }
});
