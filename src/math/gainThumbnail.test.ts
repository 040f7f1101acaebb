import { describe, expect, it } from "vitest";
import { gainThumbnail } from "./gainThumbnail.ts";

describe("gain in small", () => {
  it("keeps block means within a step of grey, and leaves bad pixels out", () => {
    const [width, height] = [768, 384];
    const bad = new Uint8Array(width * height);
    const values = Float32Array.from({ length: width * height }, (_, i) => {
      const x = i % width;
      if (x % 5 === 2) bad[i] = 1;
      return bad[i] === 1 ? 0 : 1 + (0.1 * x) / width;
    });
    const { columns, rows, low, high, grey } = gainThumbnail({ width, height, bad }, values);
    expect([columns, rows]).toEqual([128, 64]);
    for (const column of [0, 50, 127]) {
      const value = low + ((high - low) * grey[30 * columns + column]) / 255;
      // A block of 6 px, at most two of them bad, and half a step of 8 bits.
      expect(Math.abs(value - (1 + (0.1 * (6 * column + 2.5)) / width))).toBeLessThan(
        0.2 / width + (high - low) / 255,
      );
    }
  });

  it("stays defined where all pixels are equal or bad", () => {
    const size = { width: 10, height: 10, bad: new Uint8Array(100) };
    expect(gainThumbnail(size, new Float32Array(100).fill(1)).low).toBe(1);
    const none = gainThumbnail({ ...size, bad: size.bad.map(() => 1) }, new Float32Array(100));
    expect(Array.from(none.grey)).toEqual(new Array(100).fill(0));
  });
});
