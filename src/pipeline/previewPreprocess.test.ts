import { describe, expect, it } from "vitest";
import { parsePreprocessRecipe } from "#src/domain/preprocessCheck.ts";
import { createRandom } from "#src/math/random.ts";
import { testBackends } from "#src/testing/backends.ts";
import { comparePreview } from "./comparePreview.ts";
import { placeRegion, previewPreprocess } from "./previewPreprocess.ts";

const random = createRandom(8);
const width = 160;
const height = 120;
const source = {
  width,
  height,
  data: new Int16Array(width * height).map(() => Math.round(200 + 20 * random.normal())),
};

describe("the place of a preview region", () => {
  it("keeps its size inside the cropped field", () => {
    expect(placeRegion({ x: 0, y: 0, width: 64, height: 64 }, source, 10)).toEqual({
      x: 10,
      y: 10,
      width: 64,
      height: 64,
    });
    expect(placeRegion({ x: 150, y: 500, width: 64, height: 64 }, source, 0)).toEqual({
      x: 96,
      y: 56,
      width: 64,
      height: 64,
    });
    expect(placeRegion({ x: 0, y: 0, width: 1024, height: 1024 }, source, 5)).toEqual({
      x: 5,
      y: 5,
      width: 150,
      height: 110,
    });
  });
});

describe.each(testBackends)("a preview on $name", ({ open }) => {
  it("shows field, histogram and power of both sides, and changes no input", async () => {
    const backend = await open();
    const copy = source.data.slice();
    const recipe = parsePreprocessRecipe({
      crop: { pixels: 4 },
      invert: {},
      downsample: { factor: 2 },
      lowPass: { cutoff: 0.25, transition: 0.02 },
      normalize: {},
    });
    const { preview, before, after } = await previewPreprocess(
      source,
      { x: 30, y: 0, width: 96, height: 96 },
      recipe,
      { backend },
    );
    expect(source.data).toEqual(copy);
    expect(preview.scope).toBe("region");
    expect(preview.region).toEqual({ x: 30, y: 4, width: 96, height: 96 });
    expect([preview.after.width, preview.after.height]).toEqual([48, 48]);
    expect(before[0]).toBe(source.data[4 * width + 30]);
    expect(after.length).toBe(48 * 48);
    const side = { pixels: before.slice(), width: 96, height: 96, factor: 1 };
    const small = { pixels: after.slice(), width: 48, height: 48, factor: 2 };
    const compared = await comparePreview(side, small, { backend });
    for (const { histogram } of [compared.before, compared.after])
      expect(histogram.counts.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
    // White noise: equal power below the cutoff at 0.125 of the input's frequencies, none above.
    const { frequency, power } = compared.after.radialPower;
    expect(Math.max(...frequency)).toBeCloseTo(0.25, 6);
    const level = compared.before.radialPower.power.reduce((a, b) => a + b, 0) / 48;
    frequency.forEach((f, i) => {
      if (f > 0.14) expect(power[i]).toBeLessThan(1e-6 * level);
    });
    const kept = power.filter((_, i) => frequency[i] < 0.12);
    expect(kept.reduce((a, b) => a + b, 0) / kept.length / level).toBeGreaterThan(0.4);
    const all = await previewPreprocess(source, null, recipe, { backend });
    expect(all.preview.scope).toBe("whole");
    expect([all.preview.after.width, all.preview.after.height]).toEqual([76, 56]);
    await backend.dispose();
  });
});
