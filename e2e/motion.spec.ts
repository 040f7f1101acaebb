import AxeBuilder from "@axe-core/playwright";
import { drop, expect, openPage, pictureDrawn, test } from "./fixtures.ts";

/** Opens the first movie in the motion workspace and corrects it. */
async function correct(page: Parameters<typeof openPage>[0], movie: string): Promise<void> {
  await drop(page, [movie]);
  await page.getByRole("button", { name: "Motion" }).click();
  await page.getByRole("button", { name: "Correct motion" }).first().click();
  await page.getByTestId("key-numbers").waitFor({ timeout: 90_000 });
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
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save movie_1.star" }).click();
  const saved = await waiting;
  expect(saved.suggestedFilename()).toBe("movie_1.star");
  const text = await (await saved.createReadStream()).toArray();
  expect(Buffer.concat(text as Uint8Array[]).toString()).toContain("_rlnMotionModelVersion");

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

for (const theme of ["light", "dark"] as const)
  test(`axe finds nothing serious in any tab of the motion workspace, ${theme}`, async ({
    page,
    files,
  }) => {
    test.setTimeout(150_000);
    await page.emulateMedia({ colorScheme: theme });
    await openPage(page, "?backend=cpu");
    await correct(page, files.movies[0]);
    for (const tab of ["Alignment", "Dose and sums", "Patches", "Outputs"]) {
      await page.getByRole("tab", { name: tab }).click();
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter(
        ({ impact }) => impact === "serious" || impact === "critical",
      );
      expect(
        serious.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(" ")}`),
      ).toEqual([]);
    }
  });
