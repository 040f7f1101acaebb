import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";
import { plausibleValues, repairStrayPixels } from "./strayPixels.ts";

describe("repairStrayPixels", () => {
  const [width, height] = [90, 70];
  const random = createRandom(12);
  const clean = Float32Array.from({ length: width * height }, () => 50 + 4 * random.normal());

  it("replaces X-rays and NaN by pixels nearby and leaves the rest alone", () => {
    const frame = clean.slice();
    const stray = [0, 45, 30 * width + 40, height * width - 1];
    stray.forEach((i, n) => (frame[i] = n === 1 ? NaN : 4000 + n));
    expect(repairStrayPixels(frame, width, height, 2)).toBe(4);
    frame.forEach((v, i) => {
      if (stray.includes(i)) expect(Math.abs(v - 50)).toBeLessThan(25);
      else expect(v).toBe(clean[i]);
    });
  });

  it("keeps every count of a sparse frame, and of a blank one", () => {
    const sparse = Uint8Array.from({ length: width * height }, () =>
      random.uniform() < 0.02 ? 1 + Math.floor(3 * random.uniform()) : 0,
    );
    const before = sparse.slice();
    expect(repairStrayPixels(sparse, width, height, 0)).toBe(0);
    expect(sparse).toEqual(before);
    const { low, high } = plausibleValues(new Uint8Array(100).fill(7));
    expect(low).toBeLessThan(7);
    expect(high).toBeGreaterThan(7);
  });

  it("finds the same in bytes, four at a time, as one by one", () => {
    for (const mean of [0, 3, 30, 90, 140]) {
      for (const odd of [0, 1, 2, 3]) {
        const bytes = Uint8Array.from({ length: 61 * (40 + odd) }, () => random.poisson(mean));
        const hits = 1 + random.integer(9);
        for (let k = 0; k < hits; k++)
          bytes[random.integer(bytes.length)] = 60 + random.integer(196);
        const one = Int16Array.from(bytes);
        const found = repairStrayPixels(one, 61, 40 + odd, 5);
        expect(repairStrayPixels(bytes, 61, 40 + odd, 5)).toBe(found);
        expect(Array.from(bytes)).toEqual(Array.from(one));
      }
    }
  });
});
