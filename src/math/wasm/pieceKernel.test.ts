import { expect, it } from "vitest";
import { pieceGrid, sumPieces } from "../powerSpectrum.ts";
import type { PieceGrid } from "../powerSpectrum.ts";
import { createRandom } from "../random.ts";
import { withoutWasm } from "./wasmModule.ts";

/** Noise on a bright ground with a wave: what a micrograph has. */
function imageOf(width: number, height: number): Float32Array {
  const random = createRandom(width + height);
  return Float32Array.from(
    { length: width * height },
    (_, i) =>
      30 + random.normal() * 5 + 3 * Math.cos((i % width) * 0.7 + Math.floor(i / width) * 0.2),
  );
}

function compare(grid: PieceGrid, image: Float32Array): number {
  const fast = sumPieces(grid, image, 0, grid.rows);
  const slow = withoutWasm(() => sumPieces(grid, image, 0, grid.rows));
  expect(fast.pieces).toBe(slow.pieces);
  expect(fast.total).toHaveLength(slow.total.length);
  // Single precision in two transforms: some 1e-7 of the largest amplitude, in each.
  const amplitude = (v: number): number => (grid.kind === "protocol" ? v : Math.sqrt(v));
  let largest = 0;
  let worst = 0;
  slow.total.forEach((v, i) => {
    largest = Math.max(largest, amplitude(v));
    worst = Math.max(worst, Math.abs(amplitude(fast.total[i]) - amplitude(v)));
  });
  expect(worst).toBeLessThan(1e-6 * largest);
  return fast.pieces;
}

it.each([
  ["protocol", 900, 700],
  ["reading", 1100, 800],
  ["reading", 100, 64],
  ["protocol", 96, 96],
  ["reading", 110, 70],
] as const)("adds up the %s spectra of %i × %i as the twin does", (kind, width, height) => {
  const grid = pieceGrid(kind, width, height);
  expect(compare(grid, imageOf(width, height))).toBe(grid.columns.length * grid.rows.length);
});

it("passes over what is empty or no number, whichever of a pair it is", () => {
  const grid = pieceGrid("reading", 512, 64);
  expect(grid.columns.length).toBeGreaterThan(8);
  const image = imageOf(512, 64);
  for (let y = 0; y < 64; y++) for (let x = 64; x < 160; x++) image[y * 512 + x] = 7.1;
  image[10 * 512 + 300] = NaN;
  const pieces = compare(grid, image);
  expect(pieces).toBe(
    grid.columns.filter((x) => x !== 64 && x !== 96 && (x + 63 < 300 || x > 300)).length,
  );
});
