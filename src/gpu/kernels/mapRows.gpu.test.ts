import { describe, expect, it } from "vitest";
import { DisplacementMaps } from "#src/math/motion/displacementMaps.ts";
import { mapWaves } from "#src/math/motion/mapWaves.ts";
import { createRandom } from "#src/math/random.ts";
import { relativeError, useTestDevice } from "#src/testing/gpu.ts";
import { createMapColumns } from "./mapColumns.ts";
import { createMapRows } from "./mapRows.ts";

const random = createRandom(54);
const noise = (n: number) => Float32Array.from({ length: n }, () => random.normal());

describe("mapRows on the device", () => {
  const device = useTestDevice();

  it.each([
    [1, 0, 1, 1],
    [2, 7, 4, 3],
    [3, 20, 17, 17],
    [1, 33, 6, 90],
  ])("%i spectra of kx ≤ %i, maps of %i × %i", async (count, kx, mapWidth, mapHeight) => {
    const partial = noise(2 * count * mapHeight * (kx + 1));
    const waves = noise(2 * mapWidth * (kx + 1));
    const kernel = await createMapRows(device.gpu);
    const found = await device.run(
      { partial, waves, maps: count * mapHeight * mapWidth },
      "maps",
      (encoder, b) => kernel.encode(encoder, { ...b, count, kx, mapWidth, mapHeight }),
    );
    const expected = Float64Array.from(found, (_, i) => {
      const [line, x] = [Math.floor(i / mapWidth), i % mapWidth];
      let sum = 0;
      for (let k = 0; k <= kx; k++) {
        const p = 2 * (line * (kx + 1) + k);
        const w = 2 * (x * (kx + 1) + k);
        sum += partial[p] * waves[w] - partial[p + 1] * waves[w + 1];
      }
      return sum;
    });
    expect(relativeError(found, expected)).toBeLessThan(1e-6);
  });

  it("makes maps of what mapColumns sums up, as the twin does", async () => {
    const shape = { width: 50, height: 36, kx: 12, ky: 9 };
    const grid = { radiusX: 5, radiusY: 3, step: 1.7 };
    const plane = 19 * 13;
    const [re, im] = [noise(plane), noise(plane)];
    const { columns, rows } = mapWaves(shape, grid, { scale: 0.25 });
    const cross = new Float32Array(2 * plane);
    for (let i = 0; i < plane; i++) [cross[2 * i], cross[2 * i + 1]] = [re[i], im[i]];
    const [first, second] = [await createMapColumns(device.gpu), await createMapRows(device.gpu)];
    const found = await device.run(
      { cross, columns, rows, partial: 2 * 7 * 13, maps: 7 * 11 },
      "maps",
      (encoder, { cross, columns, rows, partial, maps }) => {
        const common = { count: 1, kx: 12, mapHeight: 7, partial };
        first.encode(encoder, { ...common, cross, waves: columns, ky: 9 });
        second.encode(encoder, { ...common, waves: rows, maps, mapWidth: 11 });
      },
    );
    const expected = new Float32Array(7 * 11);
    new DisplacementMaps(shape, grid).evaluate(re, im, expected, 0, 0.25);
    expect(relativeError(found, expected)).toBeLessThan(1e-6);
  });
});
