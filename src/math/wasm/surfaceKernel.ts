import { f32x4, I32, i32, increase, repeat, reversed, sequence, V128, v128 } from "./assembler.ts";
import type { Code, Local, WasmFunction } from "./assembler.ts";
import { upTo4 } from "./rowKernels.ts";

/**
 * Kernels of correlation surfaces from the spectra of patchKernel.ts: cross spectra with the sum of the other frames, folded
 * by the sign of ky, and their sums along y and x (math/motion/displacementMaps.ts, whose rows ±y and ±x share work the
 * same way).
 */

const { add, sub, mul } = f32x4;

/** A half spectrum as planes `[kx][ky]`, kx from 0, ky from −ky to ky; real, then imaginary plane. */
export interface SpectrumPlane {
  readonly kx: number;
  readonly ky: number;
  /** Numbers from one kx to the next, a multiple of 4. */
  readonly stride: number;
  /** Bytes of the real plane. */
  readonly bytes: number;
}

export function spectrumPlane(kx: number, ky: number): SpectrumPlane {
  const stride = upTo4(2 * ky + 1);
  return { kx, ky, stride, bytes: 4 * stride * (kx + 1) };
}

/** Numbers from one kx to the next in what `cross` writes: ky from 0. */
const foldStride = ({ ky }: SpectrumPlane): number => upTo4(ky + 1);
export const foldBytes = (shape: SpectrumPlane): number => 4 * foldStride(shape) * (shape.kx + 1);

/**
 * `cross(plane, sum, weight, fold)`: X = w·F·conj(ΣF − F); sums X(ky) + X(−ky) (re, im) and differences (re, im), four
 * planes `[kx][ky]`, ky from 0. `crossAdded` adds to them.
 */
export function cross(shape: SpectrumPlane, name: "cross" | "crossAdded" = "cross"): WasmFunction {
  const { kx: last, ky, stride, bytes: plane } = shape;
  const out = foldBytes(shape);
  return {
    name,
    params: [I32, I32, I32, I32],
    result: null,
    body: ([from, sum, weight, fold], local) => {
      const [ar, ai, br, bi, w, pr, pi, mr, mi] = Array.from({ length: 9 }, () => local(V128));
      const [kx, group, row, plus, minus] = Array.from({ length: 5 }, () => local(I32));
      // Offsets count from four numbers before a plane: the last mirrored group begins there.
      const product = (at: Local, re: Local, im: Local): Code => {
        const load = (base: Local, offset = 0): Code =>
          v128.load(i32.add(base.get, at.get), offset);
        return sequence(
          ar.set(load(from)),
          ai.set(load(from, plane)),
          br.set(sub(load(sum), ar.get)),
          bi.set(sub(load(sum, plane), ai.get)),
          w.set(load(weight)),
          re.set(mul(w.get, add(mul(ar.get, br.get), mul(ai.get, bi.get)))),
          im.set(mul(w.get, sub(mul(ai.get, br.get), mul(ar.get, bi.get)))),
        );
      };
      const put = (value: Code, offset: number): Code =>
        v128.store(
          fold.get,
          name === "cross" ? value : add(v128.load(fold.get, offset), value),
          offset,
        );
      return sequence(
        ...[from, sum, weight].map((base) => base.set(i32.sub(base.get, i32.const(16)))),
        row.set(i32.const(16)),
        repeat(
          kx,
          last + 1,
          plus.set(i32.add(row.get, i32.const(4 * ky))),
          minus.set(i32.add(row.get, i32.const(4 * (ky - 3)))),
          repeat(
            group,
            foldStride(shape) / 4,
            product(plus, pr, pi),
            product(minus, mr, mi),
            mr.set(reversed(mr)),
            mi.set(reversed(mi)),
            put(add(pr.get, mr.get), 0),
            put(add(pi.get, mi.get), out),
            put(sub(pr.get, mr.get), 2 * out),
            put(sub(pi.get, mi.get), 3 * out),
            increase(plus, 16),
            increase(minus, -16),
            increase(fold, 16),
          ),
          increase(row, 4 * stride),
        ),
      );
    },
  };
}

/**
 * `alongY(fold, table, out)`: for each kx and each y ≥ 0: Σ even·cos (re, im) and Σ odd·sin (re, im), `[kx][4][y]`. The
 * table: `[ky]` cosines of all y, then sines.
 */
export function alongY(shape: SpectrumPlane, vectors: number): WasmFunction {
  const plane = foldBytes(shape);
  return {
    name: "alongY",
    params: [I32, I32, I32],
    result: null,
    body: ([fold, table, out], local) => {
      const sums = Array.from({ length: 4 }, () =>
        Array.from({ length: vectors }, () => local(V128)),
      );
      const value = local(V128);
      const [kx, ky, at, row] = Array.from({ length: 4 }, () => local(I32));
      return sequence(
        row.set(fold.get),
        repeat(
          kx,
          shape.kx + 1,
          ...sums.flat().map((sum) => sum.set(v128.zero)),
          at.set(table.get),
          fold.set(row.get),
          repeat(
            ky,
            shape.ky + 1,
            ...sums.map((line, n) =>
              sequence(
                value.set(v128.splat32(fold.get, n * plane)),
                ...line.map((sum, v) =>
                  sum.set(
                    add(
                      sum.get,
                      mul(value.get, v128.load(at.get, 16 * (v + (n < 2 ? 0 : vectors)))),
                    ),
                  ),
                ),
              ),
            ),
            increase(fold, 4),
            increase(at, 32 * vectors),
          ),
          ...sums.flat().map((sum, n) => v128.store(out.get, sum.get, 16 * n)),
          increase(out, 64 * vectors),
          increase(row, 4 * foldStride(shape)),
        ),
      );
    },
  };
}

/**
 * `alongX(sums, table, out)`: for each x ≥ 0 the four quarters of the map, `[x][+y +x, +y −x, −y +x, −y −x][y]`. The table:
 * `[x][kx]` cosine and sine, kx > 0 twice.
 */
export function alongX(shape: SpectrumPlane, vectors: number, radius: number): WasmFunction {
  return {
    name: "alongX",
    params: [I32, I32, I32],
    result: null,
    body: ([from, table, out], local) => {
      // Σ C re·cos, Σ C im·sin, Σ D re·sin, Σ D im·cos
      const sums = Array.from({ length: 4 }, () =>
        Array.from({ length: vectors }, () => local(V128)),
      );
      const waves = [local(V128), local(V128)];
      const [x, kx, at] = [local(I32), local(I32), local(I32)];
      const [a, c, d, b] = sums;
      const quarters = (v: number): readonly Code[] => [
        sub(sub(a[v].get, b[v].get), add(c[v].get, d[v].get)),
        add(sub(a[v].get, b[v].get), add(c[v].get, d[v].get)),
        add(add(a[v].get, b[v].get), sub(d[v].get, c[v].get)),
        add(add(a[v].get, b[v].get), sub(c[v].get, d[v].get)),
      ];
      return repeat(
        x,
        radius + 1,
        ...sums.flat().map((sum) => sum.set(v128.zero)),
        at.set(from.get),
        repeat(
          kx,
          shape.kx + 1,
          waves[0].set(v128.splat32(table.get)),
          waves[1].set(v128.splat32(table.get, 4)),
          ...sums.flatMap((line, n) =>
            line.map((sum, v) =>
              sum.set(
                add(
                  sum.get,
                  mul(
                    waves[n === 1 || n === 2 ? 1 : 0].get,
                    v128.load(at.get, 16 * (n * vectors + v)),
                  ),
                ),
              ),
            ),
          ),
          increase(at, 64 * vectors),
          increase(table, 8),
        ),
        ...Array.from({ length: vectors }, (_, v) =>
          quarters(v).map((code, q) => v128.store(out.get, code, 16 * (q * vectors + v))),
        ).flat(),
        increase(out, 64 * vectors),
      );
    },
  };
}
