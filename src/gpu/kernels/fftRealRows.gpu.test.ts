import { describe, expect, it } from "vitest";
import { createFft } from "#src/math/fft.ts";
import { relativeError, useTestDevice } from "#src/testing/gpu.ts";
import { normalFloats } from "#src/testing/kernelLines.ts";
import { createFftRealRows } from "./fftRealRows.ts";

const SIZES = [
  [1, 1],
  [6, 3],
  [7, 4],
  [130, 5],
] as const;

/** Rows as complex lines, 0 beyond the last. */
function pairsOf(image: Float32Array, width: number, height: number): Float64Array {
  const pairs = new Float64Array(2 * width * Math.ceil(height / 2));
  image.forEach((v, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    pairs[2 * ((y >> 1) * width + x) + (y % 2)] = v;
  });
  return pairs;
}

/** Half spectra of the rows, by the definition of the transform. */
function halfSpectra(image: Float32Array, width: number, height: number, columns: number) {
  const lines = new Float64Array(2 * width * height);
  image.forEach((v, i) => (lines[2 * i] = v));
  createFft(width).forward(lines, { batch: height, batchStride: width, stride: 1 });
  return Float64Array.from({ length: 2 * columns * height }, (_, i) => {
    const [y, k] = [Math.floor(i / (2 * columns)), i % (2 * columns)];
    return lines[2 * y * width + k];
  });
}

describe("fftRealRows on the device", () => {
  const device = useTestDevice();

  it.each(SIZES)("packs rows of %i × %i and unpacks them", async (width, height) => {
    const image = normalFloats(width * height, width);
    const expected = pairsOf(image, width, height);
    const rows = await createFftRealRows(device.gpu);
    const common = { width, height, columns: (width >> 1) + 1, spectrum: null };
    const packed = await device.run({ image, pairs: expected.length }, "pairs", (encoder, b) =>
      rows.encode(encoder, { ...b, ...common, stage: "pack" }),
    );
    expect(packed).toEqual(Float32Array.from(expected));
    const back = await device.run({ image: image.length, pairs: packed }, "image", (encoder, b) =>
      rows.encode(encoder, { ...b, ...common, stage: "unpack" }),
    );
    expect(back).toEqual(image);
  });

  it.each(SIZES)("splits transforms of pairs of %i × %i and joins them", async (width, height) => {
    const image = normalFloats(width * height, width);
    const members = Math.ceil(height / 2);
    const transformed = pairsOf(image, width, height);
    createFft(width).forward(transformed, { batch: members, batchStride: width, stride: 1 });
    const pairs = Float32Array.from(transformed);
    const rows = await createFftRealRows(device.gpu);
    for (const columns of [(width >> 1) + 1, 1]) {
      const expected = halfSpectra(image, width, height, columns);
      const found = await device.run(
        { pairs, spectrum: expected.length },
        "spectrum",
        (encoder, b) =>
          rows.encode(encoder, { ...b, width, height, columns, image: null, stage: "split" }),
      );
      expect(relativeError(found, expected)).toBeLessThan(1e-6);
    }
    const columns = (width >> 1) + 1;
    const spectrum = Float32Array.from(halfSpectra(image, width, height, columns));
    const joined = await device.run({ pairs: pairs.length, spectrum }, "pairs", (encoder, b) =>
      rows.encode(encoder, { ...b, width, height, columns, image: null, stage: "join" }),
    );
    expect(relativeError(joined, transformed)).toBeLessThan(1e-6);
  });
});
