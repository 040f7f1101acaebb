import {
  branchIf,
  F32,
  f32x4,
  I32,
  i32,
  increase,
  loop,
  sequence,
  transposed,
  V128,
  v128,
} from "./assembler.ts";
import type { Code, Local, ValueType, WasmFunction } from "./assembler.ts";
import { fftKernel } from "./fftKernel.ts";
import type { FftKernel } from "./fftKernel.ts";
import { centre, total } from "./momentKernel.ts";
import { upTo4 } from "./rowKernels.ts";
import { wasmModule } from "./wasmModule.ts";
import type { WasmModule } from "./wasmModule.ts";

/**
 * Power spectra of square pieces of an image, two pieces as one complex transform: columns in blocks that stay
 * in the nearest caches, the two pieces told apart after that (their columns are real), then rows. Single
 * precision; twin: `sumPieces` of math/powerSpectrum.ts.
 */

/** Columns, or frequencies of both pieces, that are transformed side by side. */
export const LANES = 32;
export const LANE_BYTES = 4 * LANES;

/** `taper(piece, out, windowX, windowY)`: the window on LANES columns of a piece of `size` rows. */
function taper(size: number): WasmFunction {
  return {
    name: "taper",
    params: [I32, I32, I32, I32],
    result: null,
    body: ([piece, out, windowX, windowY], local) => {
      const columns = Array.from({ length: LANES / 4 }, () => local(V128));
      const row = local(V128);
      const end = local(I32);
      return sequence(
        ...columns.map((column, k) => column.set(v128.load(windowX.get, 16 * k))),
        end.set(i32.add(windowY.get, i32.const(4 * size))),
        loop(
          row.set(v128.splat32(windowY.get)),
          ...columns.map((column, k) =>
            v128.store(
              out.get,
              f32x4.mul(v128.load(piece.get, 16 * k), f32x4.mul(column.get, row.get)),
              16 * k,
            ),
          ),
          increase(piece, 4 * size),
          increase(out, LANE_BYTES),
          increase(windowY, 4),
          branchIf(0, i32.ltU(windowY.get, end.get)),
        ),
      );
    },
  };
}

/**
 * `separate(z, out, scaleA, scaleB)`: from the transforms Z of a + ib along y, `[ky][column]`, those of a and b, ky from
 * 0 to `last`, transposed: `[column][re a, im a, re b, im b][ky]`. 2A = Z(k) + Z*(−k), 2iB = Z(k) − Z*(−k).
 */
export function separate(
  size: number,
  plane: number,
  parts: number,
  last = size / 2,
): WasmFunction {
  const params: ValueType[] = [I32, I32, F32, F32];
  return {
    name: "separate",
    params,
    result: null,
    body: ([z, out, scaleA, scaleB], local) => {
      const vector = (): Local => local(V128);
      const [sa, sb] = [vector(), vector()];
      const results = Array.from({ length: 4 }, () => Array.from({ length: 4 }, vector));
      const [zr, zi, mr, mi] = Array.from({ length: 4 }, vector);
      const parted = Array.from({ length: 4 }, vector);
      const [plus, minus, first, to, column, count] = Array.from({ length: 6 }, () => local(I32));
      const row = 4 * parts;
      const copyRow = Array.from({ length: LANES / 4 }, (_, k) =>
        [0, plane].map((p) =>
          v128.store(z.get, v128.load(z.get, p + 16 * k), p + 16 * k + size * LANE_BYTES),
        ),
      ).flat();
      const four = Array.from({ length: 4 }, (_, j) =>
        sequence(
          zr.set(v128.load(plus.get, j * LANE_BYTES)),
          zi.set(v128.load(plus.get, plane + j * LANE_BYTES)),
          mr.set(v128.load(minus.get, (3 - j) * LANE_BYTES)),
          mi.set(v128.load(minus.get, plane + (3 - j) * LANE_BYTES)),
          results[0][j].set(f32x4.mul(sa.get, f32x4.add(zr.get, mr.get))),
          results[1][j].set(f32x4.mul(sa.get, f32x4.sub(zi.get, mi.get))),
          results[2][j].set(f32x4.mul(sb.get, f32x4.add(zi.get, mi.get))),
          results[3][j].set(f32x4.mul(sb.get, f32x4.sub(mr.get, zr.get))),
        ),
      );
      const stores = results.map((rows, part) => {
        const { before, columns } = transposed(
          rows.map((r) => r.get),
          parted,
        );
        return sequence(
          before,
          ...columns.map((code, x) => v128.store(to.get, code, part * parts + x * row)),
        );
      });
      return sequence(
        // Z(size) = Z(0)
        ...copyRow,
        sa.set(f32x4.splat(scaleA.get)),
        sb.set(f32x4.splat(scaleB.get)),
        plus.set(z.get),
        // The last of the four rows −ky … −ky − 3.
        minus.set(i32.add(z.get, i32.const((size - 3) * LANE_BYTES))),
        first.set(out.get),
        count.set(i32.const(upTo4(last + 1) / 4)),
        loop(
          to.set(first.get),
          column.set(i32.const(LANES / 4)),
          loop(
            ...four,
            ...stores,
            increase(plus, 16),
            increase(minus, 16),
            increase(to, 4 * row),
            column.set(i32.sub(column.get, i32.const(1))),
            branchIf(0, column.get),
          ),
          increase(plus, 3 * LANE_BYTES),
          increase(minus, -5 * LANE_BYTES),
          increase(first, 16),
          count.set(i32.sub(count.get, i32.const(1))),
          branchIf(0, count.get),
        ),
      );
    },
  };
}

/** `lanes(from, out)`: LANES/2 frequencies of both pieces, one column after the other, to `[column][a, b]` planes. */
function lanes(size: number, plane: number, parts: number): WasmFunction {
  return {
    name: "lanes",
    params: [I32, I32],
    result: null,
    body: ([from, out], local) => {
      const end = local(I32);
      const copy = [0, 1, 2, 3].flatMap((part) =>
        Array.from({ length: LANES / 8 }, (_, k) =>
          v128.store(
            out.get,
            v128.load(from.get, part * parts + 16 * k),
            (part & 1) * plane + (part >> 1) * (LANE_BYTES / 2) + 16 * k,
          ),
        ),
      );
      return sequence(
        end.set(i32.add(out.get, i32.const(size * LANE_BYTES))),
        loop(
          ...copy,
          increase(from, 4 * parts),
          increase(out, LANE_BYTES),
          branchIf(0, i32.ltU(out.get, end.get)),
        ),
      );
    },
  };
}

/** `name(z, to)`: adds |F|² or |F| of both pieces to `[kx][ky]`. */
function gather(name: string, size: number, plane: number, parts: number): WasmFunction {
  return {
    name,
    params: [I32, I32],
    result: null,
    body: ([z, to], local) => {
      const [re, im] = [local(V128), local(V128)];
      const end = local(I32);
      const power = (at: number): Code => {
        const squares = sequence(
          re.set(v128.load(z.get, at)),
          im.set(v128.load(z.get, plane + at)),
          f32x4.add(f32x4.mul(re.get, re.get), f32x4.mul(im.get, im.get)),
        );
        return name === "amplitudes" ? f32x4.sqrt(squares) : squares;
      };
      const adds = Array.from({ length: LANES / 8 }, (_, k) =>
        v128.store(
          to.get,
          f32x4.add(
            v128.load(to.get, 16 * k),
            f32x4.add(power(16 * k), power(LANE_BYTES / 2 + 16 * k)),
          ),
          16 * k,
        ),
      );
      return sequence(
        end.set(i32.add(z.get, i32.const(size * LANE_BYTES))),
        loop(
          ...adds,
          increase(z, LANE_BYTES),
          increase(to, parts),
          branchIf(0, i32.ltU(z.get, end.get)),
        ),
      );
    },
  };
}

interface PieceModule {
  readonly fft: FftKernel;
  readonly module: WasmModule;
  /** Bytes of one part of a column: frequencies ky, up to a multiple of LANES/2. */
  readonly parts: number;
}

function createModule(size: number): PieceModule | null {
  const planeBytes = (size + 1) * LANE_BYTES;
  const fft = size % LANES === 0 ? fftKernel("fft", size, LANES, planeBytes) : null;
  if (fft === null) return null;
  const half = LANES / 2;
  const parts = 4 * half * Math.ceil(upTo4(size / 2 + 1) / half);
  const module = wasmModule([
    ...fft.functions,
    total,
    centre,
    taper(size),
    separate(size, planeBytes, parts),
    lanes(size, planeBytes, parts),
    gather("amplitudes", size, planeBytes, parts),
    gather("powers", size, planeBytes, parts),
  ]);
  return { fft, module, parts };
}

/** Of the sizes that were met; null where a size is left to the twin. */
const modules = new Map<number, PieceModule | null>();

/** Pieces of an image of `width`, their corners, and what is to be done with them. */
export interface FastPieces {
  readonly image: Float32Array;
  readonly width: number;
  readonly size: number;
  /** First pixels of the pieces in the image. */
  readonly corners: readonly number[];
  readonly window: Float64Array;
  /** Σ|F| of pieces of sd 1, or Σ|F|². */
  readonly amplitude: boolean;
}

/** Σ over pieces in the half plane `[size][size/2 + 1]`, or null where the kernels cannot run or do not suit. */
export function sumPiecesFast({
  image,
  width,
  size,
  corners,
  window,
  amplitude,
}: FastPieces): { readonly total: Float64Array<ArrayBuffer>; readonly pieces: number } | null {
  if (!modules.has(size)) modules.set(size, createModule(size));
  const made = modules.get(size);
  const instance = made?.module.instance();
  if (made == null || instance == null) return null;
  const { fft, parts } = made;
  const pieceBytes = 4 * size * size;
  const sums = 0;
  const windowAt = 64;
  const table = windowAt + 4 * size;
  const bufferBytes = 2 * fft.planeBytes;
  const buffers = [0, 1].map((n) => table + fft.tableBytes + n * bufferBytes);
  const slots = [0, 1].map((n) => buffers[1] + bufferBytes + n * pieceBytes);
  const halves = slots[1] + pieceBytes;
  const result = halves + 4 * parts * size;
  if (!instance.reserve(result + parts * size)) return null;
  const memory = instance.buffer();
  const { call } = instance;
  fft.prepare(instance, table);
  new Float32Array(memory, windowAt, size).set(window);
  const totals = new Float32Array(memory, result, (parts / 4) * size);
  totals.fill(0);
  const sum = new Float64Array(memory, sums, 2);
  const floats = new Float32Array(memory);

  /** Takes a piece into a slot, its mean off; answers its sd, 0 where nothing is in it. */
  const take = (corner: number, slot: number): number => {
    for (let y = 0; y < size; y++) {
      const from = corner + y * width;
      floats.set(image.subarray(from, from + size), slot / 4 + y * size);
    }
    call.total(slot, 4 * size, size, sums);
    const mean = (sum[0] + sum[1]) / (size * size);
    call.centre(slot, 4 * size, size, sums, mean, mean - Math.fround(mean));
    const sd = Math.sqrt((sum[0] + sum[1]) / (size * size));
    return sd > 1e-6 * Math.abs(mean) && Number.isFinite(sd) ? sd : 0;
  };
  const [room, other] = buffers;
  const addPair = (scales: readonly [number, number]): void => {
    for (let x = 0; x < size; x += LANES) {
      slots.forEach((slot, n) => {
        call.taper(slot + 4 * x, room + n * fft.planeBytes, windowAt + 4 * x, windowAt);
      });
      const z = fft.run(instance, room, other, table);
      call.separate(z, halves + 4 * parts * x, 0.5 * scales[0], 0.5 * scales[1]);
    }
    for (let at = 0; at < parts; at += LANE_BYTES / 2) {
      call.lanes(halves + at, room);
      const z = fft.run(instance, room, other, table);
      call[amplitude ? "amplitudes" : "powers"](z, result + at);
    }
  };
  let pieces = 0;
  let waiting = 0;
  const scaleOf = (sd: number): number => (amplitude ? 1 / sd : 1);
  for (const corner of corners) {
    const sd = take(corner, slots[waiting === 0 ? 0 : 1]);
    if (sd === 0) continue;
    pieces++;
    if (waiting === 0) waiting = sd;
    else {
      addPair([scaleOf(waiting), scaleOf(sd)]);
      waiting = 0;
    }
  }
  if (waiting !== 0) {
    floats.fill(0, slots[1] / 4, slots[1] / 4 + size * size);
    addPair([scaleOf(waiting), 0]);
  }

  // A half plane by ky made one by kx: the power at −k is that at k.
  const columns = size / 2 + 1;
  const total = new Float64Array(size * columns);
  const line = parts / 4;
  for (let ky = 0; ky < size; ky++)
    for (let kx = 0; kx < columns; kx++)
      total[ky * columns + kx] =
        ky < columns ? totals[kx * line + ky] : totals[((size - kx) % size) * line + size - ky];
  return { total, pieces };
}
