import { describe, expect, it } from "vitest";
import { createRandom } from "#src/math/random.ts";
import { relativeError, useTestDevice } from "#src/testing/gpu.ts";
import { createMapColumns } from "./mapColumns.ts";

const random = createRandom(53);
const noise = (n: number) => Float32Array.from({ length: n }, () => random.normal());

describe("mapColumns on the device", () => {
  const device = useTestDevice();

  // Rows of the map go four to a thread: one, a full block, and a rest of each size.
  it.each([
    [1, 0, 0, 1],
    [3, 6, 5, 4],
    [2, 19, 11, 17],
    [4, 1, 30, 7],
    [1, 40, 3, 10],
  ])("%i spectra of kx ≤ %i, ky ≤ %i, %i rows", async (count, kx, ky, mapHeight) => {
    const rows = 2 * ky + 1;
    const cross = noise(2 * count * rows * (kx + 1));
    const waves = noise(2 * mapHeight * rows);
    const kernel = await createMapColumns(device.gpu);
    const found = await device.run(
      { cross, waves, partial: 2 * count * mapHeight * (kx + 1) },
      "partial",
      (encoder, b) => kernel.encode(encoder, { ...b, count, kx, ky, mapHeight }),
    );
    const expected: number[] = [];
    for (let n = 0; n < count; n++)
      for (let y = 0; y < mapHeight; y++)
        for (let x = 0; x <= kx; x++) {
          let [re, im] = [0, 0];
          for (let k = 0; k < rows; k++) {
            const c = 2 * ((n * rows + k) * (kx + 1) + x);
            const w = 2 * (y * rows + k);
            re += cross[c] * waves[w] - cross[c + 1] * waves[w + 1];
            im += cross[c] * waves[w + 1] + cross[c + 1] * waves[w];
          }
          expected.push(re, im);
        }
    expect(relativeError(found, expected)).toBeLessThan(1e-6);
  });
});
