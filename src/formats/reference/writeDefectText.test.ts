import { describe, expect, it } from "vitest";
import { defectMask } from "#src/math/defectMask.ts";
import { createRandom } from "#src/math/random.ts";
import { parseDefectText } from "./defectLists.ts";
import { writeDefectText } from "./writeDefectText.ts";

describe("writeDefectText", () => {
  it("is read back as the same mask", () => {
    const [width, height] = [40, 30];
    const random = createRandom(4);
    const bad = Uint8Array.from({ length: width * height }, (_, i) =>
      random.uniform() < 0.02 || i % width === 11 || Math.floor(i / width) === 20 ? 1 : 0,
    );
    const text = writeDefectText(bad, width, height);
    expect([...defectMask(parseDefectText(text, "defects.txt"), width, height)]).toEqual([...bad]);
    expect(text).toContain("11 0 1 30\n");
    expect(text.split("\n").length).toBeLessThan(70);
  });
});
