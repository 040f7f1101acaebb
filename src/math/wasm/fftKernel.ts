import {
  branchIf,
  f32,
  f32x4,
  I32,
  i32,
  increase,
  loop,
  sequence,
  V128,
  v128,
} from "./assembler.ts";
import type { Code, Local, ValueType, WasmFunction } from "./assembler.ts";
import type { WasmInstance } from "./wasmModule.ts";

/**
 * Forward FFTs of one length over `[n, lanes]`, split re/im in single precision: Stockham's passes of radix
 * 4, 2, 3 and 5, assembled for this length and number of lanes, so that all distances are constants. Twin:
 * math/motion/batchFft.ts.
 *
 *   X_k = Σ_j x_j e^{−2πi jk/n} for each lane.
 */
export interface FftKernel {
  readonly n: number;
  /** A multiple of 4. */
  readonly lanes: number;
  /** Bytes of a plane; the imaginary one follows the real one. */
  readonly planeBytes: number;
  /** The passes, to be assembled into a module. */
  readonly functions: readonly WasmFunction[];
  /** Bytes of the table of twiddles, which {@link FftKernel.prepare} writes. */
  readonly tableBytes: number;
  prepare(instance: WasmInstance, table: number): void;
  /** Transforms what stands at `from`; `other` is room of the same size. Answers which of them holds the result. */
  run(instance: WasmInstance, from: number, other: number, table: number): number;
}

interface Stage {
  readonly radix: number;
  readonly m: number;
  readonly done: number;
}

/** Radices of the passes of length n, or null where it has other factors than 2, 3 and 5. */
function stagesOf(n: number): Stage[] | null {
  const stages: Stage[] = [];
  let left = n;
  let done = 1;
  while (left > 1) {
    const radix = [4, 2, 3, 5].find((r) => left % r === 0);
    if (radix === undefined) return null;
    left /= radix;
    stages.push({ radix, m: left, done });
    done *= radix;
  }
  return stages.length === 0 ? null : stages;
}

/**
 * The kernel of a length and number of lanes; `name` tells its functions from others of the module. Null where the
 * length has other factors, or the lanes are no multiple of 4.
 * @param planeBytes  from the real to the imaginary plane
 */
export function fftKernel(
  name: string,
  n: number,
  lanes: number,
  planeBytes = 4 * n * lanes,
): FftKernel | null {
  const stages = stagesOf(n);
  if (stages === null || lanes % 4 !== 0) return null;
  const offsets: number[] = [];
  let tableBytes = 0;
  for (const { radix, m } of stages) {
    offsets.push(tableBytes);
    tableBytes += 8 * (radix - 1) * m;
  }
  const names = stages.map((_, i) => `${name}${i}`);
  return {
    n,
    lanes,
    planeBytes,
    tableBytes,
    functions: stages.map((stage, i) => pass(names[i], stage, 4 * lanes, planeBytes)),
    prepare: (instance, table) => {
      stages.forEach(({ radix, m }, i) => {
        const twiddles = new Float32Array(
          instance.buffer(),
          table + offsets[i],
          2 * (radix - 1) * m,
        );
        let at = 0;
        for (let p = 0; p < m; p++)
          for (let j = 1; j < radix; j++) {
            const angle = (-2 * Math.PI * j * p) / (radix * m);
            twiddles[at++] = Math.cos(angle);
            twiddles[at++] = Math.sin(angle);
          }
      });
    },
    run: ({ call }, from, other, table) => {
      let [x, y] = [from, other];
      names.forEach((key, i) => {
        call[key](x, y, table + offsets[i]);
        [x, y] = [y, x];
      });
      return x;
    },
  };
}

/** Two locals for a complex vector. */
interface Complex {
  readonly re: Local;
  readonly im: Local;
}

/** `name(x, y, table)`: one pass from x to y. */
function pass(
  name: string,
  { radix, m, done }: Stage,
  laneBytes: number,
  im: number,
): WasmFunction {
  const s = laneBytes * done;
  const params: ValueType[] = [I32, I32, I32];
  return {
    name,
    params,
    result: null,
    body: ([x, y, table], local) => {
      const complex = (): Complex => ({ re: local(V128), im: local(V128) });
      const twiddles = m > 1 ? Array.from({ length: radix - 1 }, complex) : [];
      const [end, p] = [local(I32), local(I32)];
      const input = (k: number): { re: Code; im: Code } => ({
        re: v128.load(x.get, k * s * m),
        im: v128.load(x.get, im + k * s * m),
      });
      const output = (j: number, re: Code, imaginary: Code): Code => {
        if (j === 0 || m === 1)
          return sequence(v128.store(y.get, re, j * s), v128.store(y.get, imaginary, im + j * s));
        const w = twiddles[j - 1];
        return sequence(
          scratch.re.set(re),
          scratch.im.set(imaginary),
          v128.store(
            y.get,
            f32x4.sub(f32x4.mul(scratch.re.get, w.re.get), f32x4.mul(scratch.im.get, w.im.get)),
            j * s,
          ),
          v128.store(
            y.get,
            f32x4.add(f32x4.mul(scratch.re.get, w.im.get), f32x4.mul(scratch.im.get, w.re.get)),
            im + j * s,
          ),
        );
      };
      const scratch = complex();
      const { before, body } = BUTTERFLIES[radix](complex, () => local(V128), input, output);
      return sequence(
        before,
        p.set(i32.const(m)),
        loop(
          ...twiddles.map((w, j) =>
            sequence(
              w.re.set(v128.splat32(table.get, 8 * j)),
              w.im.set(v128.splat32(table.get, 8 * j + 4)),
            ),
          ),
          end.set(i32.add(x.get, i32.const(s))),
          loop(body, increase(x, 16), increase(y, 16), branchIf(0, i32.ltU(x.get, end.get))),
          increase(y, (radix - 1) * s),
          increase(table, 8 * (radix - 1)),
          p.set(i32.sub(p.get, i32.const(1))),
          branchIf(0, p.get),
        ),
      );
    },
  };
}

type Butterfly = (
  complex: () => Complex,
  vector: () => Local,
  input: (k: number) => { re: Code; im: Code },
  output: (j: number, re: Code, im: Code) => Code,
) => { readonly before: Code; readonly body: Code };

const { add, sub, mul } = f32x4;
const load = (to: Complex, { re, im }: { re: Code; im: Code }): Code =>
  sequence(to.re.set(re), to.im.set(im));
const plus = (to: Complex, a: Complex, b: Complex): Code =>
  sequence(to.re.set(add(a.re.get, b.re.get)), to.im.set(add(a.im.get, b.im.get)));
const minus = (to: Complex, a: Complex, b: Complex): Code =>
  sequence(to.re.set(sub(a.re.get, b.re.get)), to.im.set(sub(a.im.get, b.im.get)));
const splat = (to: Local, value: number): Code => to.set(f32x4.splat(f32.const(value)));

const BUTTERFLIES: Readonly<Record<number, Butterfly>> = {
  2: (complex, _, input, output) => {
    const [a, b] = [complex(), complex()];
    return {
      before: [],
      body: sequence(
        load(a, input(0)),
        load(b, input(1)),
        output(0, add(a.re.get, b.re.get), add(a.im.get, b.im.get)),
        output(1, sub(a.re.get, b.re.get), sub(a.im.get, b.im.get)),
      ),
    };
  },
  4: (complex, _, input, output) => {
    const [x, y, a, b, c, d] = Array.from({ length: 6 }, complex);
    return {
      before: [],
      body: sequence(
        load(x, input(0)),
        load(y, input(2)),
        plus(a, x, y),
        minus(b, x, y),
        load(x, input(1)),
        load(y, input(3)),
        plus(c, x, y),
        minus(d, x, y),
        output(0, add(a.re.get, c.re.get), add(a.im.get, c.im.get)),
        output(2, sub(a.re.get, c.re.get), sub(a.im.get, c.im.get)),
        // −i (x1 − x3) = (im, −re)
        output(1, add(b.re.get, d.im.get), sub(b.im.get, d.re.get)),
        output(3, sub(b.re.get, d.im.get), add(b.im.get, d.re.get)),
      ),
    };
  },
  3: (complex, vector, input, output) => {
    const [a, b, c, sum, rest] = Array.from({ length: 5 }, complex);
    const [half, sin] = [vector(), vector()];
    return {
      before: sequence(splat(half, 0.5), splat(sin, Math.sqrt(3) / 2)),
      body: sequence(
        load(a, input(0)),
        load(b, input(1)),
        load(c, input(2)),
        plus(sum, b, c),
        // −i sin 60° (x1 − x2)
        rest.re.set(mul(sin.get, sub(b.im.get, c.im.get))),
        rest.im.set(mul(sin.get, sub(c.re.get, b.re.get))),
        output(0, add(a.re.get, sum.re.get), add(a.im.get, sum.im.get)),
        a.re.set(sub(a.re.get, mul(half.get, sum.re.get))),
        a.im.set(sub(a.im.get, mul(half.get, sum.im.get))),
        output(1, add(a.re.get, rest.re.get), add(a.im.get, rest.im.get)),
        output(2, sub(a.re.get, rest.re.get), sub(a.im.get, rest.im.get)),
      ),
    };
  },
  5: (complex, vector, input, output) => {
    const [a, b, c, u, v, d, e, h, t] = Array.from({ length: 9 }, complex);
    const [c1, c2, s1, s2] = Array.from({ length: 4 }, vector);
    const part = (p: Code, q: Code, x: Local, y: Local): Code => add(mul(p, x.get), mul(q, y.get));
    /** h = x0 + p u + q v; t = −i (r d + w e); X_j = h + t, X_(5−j) = h − t. */
    const pair = (j: number, p: Local, q: Local, r: Local, w: Local, sign: 1 | -1): Code =>
      sequence(
        h.re.set(add(a.re.get, part(p.get, q.get, u.re, v.re))),
        h.im.set(add(a.im.get, part(p.get, q.get, u.im, v.im))),
        t.re.set((sign === 1 ? add : sub)(mul(r.get, d.im.get), mul(w.get, e.im.get))),
        t.im.set((sign === 1 ? add : sub)(mul(r.get, d.re.get), mul(w.get, e.re.get))),
        output(j, add(h.re.get, t.re.get), sub(h.im.get, t.im.get)),
        output(5 - j, sub(h.re.get, t.re.get), add(h.im.get, t.im.get)),
      );
    return {
      before: sequence(
        splat(c1, Math.cos((2 * Math.PI) / 5)),
        splat(c2, Math.cos((4 * Math.PI) / 5)),
        splat(s1, Math.sin((2 * Math.PI) / 5)),
        splat(s2, Math.sin((4 * Math.PI) / 5)),
      ),
      body: sequence(
        load(b, input(1)),
        load(c, input(4)),
        plus(u, b, c),
        minus(d, b, c),
        load(b, input(2)),
        load(c, input(3)),
        plus(v, b, c),
        minus(e, b, c),
        load(a, input(0)),
        output(0, add(a.re.get, add(u.re.get, v.re.get)), add(a.im.get, add(u.im.get, v.im.get))),
        pair(1, c1, c2, s1, s2, 1),
        pair(2, c2, c1, s2, s1, -1),
      ),
    };
  },
};
