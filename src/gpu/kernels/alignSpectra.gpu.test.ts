import { describe, expect, it } from "vitest";
import { GlobalSpectra } from "#src/math/motion/globalSpectra.ts";
import type { Spectrum } from "#src/math/motion/globalSpectra.ts";
import { fillPhases } from "#src/math/motion/phaseTables.ts";
import { createRandom } from "#src/math/random.ts";
import { relativeError, useTestDevice } from "#src/testing/gpu.ts";
import { createAlignSpectra } from "./alignSpectra.ts";

const random = createRandom(51);
const noise = (n: number) => Float32Array.from({ length: n }, () => random.normal());

describe("alignSpectra on the device", () => {
  const device = useTestDevice();

  // One coefficient, more than a workgroup of them, and several items.
  it.each([
    { kx: 0, ky: 0, frames: 1, items: 1, subtract: false },
    { kx: 9, ky: 5, frames: 7, items: 1, subtract: true },
    { kx: 3, ky: 4, frames: 4, items: 5, subtract: false },
    { kx: 30, ky: 21, frames: 2, items: 3, subtract: true },
  ])("$items of $frames frames, kx ≤ $kx, ky ≤ $ky", async (sizes) => {
    const { kx, ky, frames, items, subtract } = sizes;
    const shape = { width: 64, height: 48, kx, ky };
    const plane = (2 * ky + 1) * (kx + 1);
    const spectra = noise(2 * plane * frames * items);
    const shifts = noise(2 * frames * items).map((v) => 4 * v);
    const phases = new Float32Array(2 * frames * items * (kx + ky + 2));
    fillPhases(shifts, shape, phases);
    const base = noise(2 * plane);
    const planar = (data: Float32Array, at: number): Spectrum => ({
      re: Float32Array.from({ length: plane }, (_, i) => data[at + 2 * i]),
      im: Float32Array.from({ length: plane }, (_, i) => data[at + 2 * i + 1]),
    });
    const kernel = await createAlignSpectra(device.gpu);
    const found = await device.run(
      { spectra, phases, base, sums: 8 * plane * items },
      "sums",
      (encoder, b) =>
        kernel.encode(encoder, {
          ...{ ...b, base: subtract ? b.base : null, items, frames, kx, ky },
        }),
    );
    for (let p = 0; p < items; p++) {
      const own = Array.from({ length: frames }, (_, t) =>
        planar(spectra, 2 * plane * (p * frames + t)),
      );
      const twin = new GlobalSpectra(shape, own);
      const taken = subtract ? planar(base, 0) : null;
      const mine = Float64Array.from(shifts.subarray(2 * frames * p, 2 * frames * (p + 1)));
      const { sumRe, sumIm, phaseRe, phaseIm } = twin.alignedSums(mine, taken);
      const still = twin.alignedSums(new Float64Array(2 * frames), taken);
      const power = twin.power(taken);
      const expected = Array.from({ length: plane }, (_, i) => [
        ...[sumRe[i], sumIm[i], power[i], 0],
        ...[still.sumRe[i], still.sumIm[i], phaseRe[i], phaseIm[i]],
      ]).flat();
      // A few products and sums in single precision.
      const part = found.subarray(8 * plane * p, 8 * plane * (p + 1));
      expect(relativeError(part, expected)).toBeLessThan(1e-6);
    }
  });
});
