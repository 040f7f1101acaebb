import { nothingSerious } from "./axe.ts";
import { drop, expect, openPage, pictureDrawn, test } from "./fixtures.ts";

for (const theme of ["light", "dark"] as const)
  test(`axe finds nothing serious, ${theme}`, async ({ page, files }) => {
    test.setTimeout(120_000);
    await page.emulateMedia({ colorScheme: theme });
    await openPage(page, "?backend=cpu");
    await nothingSerious(page);
    await drop(page, [files.movies[0], files.reference, files.wrong]);
    await pictureDrawn(page);
    await nothingSerious(page);
    await page.getByRole("button", { name: "Estimate the gain" }).click();
    await expect(page.getByRole("img", { name: "Pixel gain G, movie_1" })).toBeVisible({
      timeout: 60_000,
    });
    await nothingSerious(page);
    await page.getByRole("tab", { name: "Estimate" }).click();
    await nothingSerious(page);
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog")).toBeVisible();
    await nothingSerious(page);
  });
