import { expect, it } from "vitest";
import type { PixelArray } from "#src/domain/movie.ts";
import { createRandom } from "../random.ts";
import { createWarpScratch, warpFrame } from "../warpFrame.ts";
import { withoutWasm } from "./wasmModule.ts";
import { warpFrameFast } from "./warpKernel.ts";

const makers: readonly ((values: number[]) => PixelArray)[] = [
  (v) => Uint8Array.from(v),
  (v) => Uint16Array.from(v, (x) => 200 * x),
  (v) => Int16Array.from(v, (x) => x - 9),
  (v) => Float32Array.from(v, (x) => x / 7),
];

it("moves as the twin does, whatever the type, size, tile, gain and number of sums", () => {
  const random = createRandom(7);
  for (let n = 0; n < 60; n++) {
    const width = 1 + random.integer(150);
    const height = 1 + random.integer(120);
    const tile = [16, 32, 128][n % 3];
    const columns = Math.ceil(width / tile);
    const rows = Math.ceil(height / tile);
    const frame = makers[n % 4](Array.from({ length: width * height }, () => random.integer(200)));
    const gain =
      n % 2 === 0
        ? null
        : Float32Array.from({ length: width * height }, () => 0.5 + random.uniform());
    const reach = n % 7 === 0 ? 300 : 9;
    const place = (): Float32Array<ArrayBuffer> =>
      Float32Array.from({ length: columns * rows }, () => reach * (2 * random.uniform() - 1));
    const displacements = { tile, columns, rows, x: place(), y: place() };
    const band = { start: 0, end: height };
    const make = (): readonly { target: Float32Array<ArrayBuffer>; weight: number }[] =>
      [1, -0.3].slice(0, 1 + (n % 2)).map((weight) => ({
        target: new Float32Array(width * height).fill(2),
        weight,
      }));
    const fast = make();
    const used = warpFrameFast({
      frame,
      gain,
      firstRow: 0,
      width,
      height,
      displacements,
      band,
      sums: fast,
    });
    expect(used).toBe(true);
    const slow = make();
    withoutWasm(() => {
      const source = { frame, gain, firstRow: 0 };
      warpFrame(source, width, height, displacements, band, slow, createWarpScratch(tile));
    });
    // Single against double precision in 16 products, of values up to 40 000 × 1.5.
    const largest = Math.max(1, ...Array.from(frame, Math.abs));
    slow.forEach(({ target }, s) => {
      let worst = 0;
      target.forEach((v, i) => (worst = Math.max(worst, Math.abs(v - fast[s].target[i]))));
      expect(worst).toBeLessThan(1e-6 * 1.5 * largest + 1e-6);
    });
  }
});

it("leaves what cannot be held to the twin", () => {
  const one = new Float32Array(1);
  const displacements = { tile: 16, columns: 1, x: Float32Array.of(1e6), y: one };
  const band = { start: 0, end: 1 };
  const warp = { frame: one, gain: null, firstRow: 0, width: 1, height: 1, displacements, band };
  expect(warpFrameFast({ ...warp, sums: [] })).toBe(false);
});
