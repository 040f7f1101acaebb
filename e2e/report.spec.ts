import { expect, test } from "./fixtures.ts";
import { nothingSeriousInBothThemes } from "./axe.ts";
import { openSession } from "./sessionPage.ts";

test("the report by itself: nothing serious for axe, whole on paper and on a narrow screen", async ({
  page,
  context,
}) => {
  test.setTimeout(90_000);
  await openSession(page, "&backend=cpu&simulate=60");
  await page
    .getByRole("navigation", { name: "Workspaces" })
    .getByRole("button", { name: "Report" })
    .click();
  await expect
    .poll(() => page.evaluate(() => cryoloupeDiagnose.state().report.page !== null), {
      timeout: 40_000,
    })
    .toBe(true);
  const html = await page.evaluate(() => cryoloupeDiagnose.state().report.page?.html ?? "");
  // As a file of its own: axe does not enter the frame of the page, which allows no scripts.
  const report = await context.newPage();
  await report.setContent(html);
  await nothingSeriousInBothThemes(report);
  for (const [media, width] of [
    ["screen", 1024],
    ["screen", 480],
    ["print", 680],
  ] as const) {
    await report.emulateMedia({ media });
    await report.setViewportSize({ width, height: 900 });
    const wide = await report.evaluate(() => document.documentElement.scrollWidth);
    expect(wide, `${media} ${width}`).toBeLessThanOrEqual(width);
  }
  // Pages of A4 that hold something.
  const pdf = await report.pdf({ preferCSSPageSize: true });
  expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
  const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g) ?? [];
  expect(pages.length).toBeGreaterThan(1);
  expect(pages.length).toBeLessThan(12);
  await report.close();
});
