import { describe, expect, it } from "vitest";
import { createRandom } from "#src/math/random.ts";
import { relativeError, useTestDevice } from "#src/testing/gpu.ts";
import { createWeighPattern } from "./weighPattern.ts";

const random = createRandom(57);

describe("weighPattern on the device", () => {
  const device = useTestDevice();

  it.each([
    [8, 1, 3],
    [12, 3, 4],
    [16, 4, 7],
  ])("side %i, %i patches, kept %i", async (side, items, kept) => {
    const frames = 6;
    const columns = kept + 1;
    const plane = (2 * kept + 1) * columns;
    // |Q| ≤ T, up to T itself at the lowest frequencies.
    const sums = Float32Array.from({ length: 8 * plane * items }, (_, i) =>
      i % 8 < 6 ? random.normal() : frames * 0.7 * random.uniform(),
    );
    const ratios = Float32Array.from({ length: 2 * plane }, (_, i) =>
      i % 14 === 0 ? -1 : 0.01 + random.uniform(),
    );
    const kernel = await createWeighPattern(device.gpu);
    const members = Math.ceil(items / 2);
    const found = await device.run(
      { sums, ratios, pairs: 2 * members * side * side },
      "pairs",
      (encoder, b) => kernel.encode(encoder, { ...b, side, items, frames, kept }),
    );
    const half = (p: number, ky: number, kx: number): readonly [number, number] => {
      const i = (ky + kept) * columns + kx;
      if (p >= items || ratios[2 * i] < 0) return [0, 0];
      const [m1r, m1i, , , m0r, m0i, qr, qi] = sums.subarray(8 * (p * plane + i));
      const still = frames + ratios[2 * i];
      const moving = frames + ratios[2 * i + 1];
      const below = still * moving - qr * qr - qi * qi;
      return [
        (moving * m0r - (qr * m1r + qi * m1i)) / below,
        (moving * m0i - (qr * m1i - qi * m1r)) / below,
      ];
    };
    const whole = (p: number, ky: number, kx: number): readonly [number, number] => {
      if (Math.abs(ky) > kept || Math.abs(kx) > kept) return [0, 0];
      if (kx >= 0) return half(p, ky, kx);
      const [re, im] = half(p, -ky, -kx);
      return [re, -im];
    };
    const signed = (k: number): number => (2 * k < side ? k : k - side);
    const expected = new Float64Array(found.length);
    for (let y = 0; y < side; y++)
      for (let b = 0; b < members; b++)
        for (let x = 0; x < side; x++) {
          const [ar, ai] = whole(2 * b, signed(y), signed(x));
          const [br, bi] = whole(2 * b + 1, signed(y), signed(x));
          const at = 2 * ((y * members + b) * side + x);
          [expected[at], expected[at + 1]] = [ar - bi, ai + br];
        }
    expect(relativeError(found, expected)).toBeLessThan(1e-5);
  });
});
