import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mrcFile } from "#src/testing/files/mrcFile.ts";
import { greyTags, tiffParts } from "#src/testing/files/tiffFile.ts";
import type { FilePart } from "#src/testing/files/tiffFile.ts";
import { drop, expect, openPage, pictureDrawn, test } from "./fixtures.ts";

const GIB = 2 ** 30;
const side = 1024;
const frameBytes = side * side;
const lastFrame = Uint8Array.from({ length: frameBytes }, (_, i) => (i * 31) % 127);

/** Writes parts of a file and leaves holes between them, which take no disk space. */
function writeSparse(path: string, parts: readonly FilePart[], size?: number): void {
  const file = openSync(path, "w");
  for (const { offset, bytes } of parts) writeSync(file, bytes, 0, bytes.length, offset);
  if (size !== undefined) ftruncateSync(file, size);
  closeSync(file);
}

/** A count as the page writes it, with spaces between thousands: a pattern. */
const shown = (count: number): string => String(count).replace(/(?=(\d{3})+$)(?!^)/g, "\\s?");

test("files beyond 2 and 4 GiB open and show their last frame", async ({ page }) => {
  test.setTimeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "cryoloupe-large-"));
  try {
    const paths: string[] = [];
    for (const gib of [2.5, 4.5]) {
      const frames = (gib * GIB) / frameBytes;
      const data = new Uint8Array(0);
      const path = join(folder, `stack_${gib}.mrcs`);
      writeSparse(path, [
        { offset: 0, bytes: mrcFile({ width: side, height: side, frames, mode: 0, data }) },
        { offset: 1024 + (frames - 1) * frameBytes, bytes: lastFrame },
      ]);
      paths.push(path);
    }
    const pages = [0, 1].map(() => ({ tags: greyTags(side, side), blocks: [lastFrame] }));
    const tiff = join(folder, "pages_5.tif");
    writeSparse(tiff, tiffParts({ big: true, gap: 5 * GIB, pages }));
    paths.push(tiff);

    await openPage(page);
    for (const [path, frames] of [
      [paths[0], 2560],
      [paths[1], 4608],
      [paths[2], 2],
    ] as const) {
      await drop(page, [path]);
      const name = path.slice(folder.length + 1);
      await page.locator(".table-row", { hasText: name }).click();
      const all = shown(frames);
      await page.getByText(new RegExp(`^Frame .* of ${all}$`)).waitFor();
      await page.keyboard.press("End");
      await expect(page.getByText(new RegExp(`^Frame ${all} of ${all}$`))).toBeVisible();
      await page.getByRole("img", { name: new RegExp(`^Frame ${all}, ${name}$`) }).waitFor();
      await pictureDrawn(page);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
