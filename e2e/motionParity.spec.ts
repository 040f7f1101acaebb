import type { Page } from "@playwright/test";
import { drop, expect, openPage, pictureDrawn, test } from "./fixtures.ts";

async function runAgain(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Run again" }).click();
  await expect(page.getByText("Parameters have changed since this result was made")).toBeHidden({
    timeout: 90_000,
  });
}

test("FlexAlign's estimator is chosen, its patches looked at, its refusals read", async ({
  page,
  files,
}) => {
  test.setTimeout(240_000);
  await openPage(page, "?backend=cpu");
  await drop(page, [files.movies[0]]);
  await page.getByRole("button", { name: "Motion" }).click();
  await page.getByRole("button", { name: "Correct motion" }).first().click();
  await page.getByTestId("key-numbers").waitFor({ timeout: 90_000 });
  await pictureDrawn(page);

  // The estimator's own residuals: chosen in the picture, stepped through, drawn over frames.
  await page.getByText("Residuals", { exact: true }).click();
  await page.locator("[data-patch='9']").click();
  const residual = page.getByTestId("patch-residual");
  await expect(residual).toContainText(/^Patch 10 of \d+ about \d+, \d+ px: 0\.\d{3} px/);
  await page.getByRole("button", { name: "Next patch" }).click();
  await expect(residual).toContainText("Patch 11 of");
  await expect(page.getByRole("button", { name: /Residual of patch 11 of movie_1/ })).toBeVisible();
  await page.getByText("Field", { exact: true }).click();
  await expect(page.getByTestId("map-field")).toBeVisible();
  await page.getByText("Expected error", { exact: true }).click();
  await expect(page.getByTestId("map-error")).toBeVisible();

  // FlexAlign at its defaults: patches of 500 Å do not fit into 307 Å.
  await page.getByRole("tab", { name: "Alignment" }).click();
  await page.getByText("FlexAlign (parity)").click();
  await expect(page.getByText("Parameters have changed since this result was made")).toBeVisible();
  await runAgain(page);
  await expect(
    page.getByText(/Patches of 420 px do not fit into frames of 256 × 224/),
  ).toBeVisible();
  await expect(page.getByText("FlexAlign (GPU program)")).toBeVisible();
  // It states no error of its own, and takes a frame in the middle as reference.
  await expect(page.getByTestId("key-numbers").locator("dd").nth(3)).toHaveText("–");

  // Why there are no maps stands where they would be.
  await page.getByRole("tab", { name: "Patches" }).click();
  await expect(page.getByText(/Patches of 420 px do not fit/)).toBeVisible();
  await page.getByRole("tab", { name: "Alignment" }).click();

  // Small patches at 12 Å: local motion, with more control points than FlexAlign would take.
  await page.getByLabel("Maximum resolution, Å").fill("12");
  await page.getByRole("tab", { name: "Patches" }).click();
  await page.getByLabel("Smallest patch, Å").fill("70");
  await page.locator("#motion-points").click();
  await page.getByRole("option", { name: "numbers below" }).click();
  await page.getByLabel("Control points along t").fill("3");
  await runAgain(page);
  await page.getByText("Residuals", { exact: true }).last().click();
  await page.locator("[data-testid='map-residuals'] g").nth(7).click();
  await expect(residual).toContainText(/^Patch 8 of 20 about/);
  await expect(page.getByText(/Pairs of frames in patches: \d+ of 560 left out/)).toBeVisible();
  await page.getByRole("tab", { name: "Alignment" }).click();
  await expect(
    page.getByText("6 × 6 × 3 control points are more than 5 × 4 patches"),
  ).toBeVisible();
  await page.getByRole("tab", { name: "Outputs" }).click();
  await expect(page.getByText(/Micrographs have the geometry of frame \d/)).toBeVisible();
});
