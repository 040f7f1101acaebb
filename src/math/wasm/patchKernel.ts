import {
  branchIf,
  f32,
  f32x4,
  I32,
  i32,
  increase,
  loop,
  repeat,
  reversed,
  sequence,
  transposed,
  V128,
  v128,
} from "./assembler.ts";
import type { Code, WasmFunction } from "./assembler.ts";
import { fftKernel } from "./fftKernel.ts";
import type { FftKernel } from "./fftKernel.ts";
import { upTo4 } from "./rowKernels.ts";
import { wasmModule } from "./wasmModule.ts";
import type { WasmModule } from "./wasmModule.ts";
import { addPower, align, phase, phaseOf, splatX } from "./phaseKernel.ts";
import { alongX, alongY, cross, spectrumPlane } from "./surfaceKernel.ts";
import type { SpectrumPlane } from "./surfaceKernel.ts";

/**
 * Kernels for patches of one side and one largest frequency K, in single precision. Spectra are planes
 * `[kx][ky]`, kx from 0 to K, ky from −K to K in rows of `stride` numbers, real then imaginary plane. Twins:
 * math/motion/patchTransform.ts, patchEngine.ts and displacementMaps.ts.
 */
export interface PatchKernel {
  readonly side: number;
  readonly shape: SpectrumPlane;
  /** Along y, `[y][x]` to `[ky][x]`, and along x, `[x][ky]` to `[kx][ky]`. */
  readonly first: FftKernel;
  readonly second: FftKernel;
  /** Vectors of four displacements along y of a surface, from 0 up; and their number along x. */
  readonly vectors: number;
  readonly module: WasmModule;
}

/** Surfaces of a larger radius are left to the twin: sums along y are kept in registers. */
const LARGEST_RADIUS = 11;

/** Null where the side or the radius does not suit. */
export function createPatchKernel(side: number, kept: number, radius: number): PatchKernel | null {
  if (side % 4 !== 0 || kept < 1 || kept > side / 2 - 1 || radius > LARGEST_RADIUS) return null;
  const shape = spectrumPlane(kept, kept);
  const { stride, bytes: planeBytes } = shape;
  const first = fftKernel("first", side, side);
  // One row more: the first comes again behind the last.
  const second = fftKernel("second", side, stride, 4 * stride * (side + 1));
  if (first === null || second === null) return null;
  const vectors = upTo4(radius + 1) / 4;
  const module = wasmModule([
    ...first.functions,
    ...second.functions,
    window(side),
    turn(side, kept, stride, first.planeBytes, second.planeBytes),
    part(side, kept, stride, second.planeBytes, planeBytes),
    align(shape),
    addPower(shape),
    cross(shape),
    alongY(shape, vectors),
    alongX(shape, vectors, radius),
  ]);
  return { side, shape, first, second, vectors, module };
}

/** `window(patch, table)`: `[side][side]` in place, times the table along both axes. */
function window(side: number): WasmFunction {
  return {
    name: "window",
    params: [I32, I32],
    result: null,
    body: ([patch, table], local) => {
      const row = local(V128);
      const [x, y, at] = [local(I32), local(I32), local(I32)];
      return sequence(
        at.set(table.get),
        repeat(
          y,
          side,
          row.set(v128.splat32(at.get)),
          x.set(table.get),
          loop(
            v128.store(
              patch.get,
              f32x4.mul(v128.load(patch.get), f32x4.mul(row.get, v128.load(x.get))),
            ),
            increase(patch, 16),
            increase(x, 16),
            branchIf(0, i32.ltU(x.get, i32.add(table.get, i32.const(4 * side)))),
          ),
          increase(at, 4),
        ),
      );
    },
  };
}

/** `turn(z, out)`: `[ky][x]` to `[x][ky]`, the kept frequencies from −K to K. */
function turn(
  side: number,
  kept: number,
  stride: number,
  planeIn: number,
  planeOut: number,
): WasmFunction {
  return {
    name: "turn",
    params: [I32, I32],
    result: null,
    body: ([z, out], local) => {
      const vectors = Array.from({ length: 4 }, () => local(V128));
      const rows = Array.from({ length: 4 }, () => local(V128));
      const [from, to, blocks] = [local(I32), local(I32), local(I32)];
      const rowOf = (c: number): number =>
        4 * side * ((Math.min(c, 2 * kept) - kept + side) % side);
      const quad = (c: number, p: number): Code => {
        const { before, columns } = transposed(
          rows.map((row) => row.get),
          vectors,
        );
        return sequence(
          ...rows.map((row, j) => row.set(v128.load(from.get, p * planeIn + rowOf(c + j)))),
          before,
          ...columns.map((code, x) =>
            v128.store(to.get, code, p * planeOut + 4 * (x * stride + c)),
          ),
        );
      };
      const quads = Array.from({ length: stride / 4 }, (_, q) =>
        sequence(quad(4 * q, 0), quad(4 * q, 1)),
      );
      return sequence(
        from.set(z.get),
        to.set(out.get),
        repeat(blocks, side / 4, ...quads, increase(from, 16), increase(to, 16 * stride)),
      );
    },
  };
}

const { add, sub, mul } = f32x4;

/**
 * `part(z, to, xA, yA, xB, yB, sum)`: the spectra of two patches from the transform Z of a + ib, each times its
 * phases, to `to` and behind it; added to `sum`.
 */
function part(
  side: number,
  kept: number,
  stride: number,
  planeIn: number,
  plane: number,
): WasmFunction {
  return {
    name: "part",
    params: [I32, I32, I32, I32, I32, I32, I32],
    result: null,
    body: ([z, to, xA, yA, xB, yB, sum], local) => {
      const phases = [phase(local), phase(local)];
      const [zr, zi, mr, mi, half, re, im, scratch] = Array.from({ length: 8 }, () => local(V128));
      const [plus, minus, kx, ky] = Array.from({ length: 4 }, () => local(I32));
      const row = 4 * stride;
      const copyRow = Array.from({ length: stride / 4 }, (_, q) =>
        [0, planeIn].map((p) =>
          v128.store(z.get, v128.load(z.get, p + 16 * q), p + 16 * q + side * row),
        ),
      ).flat();
      const parted = (n: number): Code =>
        n === 0
          ? sequence(
              re.set(mul(half.get, add(zr.get, mr.get))),
              im.set(mul(half.get, sub(zi.get, mi.get))),
            )
          : sequence(
              re.set(mul(half.get, add(zi.get, mi.get))),
              im.set(mul(half.get, sub(mr.get, zr.get))),
            );
      const turned = (n: number): Code => {
        const { pr, pi } = phases[n];
        return sequence(
          parted(n),
          phaseOf(phases[n], stride, scratch),
          scratch.set(sub(mul(re.get, pr.get), mul(im.get, pi.get))),
          im.set(add(mul(re.get, pi.get), mul(im.get, pr.get))),
          v128.store(to.get, scratch.get, 2 * n * plane),
          v128.store(to.get, im.get, (2 * n + 1) * plane),
          v128.store(sum.get, add(v128.load(sum.get), scratch.get)),
          v128.store(sum.get, add(v128.load(sum.get, plane), im.get), plane),
          increase(phases[n].y, 16),
        );
      };
      return sequence(
        ...copyRow,
        half.set(f32x4.splat(f32.const(0.5))),
        plus.set(z.get),
        // The four that end with −ky: a row back with each kx, as the loop leaves it.
        minus.set(i32.add(z.get, i32.const(side * row + 4 * (2 * kept - 3)))),
        phases[0].x.set(xA.get),
        phases[1].x.set(xB.get),
        repeat(
          kx,
          kept + 1,
          ...phases.map(splatX),
          phases[0].y.set(yA.get),
          phases[1].y.set(yB.get),
          repeat(
            ky,
            stride / 4,
            zr.set(v128.load(plus.get)),
            zi.set(v128.load(plus.get, planeIn)),
            mr.set(v128.load(minus.get)),
            mr.set(reversed(mr)),
            mi.set(v128.load(minus.get, planeIn)),
            mi.set(reversed(mi)),
            turned(0),
            turned(1),
            increase(plus, 16),
            increase(minus, -16),
            increase(to, 16),
            increase(sum, 16),
          ),
          ...phases.map(({ x }) => increase(x, 8)),
        ),
      );
    },
  };
}
