import type { PixelArray } from "#src/domain/movie.ts";
import { cubicWeights, mirrorIndex } from "../bspline.ts";
import { branchIf, f32x4, I32, i32, increase, loop, V128, v128 } from "./assembler.ts";
import type { Code, Local, WasmFunction } from "./assembler.ts";
import { conversions, rowConverter, upTo4 } from "./rowKernels.ts";
import { wasmModule } from "./wasmModule.ts";

/**
 * Kernels for moving frames: rows of pixels to single precision, and the four taps of the cubic B-spline
 * along x and along y, four pixels at a time. Their twin is the loop of math/warpFrame.ts.
 */

/** Bytes of the entry of a tile: where from, where to, bytes of a row, then at 16 the four weights. */
const TILE_BYTES = 32;

/**
 * `name(tile, end, fromStride, toStride, rows)`: for each tile of a table up to `end`, each output of `rows` rows is
 * p·a + q·b + r·c + s·d of the four inputs that lie `step(stride)` bytes apart, or is increased by it. Strides in bytes;
 * bytes of a row are a multiple of 16.
 */
function taps(name: string, step: (fromStride: Code) => Code, added: boolean): WasmFunction {
  return {
    name,
    params: [I32, I32, I32, I32, I32],
    result: null,
    body: ([tile, tilesEnd, fromStride, toStride, rows], local) => {
      const factors = Array.from({ length: 4 }, () => local(V128));
      const [from, to, left] = [local(I32), local(I32), local(I32)];
      const [at, out, end] = [local(I32), local(I32), local(I32)];
      const inputs: Local[] = [at, local(I32), local(I32), local(I32)];
      const products = inputs.map((input, k) => f32x4.mul(v128.load(input.get), factors[k].get));
      const sum = f32x4.add(
        f32x4.add(products[0], products[1]),
        f32x4.add(products[2], products[3]),
      );
      return loop(
        ...factors.map((factor, k) => factor.set(v128.splat32(tile.get, 16 + 4 * k))),
        from.set(i32.load(tile.get)),
        to.set(i32.load(tile.get, 4)),
        left.set(rows.get),
        loop(
          at.set(from.get),
          ...inputs
            .slice(1)
            .map((input, k) => input.set(i32.add(inputs[k].get, step(fromStride.get)))),
          out.set(to.get),
          end.set(i32.add(to.get, i32.load(tile.get, 8))),
          loop(
            v128.store(out.get, added ? f32x4.add(v128.load(out.get), sum) : sum),
            ...inputs.map((input) => increase(input, 16)),
            increase(out, 16),
            branchIf(0, i32.ltU(out.get, end.get)),
          ),
          from.set(i32.add(from.get, fromStride.get)),
          to.set(i32.add(to.get, toStride.get)),
          left.set(i32.sub(left.get, i32.const(1))),
          branchIf(0, left.get),
        ),
        increase(tile, TILE_BYTES),
        branchIf(0, i32.ltU(tile.get, tilesEnd.get)),
      );
    },
  };
}

const module = wasmModule([
  ...conversions,
  taps("alongX", () => i32.const(4), false),
  taps("alongY", (stride) => stride, true),
]);

/** The frame to be moved and where to, as `warpFrame` of math/warpFrame.ts takes them. */
export interface FastWarp {
  readonly frame: PixelArray;
  readonly gain: Float32Array | null;
  readonly firstRow: number;
  readonly width: number;
  readonly height: number;
  readonly displacements: {
    readonly tile: number;
    readonly columns: number;
    readonly x: Float32Array;
    readonly y: Float32Array;
  };
  readonly band: { readonly start: number; readonly end: number };
  readonly sums: readonly { readonly target: Float32Array; readonly weight: number }[];
}

/** Displacements along x beyond this are left to the twin: rows are kept with margins of that width. */
const LARGEST_REACH = 2048;
/** Rows of one row of tiles may differ by this much in their displacement along y. */
const LARGEST_SPREAD = 512;

/** Rows made at a time: what lies between the kernels then stays in the nearest caches. */
const STEP = 16;

/** As `warpFrame`, in single precision throughout; false where the kernels cannot run or do not suit. */
export function warpFrameFast(warp: FastWarp): boolean {
  const { frame, width, height, displacements, band, sums } = warp;
  const { tile, columns } = displacements;
  if (tile % STEP !== 0) return false;
  const instance = module.instance();
  if (instance === null) return false;
  let reach = 0;
  for (const dx of displacements.x) reach = Math.max(reach, Math.abs(dx));
  if (!(reach <= LARGEST_REACH)) return false;
  const margin = Math.ceil(reach) + 4;
  const spans: { top: number; bottom: number }[] = [];
  const step = Math.min(tile, STEP);
  for (let y0 = band.start; y0 < band.end; y0 += step) {
    let low = Infinity;
    let high = -Infinity;
    const row = Math.floor(y0 / tile) * columns;
    for (let column = 0; column < columns; column++) {
      const iy = Math.floor(displacements.y[row + column]);
      low = Math.min(low, iy);
      high = Math.max(high, iy);
    }
    if (!(high - low <= LARGEST_SPREAD)) return false;
    const h = Math.min(step, band.end - y0);
    spans.push({ top: y0 + low - 1, bottom: y0 + high + h + 2 });
  }
  const most = Math.max(...spans.map(({ top, bottom }) => bottom - top));

  // Rows of pixels and of the gain, the rows that a step needs, the same filtered along x, a sum's rows.
  const stride = 4 * upTo4(width + 2 * margin + 8);
  const outStride = 4 * upTo4(width + 4);
  const raw = 0;
  const gainRow = raw + 4 * upTo4(width + 4);
  const rows = gainRow + 4 * upTo4(width + 4);
  const filtered = rows + stride * most + 16;
  const out = filtered + outStride * (step + 3) + 16;
  const tiles = out + outStride * step + 64;
  const tilesEnd = tiles + columns * TILE_BYTES;
  if (!instance.reserve(tilesEnd + 16)) return false;
  const floats = new Float32Array(instance.buffer());
  const words = new Int32Array(instance.buffer());

  const weights = new Float64Array(4);
  const { alongX, alongY } = instance.call;
  const setTile = (column: number, from: number, to: number, d: number, factor: number): void => {
    const at = (tiles + column * TILE_BYTES) / 4;
    words[at] = from;
    words[at + 1] = to;
    words[at + 2] = 4 * upTo4(Math.min(tile, width - column * tile));
    cubicWeights(d - Math.floor(d), weights);
    for (let k = 0; k < 4; k++) floats[at + 4 + k] = factor * weights[k];
  };
  const outRow = (j: number): number => (out + j * outStride) / 4;
  const convert = rowConverter(warp, instance, raw, gainRow);
  spans.forEach(({ top, bottom }, n) => {
    const y0 = band.start + n * step;
    const h = Math.min(step, band.end - y0);
    const row = Math.floor(y0 / tile) * columns;
    for (let y = top; y < bottom; y++) {
      const to = rows + (y - top) * stride;
      convert(mirrorIndex(y, height, "half") - warp.firstRow, to + 4 * margin);
      const first = to / 4 + margin;
      for (let k = 1; k <= margin; k++) {
        floats[first - k] = floats[first + mirrorIndex(-k, width, "half")];
        floats[first + width - 1 + k] = floats[first + mirrorIndex(width - 1 + k, width, "half")];
      }
    }
    for (let column = 0; column < columns; column++) {
      const x0 = column * tile;
      const dx = displacements.x[row + column];
      const iy = Math.floor(displacements.y[row + column]);
      const from = rows + (y0 + iy - 1 - top) * stride + 4 * (margin + x0 + Math.floor(dx) - 1);
      setTile(column, from, filtered + 4 * x0, dx, 1);
    }
    alongX(tiles, tilesEnd, stride, outStride, h + 3);
    for (const { target, weight } of sums) {
      const to = (y0 - band.start) * width;
      for (let j = 0; j < h; j++)
        floats.set(target.subarray(to + j * width, to + (j + 1) * width), outRow(j));
      for (let column = 0; column < columns; column++) {
        const x0 = column * tile;
        const dy = displacements.y[row + column];
        setTile(column, filtered + 4 * x0, out + 4 * x0, dy, weight);
      }
      alongY(tiles, tilesEnd, outStride, outStride, h);
      for (let j = 0; j < h; j++)
        target.set(floats.subarray(outRow(j), outRow(j) + width), to + j * width);
    }
  });
  return frame.length > 0;
}
