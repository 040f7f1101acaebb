import { describe, expect, it } from "vitest";
import { useTestDevice } from "#src/testing/gpu.ts";
import { LINE_SHAPES, normalFloats, sortEach } from "#src/testing/kernelLines.ts";
import { createSortLines } from "./sortLines.ts";

describe("sortLines (sortRuns and mergeRuns) on the device", () => {
  const device = useTestDevice();

  it.each(LINE_SHAPES)("sorts each line, %i of %i", async (lines, length) => {
    const source = normalFloats(lines * length, length);
    source.fill(0.25, 0, Math.floor(length / 3)); // ties
    const sorter = await createSortLines(device.gpu);
    const [first, second] = [lines * length, lines * length];
    const found = await device.run({ source, first, second }, "first", (encoder, b) =>
      sorter.encode(encoder, { source: b.source, buffers: [b.first, b.second], lines, length }),
    );
    // Sorting moves values and changes none.
    expect(found).toEqual(sortEach(source.slice(), length));
  });

  it("leaves its source as it is", async () => {
    const source = normalFloats(5 * 40, 3);
    const sorter = await createSortLines(device.gpu);
    const found = await device.run({ source, first: 200, second: 200 }, "source", (encoder, b) => {
      sorter.encode(encoder, { ...b, buffers: [b.first, b.second], lines: 5, length: 40 });
    });
    expect(found).toEqual(source);
  });
});
