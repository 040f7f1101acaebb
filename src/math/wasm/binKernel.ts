import {
  branchIf,
  F32,
  f32x4,
  I32,
  i32,
  increase,
  loop,
  sequence,
  V128,
  v128,
} from "./assembler.ts";
import type { Code, Local, WasmFunction } from "./assembler.ts";
import { centre, total } from "./momentKernel.ts";
import { rowFunctions, rowsBytes, rowsIn, upTo4 } from "./rowKernels.ts";
import type { FastRows } from "./rowKernels.ts";
import { wasmModule } from "./wasmModule.ts";
import type { WasmModule } from "./wasmModule.ts";

/** Kernels that bin frames row by row, in single precision; twin: the loops of math/motion/binFrame.ts. */

/** `copy(from, to, end)`: up to `to = end`. */
const copy: WasmFunction = {
  name: "copy",
  params: [I32, I32, I32],
  result: null,
  body: ([from, to, end]) =>
    loop(
      v128.store(to.get, v128.load(from.get)),
      increase(from, 16),
      increase(to, 16),
      branchIf(0, i32.ltU(to.get, end.get)),
    ),
};

const EVEN = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];
const ODD = EVEN.map((v) => v + 4);

/** Even and odd ones of the eight numbers at `from`. */
function parted(from: Local, a: Local, b: Local): { before: Code; even: Code; odd: Code } {
  return {
    before: sequence(a.set(v128.load(from.get)), b.set(v128.load(from.get, 16))),
    even: v128.shuffle(a.get, b.get, EVEN),
    odd: v128.shuffle(a.get, b.get, ODD),
  };
}

/** `pairs(from, to, end, factor)`: sums of two neighbours times a factor; `to` may be `from`. */
const pairs: WasmFunction = {
  name: "pairs",
  params: [I32, I32, I32, F32],
  result: null,
  body: ([from, to, end, factor], local) => {
    const [a, b, factors] = [local(V128), local(V128), local(V128)];
    const { before, even, odd } = parted(from, a, b);
    return sequence(
      factors.set(f32x4.splat(factor.get)),
      loop(
        before,
        v128.store(to.get, f32x4.mul(f32x4.add(even, odd), factors.get)),
        increase(from, 32),
        increase(to, 16),
        branchIf(0, i32.ltU(to.get, end.get)),
      ),
    );
  },
};

/** `split(from, even, odd, end)`: even and odd ones of a line, up to `even = end`. */
const split: WasmFunction = {
  name: "split",
  params: [I32, I32, I32, I32],
  result: null,
  body: ([from, evens, odds, end], local) => {
    const { before, even, odd } = parted(from, local(V128), local(V128));
    return loop(
      before,
      v128.store(evens.get, even),
      v128.store(odds.get, odd),
      increase(from, 32),
      increase(evens, 16),
      increase(odds, 16),
      branchIf(0, i32.ltU(evens.get, end.get)),
    );
  },
};

/** Four sums of the pairs that lie the same way off the middle, each times its tap. */
function symmetric(taps: readonly Local[], sums: readonly Code[]): Code {
  const products = sums.map((sum, k) => f32x4.mul(taps[k].get, sum));
  return f32x4.add(f32x4.add(products[0], products[1]), f32x4.add(products[2], products[3]));
}

/** `along(even, odd, to, end, a, b, c, d)`: every second place of a line under the eight taps a b c d d c b a. */
const along: WasmFunction = {
  name: "along",
  params: [I32, I32, I32, I32, F32, F32, F32, F32],
  result: null,
  body: ([even, odd, to, end, ...taps], local) => {
    const factors = taps.map(() => local(V128));
    const e = (k: number): Code => v128.load(even.get, 4 * k);
    const o = (k: number): Code => v128.load(odd.get, 4 * k);
    const { add } = f32x4;
    return sequence(
      ...factors.map((factor, k) => factor.set(f32x4.splat(taps[k].get))),
      loop(
        v128.store(
          to.get,
          symmetric(factors, [add(e(0), o(3)), add(o(0), e(3)), add(e(1), o(2)), add(o(1), e(2))]),
        ),
        increase(even, 16),
        increase(odd, 16),
        increase(to, 16),
        branchIf(0, i32.ltU(to.get, end.get)),
      ),
    );
  },
};

/** `across(r0 … r7, to, end, a, b, c, d)`: eight rows under the same taps. */
const across: WasmFunction = {
  name: "across",
  params: [I32, I32, I32, I32, I32, I32, I32, I32, I32, I32, F32, F32, F32, F32],
  result: null,
  body: (params, local) => {
    const rows = params.slice(0, 8);
    const [to, end, ...taps] = params.slice(8);
    const factors = taps.map(() => local(V128));
    const pair = (k: number): Code => f32x4.add(v128.load(rows[k].get), v128.load(rows[7 - k].get));
    return sequence(
      ...factors.map((factor, k) => factor.set(f32x4.splat(taps[k].get))),
      loop(
        v128.store(to.get, symmetric(factors, [0, 1, 2, 3].map(pair))),
        ...[...rows, to].map((at) => increase(at, 16)),
        branchIf(0, i32.ltU(to.get, end.get)),
      ),
    );
  },
};

/** Rows that are kept of those halved along x: eight are needed at one time, mirrored at the ends. */
const KEPT_ROWS = 16;

/** One module for each binner: work space of another would be overwritten. */
function binningModule(): WasmModule {
  return wasmModule([...rowFunctions, copy, pairs, split, along, across, total, centre]);
}

export interface BinningSizes {
  readonly width: number;
  readonly height: number;
  readonly binning: number;
  readonly binnedWidth: number;
  readonly binnedHeight: number;
  /** The first four of the symmetric eight. */
  readonly taps: readonly number[];
}

/** Bins a frame row by row: `rows.row` is filled, then added. */
export interface FastBinning {
  readonly rows: FastRows;
  /** Takes the row at hand as row y; rows come in their order. */
  addRow(y: number): void;
  /** The binned frame, its mean subtracted. */
  finish(): Float32Array<ArrayBuffer>;
}

function mirrored(i: number, n: number): number {
  if (n === 1) return 0;
  const period = 2 * n - 2;
  const k = ((i % period) + period) % period;
  return k < n ? k : period - k;
}

/** Null where the kernels cannot run. */
export function createFastBinning(sizes: BinningSizes): FastBinning | null {
  const { width, height, binning, binnedWidth, binnedHeight, taps } = sizes;
  const [a, b, c, d] = taps;
  const instance = binningModule().instance();
  if (instance === null) return null;
  const rowBytes = 4 * upTo4(width) + 16;
  const box = Math.max(1, binning / 2);
  const boxWidth = Math.floor(width / box);
  const boxHeight = Math.floor(height / box);
  const outBytes = 4 * upTo4(binnedWidth);
  let end = 64;
  const room = (bytes: number): number => {
    const at = end;
    end += Math.ceil(bytes / 64) * 64 + 64;
    return at;
  };
  const base = room(rowsBytes(width));
  const stacked = room(rowBytes);
  // Three mirrored samples before, five after.
  const line = room(rowBytes + 64) + 16;
  const [even, odd] = [room(outBytes + 32), room(outBytes + 32)];
  const halved = room(KEPT_ROWS * outBytes);
  const out = room(binnedHeight * outBytes);
  const sums = room(16);
  if (!instance.reserve(end + 64)) return null;
  const rows = rowsIn(instance, base, width);
  const memory = instance.buffer();
  const floats = new Float32Array(memory);
  const { call } = instance;
  const first = line / 4;
  let next = 0;
  const halvedRow = (y: number): number => halved + (mirrored(y, boxHeight) % KEPT_ROWS) * outBytes;
  return {
    rows,
    addRow: (y) => {
      if (y === 0) next = 0;
      if (y >= boxHeight * box) return;
      const from = rows.address;
      const whole = 4 * upTo4(width);
      if (binning === 1) {
        call.copy(from, out + y * outBytes, out + (y + 1) * outBytes);
        return;
      }
      if (box > 1) {
        if (y % box === 0) call.copy(from, stacked, stacked + whole);
        else call.add(from, stacked, stacked + whole);
        if (y % box < box - 1) return;
        let n = width;
        let source = stacked;
        for (let left = box; left > 1; left /= 2) {
          n = Math.floor(n / 2);
          call.pairs(source, line, line + 4 * n, left === 2 ? 1 / (box * box) : 1);
          source = line;
        }
      } else call.copy(from, line, line + whole);
      for (let k = 1; k <= 3; k++) floats[first - k] = floats[first + mirrored(-k, boxWidth)];
      for (let k = 0; k < 5; k++)
        floats[first + boxWidth + k] = floats[first + mirrored(boxWidth + k, boxWidth)];
      const row = Math.floor(y / box);
      const to = halved + (row % KEPT_ROWS) * outBytes;
      call.split(line - 12, even, odd, even + outBytes + 16);
      call.along(even, odd, to, to + outBytes, a, b, c, d);
      for (; next < binnedHeight && Math.min(2 * next + 4, boxHeight - 1) <= row; next++) {
        const [r0, r1, r2, r3, r4, r5, r6, r7] = [-3, -2, -1, 0, 1, 2, 3, 4].map((k) =>
          halvedRow(2 * next + k),
        );
        const at = out + next * outBytes;
        call.across(r0, r1, r2, r3, r4, r5, r6, r7, at, at + outBytes, a, b, c, d);
      }
    },
    finish: () => {
      const image = new Float32Array(binnedWidth * binnedHeight);
      const padded = outBytes / 4;
      for (let y = 0; y < binnedHeight; y++)
        floats.fill(0, out / 4 + y * padded + binnedWidth, out / 4 + (y + 1) * padded);
      call.total(out, outBytes, binnedHeight, sums);
      const parts = new Float64Array(memory, sums, 2);
      const mean = (parts[0] + parts[1]) / image.length;
      call.centre(out, outBytes, binnedHeight, sums, mean, mean - Math.fround(mean));
      for (let y = 0; y < binnedHeight; y++)
        image.set(
          floats.subarray(out / 4 + y * padded, out / 4 + y * padded + binnedWidth),
          y * binnedWidth,
        );
      return image;
    },
  };
}
