import { describe, expect, it } from "vitest";
import { pixelPrint } from "./pixelPrint.ts";
import { createRandom } from "./random.ts";

describe("the print of pixels", () => {
  const random = createRandom(5);
  const pixels = Float32Array.from({ length: 5000 }, () => random.normal());

  it("is that of equal pixels, wherever they lie", () => {
    const other = new Float32Array(5003);
    other.set(pixels, 3);
    expect(pixelPrint(other.subarray(3))).toBe(pixelPrint(pixels));
    expect(pixelPrint(pixels)).toMatch(/^[0-9a-f]{16}$/);
  });

  it("is another one when the least bit of any pixel is, or two are exchanged, or one is missing", () => {
    const prints = new Set([pixelPrint(pixels)]);
    const bits = new Uint32Array(pixels.buffer);
    for (const i of [0, 1, 2500, 4998, 4999]) {
      bits[i] ^= 1;
      prints.add(pixelPrint(pixels));
      bits[i] ^= 1;
    }
    const exchanged = pixels.slice();
    [exchanged[10], exchanged[11]] = [pixels[11], pixels[10]];
    prints.add(pixelPrint(exchanged));
    prints.add(pixelPrint(pixels.subarray(0, 4999)));
    prints.add(pixelPrint(new Float32Array(5000)));
    expect(prints.size).toBe(9);
  });
});
