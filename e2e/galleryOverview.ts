import type { Page } from "@playwright/test";
import { drop, expect, openPage } from "./fixtures.ts";
import { makeGainSession } from "./gainSession.ts";

/** A session of 26 small simulated movies, its plan worked off, in every view of the whole. */
export async function drawOverview(
  page: Page,
  draw: (page: Page, name: string) => Promise<void>,
): Promise<void> {
  const session = await makeGainSession(26);
  await openPage(page, "?backend=cpu");
  await drop(page, [session.folder]);
  await page.getByRole("button", { name: /: overview$/ }).click();
  await expect(page.getByRole("grid", { name: "Movies" })).toBeVisible();
  await page.getByRole("tab", { name: "Run plan" }).click();
  await page.getByLabel("Movie step for the gain").fill("1");
  const begin = page.getByRole("button", { name: /^Begin with/ });
  if (await begin.isVisible()) await begin.click();
  await expect(page.getByRole("button", { name: /^[3-9] accepted/ })).toBeVisible({
    timeout: 240_000,
  });
  await draw(page, "overview-running");
  await expect(page.getByText(/^0 movies to do/)).toBeVisible({ timeout: 400_000 });
  await draw(page, "overview-plan");
  await page.getByRole("tab", { name: "Thresholds" }).click();
  await page.getByRole("row").nth(12).click();
  await draw(page, "overview");
  await page.getByRole("button", { name: "Report", exact: true }).first().click();
  await expect(page.frameLocator("iframe").getByRole("heading", { name: "Summary" })).toBeVisible();
  await draw(page, "report");
}

/** The numbers of 1 000 movies, marked as simulated: the design at the length it was made for. */
export async function drawLongSession(
  page: Page,
  draw: (page: Page, name: string) => Promise<void>,
): Promise<void> {
  await openPage(page, "?backend=cpu&simulate=1000");
  await expect(page.getByText(/gain changed at/)).toBeVisible();
  await draw(page, "overview-1000");
  await page.getByRole("button", { name: "Report", exact: true }).first().click();
  await expect(page.frameLocator("iframe").locator("#motion h2")).toBeVisible();
  await draw(page, "report-1000");
}
