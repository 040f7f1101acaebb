import { describe, expect, it } from "vitest";
import { fillPhases } from "#src/math/motion/phaseTables.ts";
import { createRandom } from "#src/math/random.ts";
import { relativeError, useTestDevice } from "#src/testing/gpu.ts";
import { createLeaveOneOut } from "./leaveOneOut.ts";

const random = createRandom(52);
const noise = (n: number) => Float32Array.from({ length: n }, () => random.normal());

type Complex = readonly [number, number];
const times = ([a, b]: Complex, [c, d]: Complex): Complex => [a * c - b * d, a * d + b * c];
const minus = ([a, b]: Complex, [c, d]: Complex): Complex => [a - c, b - d];
const conjugate = ([a, b]: Complex): Complex => [a, -b];

describe("leaveOneOut on the device", () => {
  const device = useTestDevice();

  it.each([
    { chain: false, mended: false, subtract: false, items: 3, firstFrame: 0 },
    { chain: false, mended: true, subtract: true, items: 1, firstFrame: 2 },
    { chain: true, mended: true, subtract: true, items: 1, firstFrame: 0 },
    { chain: true, mended: false, subtract: false, items: 1, firstFrame: 1 },
  ])("chain $chain, mended $mended, from frame $firstFrame", async (given) => {
    const { chain, mended, subtract, items, firstFrame } = given;
    const [kx, ky, frames, count] = [11, 7, 5, items === 1 ? 3 : 5];
    const columns = kx + 1;
    const plane = (2 * ky + 1) * columns;
    const spectra = noise(2 * plane * frames * items);
    const shifts = noise(2 * frames * items);
    const phases = new Float32Array(2 * frames * items * (kx + ky + 2));
    fillPhases(shifts, { width: 40, height: 32, kx, ky }, phases);
    const base = noise(2 * plane);
    const sums = noise(8 * plane * items).map((v, i) => (i % 8 === 2 ? Math.abs(v) : v));
    const weight = noise(plane).map((v, i) => (i % 5 === 0 ? 0 : v));
    const kernel = await createLeaveOneOut(device.gpu);
    const found = await device.run(
      { spectra, phases, base, sums, weight, cross: 2 * plane * count * items },
      "cross",
      (encoder, b) =>
        kernel.encode(encoder, {
          ...{ ...b, base: subtract ? b.base : null, items, frames, firstFrame, count },
          ...{ kx, ky, chain, mended },
        }),
    );
    const expected: number[] = [];
    for (let p = 0; p < items; p++)
      for (let t = firstFrame; t < firstFrame + count; t++)
        for (let i = 0; i < plane; i++) {
          const frame = (s: number): Complex => {
            const at = 2 * ((p * frames + s) * plane + i);
            const own: Complex = [spectra[at], spectra[at + 1]];
            return subtract ? minus(own, [base[2 * i], base[2 * i + 1]]) : own;
          };
          const S = sums.subarray(8 * (p * plane + i), 8 * (p * plane + i + 1));
          const m = mended ? S[2] / (frames * (frames - 1)) : 0;
          const angle =
            2 *
            Math.PI *
            (((i % columns) * shifts[2 * (p * frames + t)]) / 40 +
              ((Math.floor(i / columns) - ky) * shifts[2 * (p * frames + t) + 1]) / 32);
          const e: Complex = [Math.cos(angle), Math.sin(angle)];
          let x: Complex = [0, 0];
          if (chain) {
            if (t > 0) x = times(frame(t), conjugate(frame(t - 1)));
            x = t > 0 ? [x[0] + m, x[1]] : x;
          } else {
            const a = times(frame(t), e);
            const [re, im] = times(a, conjugate(minus([S[0], S[1]], a)));
            const [pr, pi] = times(e, conjugate(minus([S[6], S[7]], e)));
            x = [re + m * pr, im + m * pi];
          }
          expected.push(weight[i] * x[0], weight[i] * x[1]);
        }
    expect(relativeError(found, expected)).toBeLessThan(1e-6);
  });
});
