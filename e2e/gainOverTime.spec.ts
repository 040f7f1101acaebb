import { readFileSync } from "node:fs";
import { nothingSeriousInBothThemes } from "./axe.ts";
import { drop, expect, openPage, pictureDrawn, test } from "./fixtures.ts";
import { makeGainSession, STRANGER } from "./gainSession.ts";

const MOVIES = 24;

test("a session's gains over time: drift, stranger, limits that recolour rows, undo, gallery", async ({
  page,
}) => {
  test.setTimeout(180_000);
  const { paths, reference } = await makeGainSession(MOVIES);
  await openPage(page, "?backend=cpu");
  await drop(page, [...paths, reference]);
  await page.getByRole("tab", { name: "Estimate" }).click();
  await page.getByRole("button", { name: `Run the protocol on ${MOVIES} movies` }).click();
  await expect(page.getByText("Oriented reference")).toBeVisible({ timeout: 120_000 });

  // Both sets are kept, the residuals are shown.
  await page.getByRole("tab", { name: "Gallery" }).click();
  const sets = page.getByRole("radiogroup", { name: "Set of gains" });
  await expect(sets).toContainText(`Estimated ${MOVIES}`);
  await expect(sets).toContainText(`Residual ${MOVIES}`);
  await expect(page.getByRole("listitem")).toHaveCount(MOVIES);
  const sdOf = async (at: number): Promise<number> =>
    Number(
      await page
        .getByRole("row")
        .filter({ hasText: name(at) })
        .last()
        .getByRole("cell")
        .nth(1)
        .textContent(),
    );
  const name = (at: number): string => `grid3_${String(at + 1).padStart(3, "0")}`;
  const estimated = await sdOf(2);
  await sets.getByText(/Residual/).click();
  // Rows and columns of 2 % and a slope are gone with the reference.
  expect(await sdOf(2)).toBeLessThan(0.5 * estimated);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save residual_gains.csv" }).click();
  const lines = readFileSync(await (await download).path(), "utf8")
    .trim()
    .split("\n");
  expect(lines).toHaveLength(MOVIES + 1);
  expect(lines[1]).toContain("residual");
  await nothingSeriousInBothThemes(page);
  await page.getByRole("listitem").nth(3).getByRole("button").click();
  await pictureDrawn(page);
  await expect(page.getByRole("img", { name: `Residual pixel gain G, ${name(3)}` })).toBeVisible();
  await page.getByRole("button", { name: "All gains" }).click();
  await sets.getByText(/Oriented/).click();
  await page.getByRole("button", { name: /gain_reference\.mrc, not turned.*show large/ }).click();
  await pictureDrawn(page);
  await page.getByRole("button", { name: "All gains" }).click();

  await page.getByRole("tab", { name: "Over time" }).click();
  await expect(page.getByText(/standard deviation rises over the acquisition/)).toBeVisible();
  await expect(
    page.getByText(new RegExp(`${name(STRANGER)} is far from the others`)),
  ).toBeVisible();
  await expect(page.getByRole("figure", { name: /of 24 movies.*1 exceed/ }).first()).toBeVisible();

  await nothingSeriousInBothThemes(page);

  // A limit below the stranger and the last movies filters them, in the table and in the plot at once.
  const rows = page.getByRole("grid").getByRole("row");
  const filtered = rows.filter({ hasText: "filtered" });
  await expect(filtered).toHaveCount(0);
  const field = page.getByRole("textbox", { name: "Limit of sd of pixel gain G, number" });
  await field.fill("0.03");
  await field.blur();
  await expect(filtered).toHaveCount(1);
  await expect(filtered).toContainText("filtered: sd 0.0");
  await expect(page.getByText("1 of 24 out, as read")).toBeVisible();
  const slider = page.getByRole("slider", { name: "Limit of sd of pixel gain G" });
  await slider.focus();
  await page.keyboard.press("Home");
  await expect(page.getByText("24 of 24 out, as read")).toBeVisible();
  await expect(page.getByText(/24 filtered by the limits set/)).toBeVisible();
  // Each change is a step of undo.
  await page.keyboard.press("Control+z");
  await expect(page.getByText("1 of 24 out, as read")).toBeVisible();
  await page.getByRole("button", { name: "Undo the last change of a limit" }).click();
  await expect(filtered).toHaveCount(0);
  await expect(
    page.getByRole("button", { name: "Undo the last change of a limit" }),
  ).toBeDisabled();

  const chosen = page.getByLabel("Movies whose histograms are laid over").first();
  await chosen.click();
  await page.getByRole("option", { name: `17: ${name(STRANGER)}` }).click();
  await expect(
    page.getByRole("figure", { name: new RegExp(`Histograms of pixel gain G.*${name(STRANGER)}`) }),
  ).toBeVisible();
});
