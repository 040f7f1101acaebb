import { describe, expect, it } from "vitest";
import { findOutliers } from "#src/math/preprocess/badPixels.ts";
import { useTestDevice } from "#src/testing/gpu.ts";
import { normalFloats } from "#src/testing/kernelLines.ts";
import { createFindOutliers } from "./findOutliers.ts";

describe("findOutliers on the device", () => {
  const device = useTestDevice();

  it.each([1, 37 * 23, 257 * 19])("lists those of %i pixels, limits excluded", async (count) => {
    const pixels = normalFloats(count, count);
    [pixels[0], pixels[count - 1]] = [-1.5, 2.5];
    const limits = { low: -1.5, high: 1.25 };
    const expected = findOutliers(pixels, limits);
    const kernel = await createFindOutliers(device.gpu);
    const capacity = count;
    const run = async (room: number): Promise<Uint32Array> => {
      const found = await device.run(
        { pixels, found: new Uint32Array(room + 1) },
        "found",
        (encoder, b) => kernel.encode(encoder, { ...b, count, capacity: room, ...limits }),
      );
      return new Uint32Array(found.buffer);
    };
    const all = await run(capacity);
    expect(all[0]).toBe(expected.length);
    expect(Array.from(all.slice(1, 1 + all[0]).sort())).toEqual(expected);
    // More than the list holds: the number is still right, and what is listed is among them.
    const few = await run(2);
    expect(few[0]).toBe(expected.length);
    for (const index of few.slice(1, 1 + Math.min(2, few[0]))) expect(expected).toContain(index);
  });
});
