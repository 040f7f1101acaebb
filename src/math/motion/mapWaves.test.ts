import { describe, expect, it } from "vitest";
import { prefilterLine } from "../bspline.ts";
import { createRandom } from "../random.ts";
import { DisplacementMaps } from "./displacementMaps.ts";
import { mapWaves } from "./mapWaves.ts";

const shape = { width: 54, height: 40, kx: 11, ky: 8 };
const grid = { radiusX: 6, radiusY: 4, step: 1 };
const [mapWidth, mapHeight] = [13, 9];

describe("maps as products of matrices", () => {
  const random = createRandom(9);
  const plane = (2 * shape.ky + 1) * (shape.kx + 1);
  const re = Float32Array.from({ length: plane }, () => random.normal());
  const im = Float32Array.from({ length: plane }, () => random.normal());
  const product = ({ columns, rows }: ReturnType<typeof mapWaves>): Float64Array => {
    const across = shape.kx + 1;
    const down = 2 * shape.ky + 1;
    return Float64Array.from({ length: mapWidth * mapHeight }, (_, at) => {
      const [y, x] = [Math.floor(at / mapWidth), at % mapWidth];
      let value = 0;
      for (let k = 0; k < across; k++) {
        let [a, b] = [0, 0];
        for (let j = 0; j < down; j++) {
          const c = 2 * (y * down + j);
          a += re[j * across + k] * columns[c] - im[j * across + k] * columns[c + 1];
          b += re[j * across + k] * columns[c + 1] + im[j * across + k] * columns[c];
        }
        const r = 2 * (x * across + k);
        value += a * rows[r] - b * rows[r + 1];
      }
      return value;
    });
  };

  it("are the correlation maps, scale included", () => {
    const expected = new Float32Array(mapWidth * mapHeight);
    new DisplacementMaps(shape, grid).evaluate(re, im, expected, 0, 0.5);
    // Tables in single precision: sums of 400 terms of size 1.
    expect(product(mapWaves(shape, grid, { scale: 0.5 }))).toBeAllclose(expected, { atol: 1e-5 });
  });

  it("are their spline coefficients when the tables are filtered", () => {
    const expected = Float64Array.from(product(mapWaves(shape, grid)));
    for (let y = 0; y < mapHeight; y++) prefilterLine(expected, y * mapWidth, 1, mapWidth);
    for (let x = 0; x < mapWidth; x++) prefilterLine(expected, x, mapWidth, mapHeight);
    const found = product(mapWaves(shape, grid, { prefilter: true }));
    // The filter amplifies by up to 6 an axis at most (coefficients of alternating samples).
    expect(found).toBeAllclose(expected, { atol: 2e-4 });
  });
});
