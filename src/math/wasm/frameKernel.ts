import {
  branchIf,
  f32x4,
  I32,
  i32,
  increase,
  loop,
  repeat,
  sequence,
  transposed,
  V128,
  v128,
} from "./assembler.ts";
import type { WasmFunction } from "./assembler.ts";
import { fftKernel } from "./fftKernel.ts";
import { LANE_BYTES, LANES, separate } from "./pieceKernel.ts";
import { upTo4 } from "./rowKernels.ts";
import { wasmModule } from "./wasmModule.ts";

/**
 * Low frequencies of whole frames: rows in pairs, LANES pairs side by side, then the columns that are kept. Single
 * precision; twin: math/motion/frameSpectrum.ts.
 */

/** `load(rows, taperX, taperY, out)`: 2·LANES rows times the tapers to `[x][pair]`, even rows real, odd ones imaginary. */
function load(rowBytes: number, plane: number): WasmFunction {
  return {
    name: "load",
    params: [I32, I32, I32, I32],
    result: null,
    body: ([rows, taperX, taperY, out], local) => {
      const vectors = Array.from({ length: 4 }, () => local(V128));
      const values = Array.from({ length: 4 }, () => local(V128));
      const taper = local(V128);
      const [at, to, x, group, across] = Array.from({ length: 5 }, () => local(I32));
      const four = [0, 1].map((odd) => {
        const { before, columns } = transposed(
          values.map((value) => value.get),
          vectors,
        );
        return sequence(
          ...values.map((value, j) =>
            value.set(
              f32x4.mul(
                v128.load(at.get, (2 * j + odd) * rowBytes),
                f32x4.mul(taper.get, v128.splat32(taperY.get, 4 * (2 * j + odd))),
              ),
            ),
          ),
          before,
          ...columns.map((code, k) => v128.store(to.get, code, odd * plane + k * LANE_BYTES)),
        );
      });
      return repeat(
        group,
        LANES / 4,
        at.set(rows.get),
        to.set(out.get),
        across.set(taperX.get),
        repeat(
          x,
          rowBytes / 16,
          taper.set(v128.load(across.get)),
          ...four,
          increase(at, 16),
          increase(across, 16),
          increase(to, 4 * LANE_BYTES),
        ),
        increase(rows, 8 * rowBytes),
        increase(taperY, 32),
        increase(out, 16),
      );
    },
  };
}

/** `columns(from, out, end)`: LANES frequencies of all rows, `[pair][re, im of the even row, then the odd]`, to `[y][kx]` up to `out = end`. */
function columns(plane: number, parts: number): WasmFunction {
  return {
    name: "columns",
    params: [I32, I32, I32],
    result: null,
    body: ([from, out, end]) => {
      const copy = [0, 1, 2, 3].flatMap((part) =>
        Array.from({ length: LANES / 4 }, (_, k) =>
          v128.store(
            out.get,
            v128.load(from.get, part * parts + 16 * k),
            (part & 1) * plane + (part >> 1) * LANE_BYTES + 16 * k,
          ),
        ),
      );
      return loop(
        ...copy,
        increase(from, 4 * parts),
        increase(out, 2 * LANE_BYTES),
        branchIf(0, i32.ltU(out.get, end.get)),
      );
    },
  };
}

export interface FrameSizes {
  readonly width: number;
  readonly height: number;
  /** Of the spectrum: padded size and largest frequencies. */
  readonly shape: {
    readonly width: number;
    readonly height: number;
    readonly kx: number;
    readonly ky: number;
  };
  readonly taperX: Float64Array;
  readonly taperY: Float64Array;
}

/** Writes the spectrum of an image `[height, width]`, planes `[2·ky + 1][kx + 1]`. */
export type FrameTransform = (image: Float32Array, re: Float32Array, im: Float32Array) => void;

/** Null where the kernels cannot run or the size does not suit. */
export function createFrameTransform(sizes: FrameSizes): FrameTransform | null {
  const { width, height, shape } = sizes;
  const { kx, ky } = shape;
  // Rows behind a plane: zero frequency again, and what groups of four write beyond the end.
  const planes = [(shape.width + 4) * LANE_BYTES, shape.height * LANE_BYTES];
  const alongX = fftKernel("x", shape.width, LANES, planes[0]);
  const alongY = fftKernel("y", shape.height, LANES, planes[1]);
  if (alongX === null || alongY === null || kx + 4 > shape.width) return null;
  const rowBytes = 4 * upTo4(width);
  const parts = LANE_BYTES * Math.ceil((kx + 1) / LANES);
  const instance = wasmModule([
    ...alongX.functions,
    ...alongY.functions,
    load(rowBytes, planes[0]),
    separate(shape.width, planes[0], parts, kx),
    columns(planes[1], parts),
  ]).instance();
  if (instance === null) return null;
  let end = 64;
  const room = (bytes: number): number => {
    const at = end;
    end += Math.ceil(bytes / 64) * 64;
    return at;
  };
  const pairs = Math.ceil(height / 2);
  const blocks = Math.ceil(pairs / LANES);
  const [tableX, tableY] = [room(alongX.tableBytes), room(alongY.tableBytes)];
  const taperX = room(rowBytes);
  const taperY = room(8 * LANES * blocks);
  const rows = room(2 * LANES * rowBytes);
  const buffers = [0, 1].map(() => room(2 * Math.max(...planes)));
  const halves = room(4 * parts * LANES * blocks);
  if (!instance.reserve(end + 64)) return null;
  alongX.prepare(instance, tableX);
  alongY.prepare(instance, tableY);
  const floats = new Float32Array(instance.buffer());
  floats.set(sizes.taperX, taperX / 4);
  floats.set(sizes.taperY, taperY / 4);
  const { call } = instance;
  const [buffer, other] = buffers;
  const zero = (from: number, to: number): void => {
    floats.fill(0, from / 4, to / 4);
  };
  return (image, re, im) => {
    for (let block = 0; block < blocks; block++) {
      const first = 2 * LANES * block;
      const count = Math.min(2 * LANES, height - first);
      for (let y = 0; y < count; y++) {
        const from = (first + y) * width;
        floats.set(image.subarray(from, from + width), (rows + y * rowBytes) / 4);
      }
      zero(rows + count * rowBytes, rows + 2 * LANES * rowBytes);
      zero(buffer, buffer + 2 * planes[0]);
      call.load(rows, taperX, taperY + 4 * first, buffer);
      const z = alongX.run(instance, buffer, other, tableX);
      call.separate(z, halves + 4 * parts * LANES * block, 0.5, 0.5);
    }
    for (let first = 0; first <= kx; first += LANES) {
      const columnsEnd = buffer + 2 * pairs * LANE_BYTES;
      call.columns(halves + 4 * first, buffer, columnsEnd);
      for (const plane of [0, planes[1]])
        zero(columnsEnd + plane, buffer + shape.height * LANE_BYTES + plane);
      const z = alongY.run(instance, buffer, other, tableY) / 4;
      const n = Math.min(LANES, kx + 1 - first);
      for (let k = -ky; k <= ky; k++) {
        const from = z + ((k + shape.height) % shape.height) * LANES;
        const to = (k + ky) * (kx + 1) + first;
        re.set(floats.subarray(from, from + n), to);
        im.set(floats.subarray(from + planes[1] / 4, from + planes[1] / 4 + n), to);
      }
    }
  };
}
