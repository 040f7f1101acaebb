import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { makePoseCases } from "#src/testing/poseCases.ts";
import { drop, expect, openPage, test } from "./fixtures.ts";

// The same cases as through the command (src/cli/orientCommand.test.ts).
for (const given of makePoseCases())
  test(`the board says what is wrong: ${given.name.replaceAll("_", " ")}`, async ({ page }) => {
    const folder = mkdtempSync(join(tmpdir(), "cryoloupe-case-"));
    const files = [join(folder, "movie.mrcs"), join(folder, "gain_reference.mrc")];
    const { values, width, height } = given.reference;
    writeFileSync(
      files[0],
      await encodeMrc(given.frames, { ...given.movieSize, sampleType: "uint16", pixelSizeA: 1 }),
    );
    writeFileSync(
      files[1],
      await encodeMrc([values], { width, height, sampleType: "float32", pixelSizeA: 1 }),
    );
    try {
      await openPage(page, "?backend=cpu");
      await drop(page, files);
      await page.getByRole("tab", { name: "Orientation" }).click();
      await expect(page.getByRole("group", { name: "Sixteen poses" })).toBeVisible({
        timeout: 40_000,
      });
      await expect(page.getByRole("tabpanel")).toContainText(given.sentence);
      // No tile is marked, no pose is taken.
      await expect(page.getByRole("button", { name: /, best$/ })).toHaveCount(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
