import { describe, expect, it } from "vitest";
import type { PixelArray } from "#src/domain/movie.ts";
import { createRandom } from "../random.ts";
import { createFastBinning } from "../wasm/binKernel.ts";
import { withoutWasm } from "../wasm/wasmModule.ts";
import { FrameBinner, HALVING_TAPS, planBinning } from "./binFrame.ts";

const makers: readonly ((values: number[]) => PixelArray)[] = [
  (v) => Uint8Array.from(v),
  (v) => Uint16Array.from(v, (x) => 30 * x),
  (v) => Int16Array.from(v, (x) => x - 3),
  (v) => Float32Array.from(v, (x) => x / 3),
];

describe("binning", () => {
  it("gives the same with the kernels and without: pixels, sum, strays", () => {
    const plan = planBinning(9, 8, 2, null, null, null);
    expect(createFastBinning({ ...plan, taps: HALVING_TAPS })).not.toBeNull();
    const random = createRandom(11);
    for (let n = 0; n < 32; n++) {
      const width = 9 + random.integer(60);
      const height = 9 + random.integer(50);
      const count = width * height;
      const frames = [0, 1].map(() => {
        const values = Array.from({ length: count }, () => random.poisson(2));
        // A hit of the kind that is repaired, and for floats no number.
        values[random.integer(count)] = n % 4 === 3 ? NaN : 250;
        return makers[n % 4](values);
      });
      const gain =
        n % 3 === 0
          ? null
          : Float32Array.from({ length: count }, () => 0.8 + 0.4 * random.uniform());
      const dark = n % 5 === 0 ? Float32Array.from({ length: count }, () => 0.1) : null;
      const bad = new Uint8Array(count);
      for (let k = 0; k < 4; k++) bad[random.integer(count)] = 1;
      const run = (): { images: Float32Array[]; binner: FrameBinner } => {
        const binner = new FrameBinner(
          planBinning(width, height, [1, 2, 4, 8][n % 4], gain, dark, bad),
        );
        return { images: frames.map((frame) => binner.bin(frame)), binner };
      };
      const fast = run();
      const slow = withoutWasm(run);
      expect([...fast.binner.strays].sort()).toEqual([...slow.binner.strays].sort());
      expect(slow.binner.strays.size).toBeGreaterThan(0);
      const pairs = [
        ...fast.images.map((image, t) => [image, slow.images[t]] as const),
        [fast.binner.sum, slow.binner.sum] as const,
      ];
      // Rounding of single precision in sums of a few values below 300.
      for (const [a, b] of pairs)
        a.forEach((v, i) => {
          if (!(Math.abs(v - b[i]) <= 1e-4)) expect([i, v]).toEqual([i, b[i]]);
        });
    }
  });
});
