import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { applyPose, inversePose } from "#src/math/pose.ts";
import { createRandom } from "#src/math/random.ts";
import { drop, expect, openPage, test } from "./fixtures.ts";

/**
 * A counting movie (uint8) of side² × frames, 16 counts a pixel and frame, pixel gain of 3 %, and its
 * reference turned by 90° clockwise before it was saved. Four frames of noise are drawn and dealt out in
 * turn: what is read is as much, what is drawn is not.
 */
async function makeFiles(
  side: number,
  frames: number,
): Promise<{ folder: string; files: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), "cryoloupe-large-"));
  const random = createRandom(side + frames);
  const gain = Float32Array.from({ length: side * side }, () => 1 + 0.03 * random.normal());
  const size = { width: side, height: side, pixelSizeA: 0.9 };
  const movie = join(folder, "movie.mrcs");
  const drawn: Uint8Array<ArrayBuffer>[] = [];
  for (let k = 0; k < Math.min(4, frames); k++)
    // Normal deviates stand for Poisson's at these counts.
    drawn.push(Uint8Array.from(gain, (g) => Math.max(0, Math.round(16 * g + 4 * random.normal()))));
  const first = await encodeMrc([drawn[0]], { ...size, sampleType: "uint8" });
  const header = first.slice(0, 1024);
  const view = new DataView(header.buffer);
  view.setInt32(8, frames, true);
  view.setInt32(36, frames, true);
  view.setFloat32(48, 0.9 * frames, true);
  const file = openSync(movie, "w");
  writeSync(file, header);
  for (let t = 0; t < frames; t++) writeSync(file, drawn[t % drawn.length]);
  closeSync(file);
  const reference = join(folder, "gain_reference.mrc");
  const correction = gain.map((g) => 1 / g);
  const stored = applyPose(correction, side, side, inversePose({ rotation90: 1, flip: "none" }));
  writeFileSync(reference, await encodeMrc([stored.data], { ...size, sampleType: "float32" }));
  return { folder, files: [movie, reference] };
}

// On a quiet machine with two cores 9 and 24 s; told, not tested.
for (const { side, frames } of [
  { side: 2048, frames: 24 },
  { side: 4096, frames: 3 },
])
  test(`sixteen scores of a reference of ${side}² from ${frames} frames`, async ({ page }) => {
    test.setTimeout(240_000);
    const { folder, files } = await makeFiles(side, frames);
    try {
      await openPage(page, "?backend=cpu");
      const start = Date.now();
      await drop(page, files);
      await page.getByRole("tab", { name: "Orientation" }).click();
      const board = page.getByRole("group", { name: "Sixteen poses" });
      await expect(board).toBeVisible({ timeout: 180_000 });
      const took = (Date.now() - start) / 1000;
      await expect(board.getByRole("button")).toHaveCount(16);
      await expect(page.getByText("Rotate 90° clockwise")).toBeVisible();
      await expect(board.getByRole("button", { name: /^Multiply, 90° cw.*best$/ })).toHaveCount(1);
      console.log(`${side}² × ${frames}: ${took.toFixed(1)} s from drop to sixteen scores`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
