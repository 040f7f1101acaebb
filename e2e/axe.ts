import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/**
 * Waits until everything that was set in motion has arrived: colours of a theme that has just changed fade
 * over 0.1 to 0.2 s, and half way between two themes no contrast is right. What turns for ever is left turning.
 */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const frame = (): Promise<number> => new Promise(requestAnimationFrame);
    // A transition begins with the second frame after its cause.
    await frame();
    await frame();
    const passing = document
      .getAnimations()
      .filter(({ effect }) => Number.isFinite(effect?.getComputedTiming().endTime));
    await Promise.allSettled(passing.map(({ finished }) => finished));
  });
}

/**
 * Nothing serious or critical for axe, in the theme that is shown. `frames: false` leaves frames out that
 * allow no scripts: axe cannot run in them.
 */
export async function nothingSerious(page: Page, { frames = true } = {}): Promise<void> {
  await settled(page);
  const axe = new AxeBuilder({ page });
  const { violations } = await (frames ? axe : axe.exclude("iframe").setLegacyMode()).analyze();
  expect(
    violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`),
  ).toEqual([]);
}

/** The same in both themes. */
export async function nothingSeriousInBothThemes(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const html = page.locator("html");
    // The report by itself follows the media alone.
    if ((await html.getAttribute("data-mantine-color-scheme")) !== null)
      await expect(html).toHaveAttribute("data-mantine-color-scheme", colorScheme);
    await nothingSerious(page);
  }
}
