import { describe, expect, it } from "vitest";
import { rowOfFile } from "./micrographInputs.ts";

const table = {
  entries: [
    "MotionCorr/job002/grid1/mic_1.mrc",
    "MotionCorr/job002/grid2/mic_1.mrc",
    "./MotionCorr/job002/grid2/mic_2.mrc",
    "C:\\data\\mic_3.mrc",
    "a/twice.mrc",
    "b/twice.mrc",
  ].map((path) => ({ path, pixelSizeA: null })),
};
const row = (path: string): number | null =>
  rowOfFile(table, { name: path.split("/").at(-1) ?? "", path });

describe("files that a table names", () => {
  it("are found by name, and by the folders that they share", () => {
    expect(row("mic_2.mrc")).toBe(2);
    expect(row("session/mic_3.mrc")).toBe(3);
    expect(row("grid2/mic_1.mrc")).toBe(1);
    expect(row("job002/grid1/mic_1.mrc")).toBe(0);
  });

  it("are none where the name is another one, or two rows fit as well", () => {
    expect(row("mic_22.mrc")).toBeNull();
    expect(row("mic_2.tif")).toBeNull();
    expect(row("twice.mrc")).toBeNull();
    expect(row("mic_1.mrc")).toBeNull();
  });
});
