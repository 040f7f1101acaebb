import { f32x4, I32, increase, repeat, sequence, V128, v128 } from "./assembler.ts";
import type { Code, Local, ValueType, WasmFunction } from "./assembler.ts";
import type { SpectrumPlane } from "./surfaceKernel.ts";

/** Kernels that undo displacements of spectra (surfaceKernel.ts) by phases, and add up. */

const { add, sub, mul } = f32x4;

/** A phase e^{…} at one kx and four ky, from tables `[kx] re, im` and `[ky] re`, `[ky] im`. */
export interface Phase {
  readonly x: Local;
  readonly y: Local;
  readonly xr: Local;
  readonly xi: Local;
  readonly pr: Local;
  readonly pi: Local;
}
export function phase(local: (type: ValueType) => Local): Phase {
  const [x, y] = [local(I32), local(I32)];
  const [xr, xi, pr, pi] = Array.from({ length: 4 }, () => local(V128));
  return { x, y, xr, xi, pr, pi };
}
export const phaseOf = ({ xr, xi, pr, pi, y }: Phase, stride: number, scratch: Local): Code =>
  sequence(
    pr.set(v128.load(y.get)),
    pi.set(v128.load(y.get, 4 * stride)),
    scratch.set(sub(mul(pr.get, xr.get), mul(pi.get, xi.get))),
    pi.set(add(mul(pr.get, xi.get), mul(pi.get, xr.get))),
    pr.set(scratch.get),
  );
export const splatX = ({ x, xr, xi }: Phase): Code =>
  sequence(xr.set(v128.splat32(x.get)), xi.set(v128.splat32(x.get, 4)));

/** Four waves of a plane at a time, from the lowest kx on: their phases in `p`, then `step`. */
function everyWave(
  { kx: last, stride }: SpectrumPlane,
  local: (type: ValueType) => Local,
  p: Phase,
  [x, y]: readonly [x: Local, y: Local],
  ...step: readonly Code[]
): Code {
  const [kx, ky] = [local(I32), local(I32)];
  const scratch = local(V128);
  return sequence(
    p.x.set(x.get),
    repeat(
      kx,
      last + 1,
      splatX(p),
      p.y.set(y.get),
      repeat(ky, stride / 4, phaseOf(p, stride, scratch), ...step, increase(p.y, 16)),
      increase(p.x, 8),
    ),
  );
}

/** `align(plane, x, y, sum)`: sum += the spectrum times its phases. */
export function align(of: SpectrumPlane): WasmFunction {
  const { bytes: plane } = of;
  return {
    name: "align",
    params: [I32, I32, I32, I32],
    result: null,
    body: ([from, x, y, sum], local) => {
      const p = phase(local);
      const [re, im] = [local(V128), local(V128)];
      const addTo = (value: Code, offset: number): Code =>
        v128.store(sum.get, add(v128.load(sum.get, offset), value), offset);
      return everyWave(
        of,
        local,
        p,
        [x, y],
        re.set(v128.load(from.get)),
        im.set(v128.load(from.get, plane)),
        addTo(sub(mul(re.get, p.pr.get), mul(im.get, p.pi.get)), 0),
        addTo(add(mul(re.get, p.pi.get), mul(im.get, p.pr.get)), plane),
        increase(from, 16),
        increase(sum, 16),
      );
    },
  };
}

/** `addPower(plane, to)`: to += re² + im². */
export function addPower({ bytes: plane }: SpectrumPlane): WasmFunction {
  return {
    name: "addPower",
    params: [I32, I32],
    result: null,
    body: ([from, to], local) => {
      const [re, im] = [local(V128), local(V128)];
      const rest = local(I32);
      return repeat(
        rest,
        plane / 16,
        re.set(v128.load(from.get)),
        im.set(v128.load(from.get, plane)),
        v128.store(to.get, add(v128.load(to.get), add(mul(re.get, re.get), mul(im.get, im.get)))),
        increase(from, 16),
        increase(to, 16),
      );
    },
  };
}

/**
 * `shift(plane, base, x, y, out, sum)`: out = (F − base) times its phases p, behind it p itself (two planes each); both
 * added to `sum` likewise.
 */
export function shift(of: SpectrumPlane): WasmFunction {
  const { bytes: plane } = of;
  return {
    name: "shift",
    params: [I32, I32, I32, I32, I32, I32],
    result: null,
    body: ([from, base, x, y, out, sum], local) => {
      const p = phase(local);
      const [re, im, scratch] = [local(V128), local(V128), local(V128)];
      const put = (value: Code, offset: number): Code =>
        sequence(
          scratch.set(value),
          v128.store(out.get, scratch.get, offset),
          v128.store(sum.get, add(v128.load(sum.get, offset), scratch.get), offset),
        );
      return everyWave(
        of,
        local,
        p,
        [x, y],
        re.set(sub(v128.load(from.get), v128.load(base.get))),
        im.set(sub(v128.load(from.get, plane), v128.load(base.get, plane))),
        put(sub(mul(re.get, p.pr.get), mul(im.get, p.pi.get)), 0),
        put(add(mul(re.get, p.pi.get), mul(im.get, p.pr.get)), plane),
        put(p.pr.get, 2 * plane),
        put(p.pi.get, 3 * plane),
        ...[from, base, out, sum].map((at) => increase(at, 16)),
      );
    },
  };
}
