import {
  branchIf,
  F32,
  f32x4,
  f64x2,
  I32,
  i32,
  increase,
  loop,
  sequence,
  V128,
  v128,
} from "./assembler.ts";
import type { Code, Local, WasmFunction } from "./assembler.ts";

/** Kernels for mean and variance of images in single precision, summed in double from row to row. */

/** Sum over `rows` rows (of `rowBytes`) as two f64 at `out`: f32 within a row, f64 over rows. */
export const total: WasmFunction = {
  name: "total",
  params: [I32, I32, I32, I32],
  result: null,
  body: ([at, rowBytes, rows, out], local) => {
    const [sum, all] = [local(V128), local(V128)];
    const end = local(I32);
    return sequence(
      all.set(v128.zero),
      loop(
        sum.set(v128.zero),
        end.set(i32.add(at.get, rowBytes.get)),
        loop(
          sum.set(f32x4.add(sum.get, v128.load(at.get))),
          increase(at, 16),
          branchIf(0, i32.ltU(at.get, end.get)),
        ),
        all.set(addBoth(all, sum)),
        rows.set(i32.sub(rows.get, i32.const(1))),
        branchIf(0, rows.get),
      ),
      v128.store(out.get, all.get),
    );
  },
};

/** The four f32 of `sum` added to the two f64 of `all`. */
function addBoth(all: Local, sum: Local): Code {
  const high = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7];
  return f64x2.add(
    f64x2.add(all.get, f64x2.promoteLow(sum.get)),
    f64x2.promoteLow(v128.shuffle(sum.get, sum.get, high)),
  );
}

/** Subtracts `mean` and what single precision leaves of it in place; Σ of the squares of what is left as {@link total}. */
export const centre: WasmFunction = {
  name: "centre",
  params: [I32, I32, I32, I32, F32, F32],
  result: null,
  body: ([at, rowBytes, rows, out, mean, rest], local) => {
    const [sum, all, means, rests, value] = Array.from({ length: 5 }, () => local(V128));
    const end = local(I32);
    return sequence(
      all.set(v128.zero),
      means.set(f32x4.splat(mean.get)),
      rests.set(f32x4.splat(rest.get)),
      loop(
        sum.set(v128.zero),
        end.set(i32.add(at.get, rowBytes.get)),
        loop(
          v128.store(
            at.get,
            value.tee(f32x4.sub(f32x4.sub(v128.load(at.get), means.get), rests.get)),
          ),
          sum.set(f32x4.add(sum.get, f32x4.mul(value.get, value.get))),
          increase(at, 16),
          branchIf(0, i32.ltU(at.get, end.get)),
        ),
        all.set(addBoth(all, sum)),
        rows.set(i32.sub(rows.get, i32.const(1))),
        branchIf(0, rows.get),
      ),
      v128.store(out.get, all.get),
    );
  },
};
