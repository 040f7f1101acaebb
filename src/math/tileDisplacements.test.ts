import { describe, expect, it } from "vitest";
import { gridPlaces } from "./motionField.ts";
import type { SampledField } from "./motionField.ts";
import { chooseTile, tileDisplacements } from "./tileDisplacements.ts";

function sampled(
  fx: (x: number, y: number) => number,
  fy: (x: number, y: number) => number,
): SampledField {
  const gridX = gridPlaces(301, 11);
  const gridY = gridPlaces(201, 7);
  const draw = (f: (x: number, y: number) => number): Float64Array =>
    Float64Array.from(gridY.flatMap((y) => gridX.map((x) => f(x, y))));
  return { gridX, gridY, x: [draw(fx)], y: [draw(fy)] };
}

describe("tileDisplacements", () => {
  it("are the field at the centre of each tile, the cut ones at the edge included", () => {
    const field = sampled(
      (x, y) => 0.01 * x - 0.02 * y,
      (x) => 3 + 0.005 * x,
    );
    const { columns, rows, x, y } = tileDisplacements(field, 0, 301, 201, 32);
    expect([columns, rows]).toEqual([10, 7]);
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        const cx = (c * 32 + Math.min(c * 32 + 31, 300)) / 2;
        const cy = (r * 32 + Math.min(r * 32 + 31, 200)) / 2;
        expect(x[r * columns + c]).toBeCloseTo(0.01 * cx - 0.02 * cy, 5);
        expect(y[r * columns + c]).toBeCloseTo(3 + 0.005 * cx, 5);
      }
  });

  it("are small where the field is steep and large where it is flat", () => {
    const none = (): number => 1;
    expect(chooseTile(sampled(none, none))).toBe(128);
    expect(chooseTile(sampled((x) => 0.002 * x, none))).toBe(32);
    expect(chooseTile(sampled(none, (x, y) => 0.01 * (x + y)))).toBe(16);
    expect(
      chooseTile({ gridX: [10], gridY: [10], x: [Float64Array.of(4)], y: [Float64Array.of(1)] }),
    ).toBe(128);
  });
});
