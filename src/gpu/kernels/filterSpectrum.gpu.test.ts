import { describe, expect, it } from "vitest";
import { NO_OPERATIONS } from "#src/domain/preprocess.ts";
import { filterSpectrum, fourierFilterOf } from "#src/math/preprocess/fourierFilter.ts";
import { useTestDevice } from "#src/testing/gpu.ts";
import { normalFloats } from "#src/testing/kernelLines.ts";
import { createFilterSpectrum } from "./filterSpectrum.ts";

describe("filterSpectrum on the device", () => {
  const device = useTestDevice();
  const filter = fourierFilterOf(
    {
      ...NO_OPERATIONS,
      gaussian: { sigma: 0.7 },
      highPass: { cutoff: 0.15, transition: 0.1 },
      lowPass: { cutoff: 0.3, transition: 0.15 },
    },
    "default",
  );

  it.each([
    [37, 23, 37, 23],
    [64, 50, 31, 24],
    [140, 9, 132, 4],
  ])("filters %i × %i into %i × %i", async (width, height, toWidth, toHeight) => {
    const from = { width, height };
    const to = { width: toWidth, height: toHeight };
    const columns = (width >> 1) + 1;
    const spectrum = normalFloats(2 * columns * height, 6);
    const expected = filterSpectrum(spectrum.slice(), from, to, filter, 0.5);
    const kernel = await createFilterSpectrum(device.gpu);
    const found = await device.run(
      { spectrum, filtered: expected.length },
      "filtered",
      (encoder, b) =>
        kernel.encode(encoder, { ...b, fromColumns: columns, from, to, filter, scale: 0.5 }),
    );
    // Frequencies in single precision times the slope of the steepest flank (π/2 over 0.1).
    expect(found).toBeAllclose(expected, { atol: 1e-5 });
  });

  it("takes away what lies exactly on the cutoff of a sharp filter", async () => {
    // Columns at 20/200 and rows at 10/100 lie at 0.1, which has no exact single.
    const size = { width: 200, height: 100 };
    const columns = 101;
    const spectrum = new Float32Array(2 * columns * size.height).fill(1);
    const at = (u: number, v: number): number => 2 * (v * columns + u);
    const kernel = await createFilterSpectrum(device.gpu);
    const band = { cutoff: 0.1, transition: 0 };
    for (const operations of [
      { ...NO_OPERATIONS, highPass: band },
      { ...NO_OPERATIONS, lowPass: band },
    ]) {
      const sharp = fourierFilterOf(operations, "xmipp");
      const expected = filterSpectrum(spectrum.slice(), size, size, sharp, 1);
      const found = await device.run(
        { spectrum, filtered: spectrum.length },
        "filtered",
        (encoder, b) =>
          kernel.encode(encoder, {
            ...{ ...b, fromColumns: columns, from: size, to: size, filter: sharp, scale: 1 },
          }),
      );
      expect([found[at(20, 0)], found[at(0, 10)], found[at(0, 90)]]).toEqual([0, 0, 0]);
      expect(found).toEqual(expected);
    }
  });
});
