import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { drop, expect, openPage, pictureDrawn, test } from "./fixtures.ts";

/** Nothing serious or critical, in the theme that is shown. */
async function check(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`),
  ).toEqual([]);
}

for (const theme of ["light", "dark"] as const)
  test(`axe finds nothing serious, ${theme}`, async ({ page, files }) => {
    test.setTimeout(120_000);
    await page.emulateMedia({ colorScheme: theme });
    await openPage(page, "?backend=cpu");
    await check(page);
    await drop(page, [files.movies[0], files.reference, files.wrong]);
    await pictureDrawn(page);
    await check(page);
    await page.getByRole("button", { name: "Estimate the gain" }).click();
    await expect(page.getByRole("img", { name: "Pixel gain G, movie_1" })).toBeVisible({
      timeout: 60_000,
    });
    await page.waitForTimeout(500);
    await check(page);
    await page.getByRole("tab", { name: "Estimate" }).click();
    await check(page);
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog")).toBeVisible();
    await page.waitForTimeout(400);
    await check(page);
  });
