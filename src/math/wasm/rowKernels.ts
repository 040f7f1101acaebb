import type { PixelArray } from "#src/domain/movie.ts";
import {
  branchIf,
  F32,
  f32x4,
  giveBack,
  I32,
  i16x8,
  i32,
  i32x4,
  increase,
  loop,
  sequence,
  V128,
  v128,
  when,
} from "./assembler.ts";
import type { Code, WasmFunction } from "./assembler.ts";
import type { WasmInstance } from "./wasmModule.ts";

/** Kernels on one row of a frame, four pixels at a time. Rows have room up to the next multiple of 16 bytes. */

export const upTo4 = (n: number): number => (n + 3) & ~3;

const loadFour: Readonly<Record<"8" | "16", (address: Code) => Code>> = {
  "8": (address) => i32x4.extendLow16u(i16x8.extendLow8u(v128.load32(address))),
  "16": (address) => i32x4.extendLow16u(v128.load64(address)),
};

/** `convert8(from, to, end)`: unsigned integers to f32, up to `to = end`; `gained8` times floats at `gain`. */
function conversion(bits: "8" | "16", gained: boolean): WasmFunction {
  return {
    name: `${gained ? "gained" : "convert"}${bits}`,
    params: [I32, I32, I32, ...(gained ? ([I32] as const) : [])],
    result: null,
    body: ([from, to, end, gain]) => {
      const pixels = f32x4.convert(loadFour[bits](from.get));
      return loop(
        v128.store(to.get, gained ? f32x4.mul(pixels, v128.load(gain.get)) : pixels),
        increase(from, Number(bits) / 2),
        gained ? increase(gain, 16) : [],
        increase(to, 16),
        branchIf(0, i32.ltU(to.get, end.get)),
      );
    },
  };
}

export const conversions: readonly WasmFunction[] = [
  conversion("8", false),
  conversion("8", true),
  conversion("16", false),
  conversion("16", true),
];

/** `within(row, end, low, high)`: 1 where every value is in low … high (never with NaN), else 0. */
const within: WasmFunction = {
  name: "within",
  params: [I32, I32, F32, F32],
  result: I32,
  body: ([at, end, low, high], local) => {
    const [least, most] = [local(V128), local(V128)];
    const values = v128.load(at.get);
    return sequence(
      least.set(f32x4.splat(low.get)),
      most.set(f32x4.splat(high.get)),
      loop(
        when(
          i32.eqz(i32x4.allTrue(v128.and(f32x4.ge(values, least.get), f32x4.le(values, most.get)))),
          giveBack(i32.const(0)),
        ),
        increase(at, 16),
        branchIf(0, i32.ltU(at.get, end.get)),
      ),
      i32.const(1),
    );
  },
};

/** `add(from, to, end)`: to += from, up to `to = end`. */
const add: WasmFunction = {
  name: "add",
  params: [I32, I32, I32],
  result: null,
  body: ([from, to, end]) =>
    loop(
      v128.store(to.get, f32x4.add(v128.load(to.get), v128.load(from.get))),
      increase(from, 16),
      increase(to, 16),
      branchIf(0, i32.ltU(to.get, end.get)),
    ),
};

/** Pixels to be converted. */
export interface RowSource {
  readonly frame: PixelArray;
  readonly gain: Float32Array | null;
  readonly width: number;
}

/**
 * Writes a row of the frame, gain applied, as f32 to an address.
 * @param raw, gainRow  addresses of rows of their own
 */
export function rowConverter(
  { frame, gain, width }: RowSource,
  instance: WasmInstance,
  raw: number,
  gainRow: number,
): (row: number, to: number) => void {
  const floats = new Float32Array(instance.buffer());
  const { call } = instance;
  const bytes = 4 * upTo4(width);
  if (frame instanceof Uint8Array || frame instanceof Uint16Array) {
    const narrow = frame instanceof Uint8Array;
    const room = narrow
      ? new Uint8Array(instance.buffer(), raw, width)
      : new Uint16Array(instance.buffer(), raw, width);
    const [convert, gained] = narrow
      ? [call.convert8, call.gained8]
      : [call.convert16, call.gained16];
    return (row, to) => {
      const at = row * width;
      room.set(frame.subarray(at, at + width));
      if (gain === null) {
        convert(raw, to, to + bytes);
        return;
      }
      floats.set(gain.subarray(at, at + width), gainRow / 4);
      gained(raw, to, to + bytes, gainRow);
    };
  }
  return (row, to) => {
    const at = row * width;
    const start = to / 4;
    if (gain === null) floats.set(frame.subarray(at, at + width), start);
    else for (let x = 0; x < width; x++) floats[start + x] = frame[at + x] * gain[at + x];
  };
}

export const rowFunctions: readonly WasmFunction[] = [...conversions, within, add];

/** Rows in the kernels' memory, on which they work. */
export interface FastRows {
  /** The row at hand, `width` long; anyone may change it. */
  readonly row: Float32Array;
  /** Where it stands, bytes. */
  readonly address: number;
  /** Gives `row` the values of a row of the frame, gain applied. */
  convert(source: RowSource, y: number): void;
  /** Whether all of `row` is in low … high. */
  within(low: number, high: number): boolean;
  /** total[at …] += row. */
  addTo(total: Float32Array, at: number): void;
}

/** Bytes of the rows of {@link rowsIn}. */
export const rowsBytes = (width: number): number => 4 * (4 * upTo4(width) + 16);

/** Rows from `base` on in the memory of an instance that has {@link rowFunctions}. */
export function rowsIn(instance: WasmInstance, base: number, width: number): FastRows {
  const [raw, gainRow, at, sumAt] = [0, 1, 2, 3].map((n) => base + (n * rowsBytes(width)) / 4);
  const buffer = instance.buffer();
  const { call } = instance;
  const row = new Float32Array(buffer, at, width);
  const sum = new Float32Array(buffer, sumAt, width);
  const whole = width & ~3;
  let source: RowSource | null = null;
  let convert: (row: number, to: number) => void = () => undefined;
  return {
    row,
    address: at,
    convert: (from, y) => {
      if (from !== source) convert = rowConverter(from, instance, raw, gainRow);
      source = from;
      convert(y, at);
    },
    within: (low, high) => {
      for (let x = whole; x < width; x++) if (!(row[x] >= low && row[x] <= high)) return false;
      return whole === 0 || call.within(at, at + 4 * whole, low, high) === 1;
    },
    addTo: (total, start) => {
      sum.set(total.subarray(start, start + width));
      call.add(at, sumAt, sumAt + 4 * upTo4(width));
      total.set(sum, start);
    },
  };
}
