import { readFileSync } from "node:fs";
import { drop, expect, openPage, test } from "./fixtures.ts";

test("the board of the demo: best marked, arrow keys, words to copy, oriented gain", async ({
  page,
  context,
}) => {
  test.setTimeout(180_000);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openPage(page, "?backend=cpu");
  await page.getByRole("button", { name: "Try the demo movie" }).click();
  await page.getByRole("tab", { name: "Orientation" }).click();
  const board = page.getByRole("group", { name: "Sixteen poses" });
  await expect(board).toBeVisible({ timeout: 120_000 });
  await expect(board.getByRole("button")).toHaveCount(16);
  const best = board.getByRole("button", { name: /, best$/ });
  await expect(best).toHaveCount(1);
  await expect(page.getByText(/Confident after 1 movie/)).toBeVisible();

  // Nothing is compared before the pose is known: the log holds no error.
  await page.getByRole("tab", { name: "Residual check" }).click();
  await expect(page.getByText(/R²\s*0\.\d+, slope/)).toBeVisible({ timeout: 60_000 });
  await page.keyboard.press("l");
  await expect(page.getByRole("dialog")).toContainText(
    "The pose of demo_gain_reference.mrc was set.",
  );
  await expect(page.getByRole("dialog").locator("li.error")).toHaveCount(0);
  await page.keyboard.press("Escape");
  await page.getByRole("tab", { name: "Orientation" }).click();

  // One tile is in the order of tabs; arrow keys move it and the left picture with it.
  const left = board.locator('[aria-pressed="true"]');
  await expect(left).toHaveCount(1);
  await left.focus();
  const before = (await left.getAttribute("data-candidate")) ?? "";
  await page.keyboard.press("ArrowRight");
  await expect(left).not.toHaveAttribute("data-candidate", before);
  await expect(left).toBeFocused();
  await page.keyboard.press("ArrowLeft");
  await expect(left).toHaveAttribute("data-candidate", before);

  await page.getByRole("button", { name: "Copy for MotionCor2/3" }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(/^-Gain \S+ -RotGain [0-3] -FlipGain [0-2]/);

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save oriented_gain.mrc" }).click();
  const bytes = readFileSync(await (await download).path());
  expect(bytes.readInt32LE(12)).toBe(2);
});

test("the protocol's switches, its final gain and the tables of movies", async ({
  page,
  files,
}) => {
  test.setTimeout(120_000);
  await openPage(page, "?backend=cpu");
  await drop(page, files.movies);
  await page.getByRole("tab", { name: "Estimate" }).click();
  const orientation = page.getByRole("switch", { name: "Find the pose of the reference" });
  await expect(orientation).toBeDisabled();
  await expect(
    page.getByText("There is no gain reference whose pose could be found."),
  ).toBeVisible();
  await drop(page, [files.reference]);
  await expect(orientation).toBeEnabled();
  await page.getByRole("button", { name: "Run the protocol on 2 movies" }).click();
  await expect(page.getByText("Oriented reference")).toBeVisible({ timeout: 90_000 });
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save tables" }).click();
  await page.getByRole("menuitem", { name: "movies.star" }).click();
  const text = readFileSync(await (await download).path(), "utf8");
  expect(text).toContain("_rlnMicrographGainName");
  expect(text).toContain("final_gain.mrc");
  await page.getByRole("tab", { name: "Over time" }).click();
  await expect(page.getByRole("figure", { name: /sd of pixel gain G of 2 movies/ })).toBeVisible();
  const limit = page.getByRole("slider", { name: "Limit of sd of pixel gain G" });
  await limit.focus();
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByRole("button", { name: /Reset the limit of sd/ })).toBeVisible();
});
