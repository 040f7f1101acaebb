import { describe, expect, it } from "vitest";
import type { PixelArray } from "#src/domain/movie.ts";
import { createRandom } from "#src/math/random.ts";
import { useTestDevice } from "#src/testing/gpu.ts";
import { packedType } from "../packed.ts";
import { createCorrectFrame } from "./correctFrame.ts";

const random = createRandom(63);

/** The formula of the shader in double precision. */
function expectedOf(
  frame: PixelArray,
  width: number,
  height: number,
  correction: Float32Array | null,
  dark: Float32Array | null,
  marks: Uint8Array | null,
  [low, high, mean]: readonly [number, number, number],
) {
  const at = (i: number): number | null => {
    const v = (frame[i] - (dark?.[i] ?? 0)) * (correction?.[i] ?? 1);
    return ((marks?.[i] ?? 0) & 2) === 0 && v >= low && v <= high ? v : null;
  };
  const neighbours = (i: number): number => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const found: number[] = [];
    for (let v = y - 2; v <= y + 2; v++)
      for (let u = x - 2; u <= x + 2; u++) {
        if (u < 0 || v < 0 || u >= width || v >= height || (u === x && v === y)) continue;
        const value = at(v * width + u);
        if (value !== null && ((marks?.[v * width + u] ?? 0) & 1) === 0) found.push(value);
      }
    return found.length === 0 ? mean : found.reduce((a, b) => a + b, 0) / found.length;
  };
  const total = Array.from(frame, (_, i) => at(i) ?? neighbours(i));
  return {
    total,
    corrected: total.map((v, i) => (((marks?.[i] ?? 0) & 1) === 1 ? neighbours(i) : v) - mean),
    strays: Array.from(frame, (_, i) => (at(i) === null ? 1 : 0)),
  };
}

describe("correctFrame on the device", () => {
  const device = useTestDevice();
  const makers: readonly (readonly [string, (n: number) => PixelArray])[] = [
    ["uint8", (n) => new Uint8Array(n)],
    ["int8", (n) => new Int8Array(n)],
    ["uint16", (n) => new Uint16Array(n)],
    ["int16", (n) => new Int16Array(n)],
    ["uint32", (n) => new Uint32Array(n)],
    ["int32", (n) => new Int32Array(n)],
    ["float32", (n) => new Float32Array(n)],
  ];

  it.each(
    makers.flatMap(([name, make]) =>
      [false, true].map((referenced) => ({ name, make, referenced })),
    ),
  )("$name, references $referenced", async ({ make, referenced }) => {
    const [width, height] = [31, 19];
    const count = width * height;
    const frame = make(count).map(() => 20 + Math.round(3 * random.normal()));
    for (let k = 0; k < 12; k++) frame[random.integer(count)] = 120;
    if (frame instanceof Float32Array)
      [frame[0], frame[40], frame[41]] = [NaN, Infinity, -Infinity];
    const correction = Float32Array.from({ length: count }, () => 0.9 + 0.2 * random.uniform());
    const dark = Float32Array.from({ length: count }, () => random.uniform());
    const marks = new Uint8Array(count);
    // A block of listed pixels larger than the neighbourhood, and some that never count.
    for (let y = 3; y < 10; y++) for (let x = 4; x < 11; x++) marks[y * width + x] = 1;
    for (let k = 0; k < 20; k++) marks[random.integer(count)] |= 2;
    const limits = [5, 40, 19.5] as const;
    const expected = expectedOf(
      ...([frame, width, height] as const),
      ...([
        referenced ? correction : null,
        referenced ? dark : null,
        referenced ? marks : null,
      ] as const),
      limits,
    );
    const kernel = await createCorrectFrame(device.gpu);
    const before = Float32Array.from({ length: count }, () => random.integer(50));
    for (const result of ["corrected", "total", "strays"] as const) {
      const found = await device.run(
        {
          ...{ frame, correction, dark, marks, corrected: count, total: before },
          strays: new Uint32Array(count + 1),
        },
        result,
        (encoder, b) =>
          kernel.encode(encoder, {
            ...{ ...b, pixelType: packedType(frame), width, height },
            ...(referenced ? {} : { correction: null, dark: null, marks: null }),
            ...{ low: limits[0], high: limits[1], mean: limits[2] },
          }),
      );
      if (result === "strays") {
        const counts = Array.from(new Uint32Array(found.buffer));
        const all = expected.strays.reduce<number>((sum, n) => sum + n, 0);
        expect(counts).toEqual([...expected.strays, all]);
        expect(all).toBeGreaterThan(5);
      } else {
        const values =
          result === "total" ? expected.total.map((v, i) => v + before[i]) : expected.corrected;
        // Values of about 20, means of up to 24 of them.
        expect(found).toBeAllclose(values, { atol: 2e-5 });
      }
    }
  });
});
