import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { syntheticMicrograph } from "#src/testing/syntheticMicrograph.ts";
import { drop, expect, openPage, pictureDrawn, test } from "./fixtures.ts";

interface Measure {
  readonly startTime: number;
  readonly duration: number;
  readonly detail: { readonly missingIterations: number; readonly computingMs: number };
}

async function measures(page: Page): Promise<Measure[]> {
  return await page.evaluate(() =>
    (performance.getEntriesByName("micrograph preview") as PerformanceMeasure[]).map(
      ({ startTime, duration, detail }) => ({
        startTime,
        duration,
        detail: detail as Measure["detail"],
      }),
    ),
  );
}

/** Acts, and waits for the pictures that answer, up to the final one. */
async function answered(page: Page, act: () => Promise<void>): Promise<readonly Measure[]> {
  const since = await page.evaluate(() => performance.now());
  await act();
  const answers = async (): Promise<Measure[]> =>
    (await measures(page)).filter(({ startTime }) => startTime >= since);
  await expect
    .poll(async () => (await answers()).at(-1)?.detail.missingIterations, { intervals: [50] })
    .toBe(0);
  return await answers();
}

/** Card, its slider, and one key that moves it. */
const SLIDERS = [
  [/^Crop borders/, "Border", "ArrowRight"],
  [/^Downsample/, "Factor", "ArrowRight"],
  [/^Gaussian/, "σ", "ArrowRight"],
  [/^High-pass/, "Cutoff", "ArrowRight"],
  [/^Low-pass/, "Cutoff", "ArrowLeft"],
  [/^Denoise/, "Iterations", "ArrowRight"],
] as const;

/** How long it takes from a key on a slider to the frame with the picture; printed, for machines differ. */
test("previews follow the sliders", async ({ page }) => {
  test.setTimeout(120_000);
  const folder = join(tmpdir(), `cryoloupe-timing-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "timing.mrc");
  const [width, height] = [1536, 1280];
  writeFileSync(
    path,
    await encodeMrc([syntheticMicrograph(width, height, 7)], {
      width,
      height,
      sampleType: "float32",
      pixelSizeA: 1.1,
    }),
  );
  await openPage(page, "?backend=cpu");
  await drop(page, [path]);
  await page.getByRole("button", { name: "Micrograph", exact: true }).click();
  await pictureDrawn(page);
  const line = (what: string, found: readonly Measure[]): void => {
    const firsts = found.map(({ duration, detail: { missingIterations, computingMs } }) => {
      const rest = missingIterations > 0 ? `, ${missingIterations} iterations to come` : "";
      return `${duration.toFixed(0)} ms (computing ${computingMs.toFixed(0)}${rest})`;
    });
    console.log(`${what}: ${firsts.join("; then ")}`);
  };
  // The first plots are drawn by then.
  await page.locator(".preview-plots svg.main-svg").first().waitFor();
  for (const preset of ["Conservative", "For looking", "Conservative", "For picking"])
    line(
      `preset ${preset}`,
      await answered(page, () => page.getByText(preset, { exact: true }).click()),
    );
  for (const [card, name, key] of SLIDERS) {
    const title = page.getByRole("button", { name: card });
    if ((await title.getAttribute("aria-expanded")) === "false") await title.click();
    const operation = page.getByRole("switch", { name: card });
    if (!(await operation.isChecked()))
      line(`${name}: switched on`, await answered(page, () => operation.check({ force: true })));
    const slider = page.getByRole("slider", { name }).first();
    await slider.focus();
    const times: Measure[] = [];
    for (let i = 0; i < 3; i++) {
      const found = await answered(page, () => page.keyboard.press(key));
      times.push(found[0]);
      expect(found[0].duration).toBeGreaterThan(0);
    }
    line(`${card.source.slice(1)}, ${name}`, times);
  }
});
