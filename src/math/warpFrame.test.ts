import { describe, expect, it } from "vitest";
import type { PixelArray } from "#src/domain/movie.ts";
import { createRandom } from "./random.ts";
import { mirrorIndex, prefilterImage } from "./bspline.ts";
import { createWarpScratch, rowsForBand, warpFrame } from "./warpFrame.ts";
import type { TileDisplacements, WarpScratch, WeightedSum } from "./warpFrame.ts";

const width = 150;
const height = 110;

function tiles(tile: number, d: (x: number, y: number) => [number, number]): TileDisplacements {
  const columns = Math.ceil(width / tile);
  const rows = Math.ceil(height / tile);
  const x = new Float32Array(columns * rows);
  const y = new Float32Array(columns * rows);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      [x[r * columns + c], y[r * columns + c]] = d((c + 0.5) * tile - 0.5, (r + 0.5) * tile - 0.5);
  return { tile, columns, rows, x, y };
}

/** Waves up to 0.35 cycles per px, evaluated anywhere. */
function waves(seed: number, most: number): (x: number, y: number) => number {
  const random = createRandom(seed);
  const parts = Array.from({ length: 12 }, () => {
    const angle = random.uniform() * 2 * Math.PI;
    const f = most * Math.sqrt(random.uniform());
    return [f * Math.cos(angle), f * Math.sin(angle), random.uniform() * 2 * Math.PI];
  });
  return (x, y) =>
    20 + parts.reduce((s, [u, v, p]) => s + Math.cos(2 * Math.PI * (u * x + v * y) + p), 0);
}

const ones = new Float32Array(width * height).fill(1);
const scratch = createWarpScratch(64);

const whole = { start: 0, end: height };

function warp(
  frame: PixelArray,
  gain: Float32Array,
  displacements: TileDisplacements,
  sums: readonly WeightedSum[],
  room: WarpScratch,
): void {
  const source = { frame, gain, firstRow: 0 };
  warpFrame(source, width, height, displacements, whole, sums, room);
}

function prefilter(image: Float32Array): void {
  prefilterImage(image, width, height, "half");
}

function interior(a: Float32Array, margin = 16): number[] {
  const out: number[] = [];
  for (let y = margin; y < height - margin; y++)
    for (let x = margin; x < width - margin; x++) out.push(a[y * width + x]);
  return out;
}

function rms(a: readonly number[], b: readonly number[]): number {
  return Math.sqrt(a.reduce((s, v, i) => s + (v - b[i]) ** 2, 0) / a.length);
}

function draw(f: (x: number, y: number) => number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: width * height }, (_, i) =>
    f(i % width, Math.floor(i / width)),
  );
}

describe("warpFrame", () => {
  it("undoes known shifts: the sum, prefiltered once, is the scene", () => {
    const scene = waves(5, 0.25);
    const sum = new Float32Array(width * height);
    const shifts = [
      [0.3, -0.6],
      [-2.25, 1.4],
      [5, -7],
      [0, 0],
    ];
    for (const [sx, sy] of shifts)
      warp(
        draw((x, y) => scene(x - sx, y - sy)),
        ones,
        tiles(64, () => [sx, sy]),
        [{ target: sum, weight: 1 }],
        scratch,
      );
    prefilter(sum);
    const expected = draw((x, y) => 4 * scene(x, y));
    // Interpolation error of a cubic B-spline at ≤ 0.25 cycles/px: its transfer deviates from 1 by < 0.8 %
    // there (Thévenaz et al. 2000); waves of amplitude 1, 12 of them, mostly lower: 0.5 % of their rms.
    expect(rms(interior(sum), interior(expected))).toBeLessThan(0.005 * 4 * Math.sqrt(6));
  });

  it("is exact for whole pixels, mirrors the border and applies gain and weights", () => {
    const random = createRandom(8);
    const frame = Uint8Array.from({ length: width * height }, () => random.uniform() * 5);
    const gain = Float32Array.from({ length: width * height }, () => 0.9 + 0.2 * random.uniform());
    const a = new Float32Array(width * height);
    const b = new Float32Array(width * height);
    warp(
      frame,
      gain,
      tiles(32, () => [-3, 2]),
      [
        { target: a, weight: 2 },
        { target: b, weight: -0.5 },
      ],
      scratch,
    );
    const moved = draw((x, y) => {
      const i = mirrorIndex(y + 2, height, "half") * width + mirrorIndex(x - 3, width, "half");
      return frame[i] * gain[i];
    });
    const still = new Float32Array(width * height);
    const zero = tiles(32, () => [0, 0]);
    warp(moved, ones, zero, [{ target: still, weight: 1 }], scratch);
    // One px of margin: there the mirror of the frame and that of the moved frame part.
    const doubled = interior(still, 1).map((v) => 2 * v);
    expect(interior(a, 1)).toBeAllclose(doubled, { rtol: 1e-6 });
    expect(interior(b, 1)).toBeAllclose(
      doubled.map((v) => -v / 4),
      { rtol: 1e-6 },
    );
    prefilter(a);
    expect(interior(a)).toBeAllclose(
      interior(moved).map((v) => 2 * v),
      { atol: 2e-5 },
    );
    for (const v of a) expect(Number.isFinite(v)).toBe(true);
  });

  it("gives the same whatever the size of the tiles when the displacement is constant", () => {
    const scene = draw(waves(9, 0.4));
    const sums = [16, 37, 64].map((tile) => {
      const target = new Float32Array(width * height);
      warp(
        scene,
        ones,
        tiles(tile, () => [9.3, -20.7]),
        [{ target, weight: 1 }],
        createWarpScratch(tile),
      );
      return target;
    });
    expect(sums[1]).toBeAllclose(sums[0], { rtol: 1e-6 });
    expect(sums[2]).toBeAllclose(sums[0], { rtol: 1e-6 });
  });

  it("leaves little error when one prefilter serves a locally varying displacement", () => {
    // A stretch of 0.4 % (8 px over 2 000 px: stronger than beam-induced motion) in tiles of 16 px. Compared
    // with the scene itself: tile steps of ±0.03 px and the prefilter applied after the stretch.
    const scene = waves(12, 0.25);
    const stretch = 0.004;
    const field = (x: number, y: number): [number, number] => [
      stretch * (x - 70),
      -stretch * (y - 50),
    ];
    const sum = new Float32Array(width * height);
    const frame = draw((x, y) =>
      scene((x + stretch * 70) / (1 + stretch), (y - stretch * 50) / (1 - stretch)),
    );
    warp(frame, ones, tiles(16, field), [{ target: sum, weight: 1 }], scratch);
    prefilter(sum);
    const error = rms(interior(sum), interior(draw(scene)));
    const signal = Math.sqrt(6);
    // ±0.032 px uniform = 0.018 px rms per axis; times 2π·0.25/√2·√½ per wave ≈ 2 %; the prefilter's part is below.
    expect(error / signal).toBeLessThan(0.03);

    // The prefilter's part alone: exact displacement per pixel (tiles of 1 px) against prefilter first.
    const fine = new Float32Array(width * height);
    warp(frame, ones, tiles(1, field), [{ target: fine, weight: 1 }], createWarpScratch(1));
    prefilter(fine);
    const first = frame.slice();
    prefilter(first);
    const exact = new Float32Array(width * height);
    warp(first, ones, tiles(1, field), [{ target: exact, weight: 1 }], createWarpScratch(1));
    expect(rms(interior(fine), interior(exact)) / signal).toBeLessThan(0.004);
  });

  it("makes the same image in bands, each from the rows it needs", () => {
    const scene = draw(waves(31, 0.4));
    const displacements = tiles(16, (x, y) => [4.3 + 0.01 * y, -9.7 + 0.02 * x]);
    const target = new Float32Array(width * height);
    warp(scene, ones, displacements, [{ target, weight: 1 }], scratch);
    for (const band of [
      { start: 0, end: 32 },
      { start: 32, end: 96 },
      { start: 96, end: height },
    ]) {
      const rows = rowsForBand(band, 9.7, height);
      const cut = (a: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> =>
        a.slice(rows.start * width, rows.end * width);
      const part = new Float32Array((band.end - band.start) * width);
      const source = { frame: cut(scene), gain: cut(ones), firstRow: rows.start };
      warpFrame(source, width, height, displacements, band, [{ target: part, weight: 1 }], scratch);
      expect(part).toEqual(target.slice(band.start * width, band.end * width));
    }
  });
});
