import { f32x4, I32, i32, increase, repeat, reversed, sequence, V128, v128 } from "./assembler.ts";
import type { Code, Local, WasmFunction } from "./assembler.ts";
import { upTo4 } from "./rowKernels.ts";

/**
 * Kernels of correlation surfaces from the spectra of patchKernel.ts: cross spectra with the sum of the other frames, folded
 * by the sign of ky, and their sums along y and x (math/motion/displacementMaps.ts, whose rows ±y and ±x share work the
 * same way).
 */

const { add, sub, mul } = f32x4;

/** Numbers from one kx to the next in what `cross` writes: ky from 0 to K. */
const foldStride = (kept: number): number => upTo4(kept + 1);
export const foldBytes = (kept: number): number => 4 * foldStride(kept) * (kept + 1);

/**
 * `cross(plane, sum, weight, fold)`: X = w·F·conj(ΣF − F); sums X(ky) + X(−ky) (re, im) and differences (re, im), four
 * planes `[kx][ky]`, ky from 0.
 */
export function cross(kept: number, stride: number, plane: number): WasmFunction {
  const groups = foldStride(kept) / 4;
  const out = foldBytes(kept);
  return {
    name: "cross",
    params: [I32, I32, I32, I32],
    result: null,
    body: ([from, sum, weight, fold], local) => {
      const [ar, ai, br, bi, w, pr, pi, mr, mi] = Array.from({ length: 9 }, () => local(V128));
      const [kx, at, total, table] = Array.from({ length: 4 }, () => local(I32));
      const product = (offset: number, re: Local, im: Local): Code =>
        sequence(
          ar.set(v128.load(at.get, offset)),
          ai.set(v128.load(at.get, plane + offset)),
          br.set(sub(v128.load(total.get, offset), ar.get)),
          bi.set(sub(v128.load(total.get, plane + offset), ai.get)),
          w.set(v128.load(table.get, offset)),
          re.set(mul(w.get, add(mul(ar.get, br.get), mul(ai.get, bi.get)))),
          im.set(mul(w.get, sub(mul(ai.get, br.get), mul(ar.get, bi.get)))),
        );
      // Addresses are of four numbers before the row: the last mirrored group begins there.
      const group = (g: number): Code =>
        sequence(
          product(4 * (kept + 4 * g) + 16, pr, pi),
          product(4 * (kept - 4 * g - 3) + 16, mr, mi),
          mr.set(reversed(mr)),
          mi.set(reversed(mi)),
          v128.store(fold.get, add(pr.get, mr.get), 16 * g),
          v128.store(fold.get, add(pi.get, mi.get), out + 16 * g),
          v128.store(fold.get, sub(pr.get, mr.get), 2 * out + 16 * g),
          v128.store(fold.get, sub(pi.get, mi.get), 3 * out + 16 * g),
        );
      const back = (local_: Local): Code => i32.sub(local_.get, i32.const(16));
      return sequence(
        at.set(back(from)),
        total.set(back(sum)),
        table.set(back(weight)),
        repeat(
          kx,
          kept + 1,
          ...Array.from({ length: groups }, (_, g) => group(g)),
          increase(at, 4 * stride),
          increase(total, 4 * stride),
          increase(table, 4 * stride),
          increase(fold, 16 * groups),
        ),
      );
    },
  };
}

/**
 * `alongY(fold, table, out)`: for each kx and each y ≥ 0: Σ even·cos (re, im) and Σ odd·sin (re, im), `[kx][4][y]`. The
 * table: `[ky]` cosines of all y, then sines.
 */
export function alongY(kept: number, vectors: number): WasmFunction {
  const plane = foldBytes(kept);
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
          kept + 1,
          ...sums.flat().map((sum) => sum.set(v128.zero)),
          at.set(table.get),
          fold.set(row.get),
          repeat(
            ky,
            kept + 1,
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
          increase(row, 4 * foldStride(kept)),
        ),
      );
    },
  };
}

/**
 * `alongX(sums, table, out)`: for each x ≥ 0 the four quarters of the map, `[x][+y +x, +y −x, −y +x, −y −x][y]`. The table:
 * `[x][kx]` cosine and sine, kx > 0 twice.
 */
export function alongX(kept: number, vectors: number, radius: number): WasmFunction {
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
          kept + 1,
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
