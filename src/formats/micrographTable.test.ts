import { describe, expect, it } from "vitest";
import { processedStar, processedXmd, readMicrographTable } from "./micrographTable.ts";
import type { ProcessedEntry } from "./micrographTable.ts";
import { parseStar } from "./star/parseStar.ts";
import { writeStar } from "./star/writeStar.ts";
import { findTable, numberColumn, textColumn } from "./star/starTable.ts";

const read = (lines: readonly string[]) =>
  readMicrographTable(parseStar([...lines, ""].join("\n"), "in.star"), "in.star");

/** 4095 px of 1.1 Å become 2047 px. */
const factor = 4095 / 2047;
const entry = (row: number | null, more: Partial<ProcessedEntry> = {}): ProcessedEntry => ({
  path: `out/m${row ?? "x"}.mrc`,
  inputPixelSizeA: 1.1,
  pixelSizeA: 1.1 * factor,
  factor,
  cropOffsetPx: 0,
  row,
  ...more,
});
/** What a reader finds in the written table. */
const tables = (star: ReturnType<typeof processedStar>) => parseStar(writeStar(star), "out.star");

describe("tables of processed micrographs", () => {
  const optics = ["data_optics", "loop_", "_rlnOpticsGroup #1", "_rlnVoltage #2"];
  const rows = ["data_micrographs", "loop_", "_rlnMicrographName #1", "_rlnOpticsGroup #2"];

  it("carry columns, exact pixel sizes and the crop offset, in the order given", () => {
    const input = read([
      ...optics,
      "_rlnMicrographPixelSize #3",
      "1 300 1.1",
      ...rows,
      "_rlnAccumMotionTotal #3",
      "a.mrc 1 5.5",
      "b.mrc 1 6.5",
    ]);
    const out = tables(processedStar(input, [entry(1, { cropOffsetPx: 10 }), entry(0)]));
    const micrographs = findTable(out, "micrographs")!;
    expect(numberColumn(micrographs, "rlnAccumMotionTotal")).toEqual([6.5, 5.5]);
    expect(numberColumn(micrographs, "cryoloupeCropOffset")).toEqual([10, 0]);
    expect(numberColumn(findTable(out, "optics")!, "rlnMicrographPixelSize")?.[0]).toBeCloseTo(
      1.1 * factor,
      8,
    );
  });

  it("add the pixel size where the table had none", () => {
    const grouped = read([...optics, "1 300", ...rows, "a.mrc 1"]);
    const out = tables(processedStar(grouped, [entry(0)]));
    expect(numberColumn(findTable(out, "optics")!, "rlnMicrographPixelSize")?.[0]).toBeCloseTo(
      1.1 * factor,
      8,
    );
    const plain = read(["data_", "loop_", "_rlnMicrographName #1", "a.mrc", "b.mrc"]);
    const [table] = processedStar(plain, [entry(0), entry(1, { pixelSizeA: 3 })]);
    expect(numberColumn(table, "rlnMicrographPixelSize")?.[1]).toBe(3);
    const [unknown] = processedStar(plain, [entry(0), entry(1, { pixelSizeA: null })]);
    expect(unknown.labels).not.toContain("rlnMicrographPixelSize");
    const xmd = read(["data_noname", "loop_", "_micrograph", "a.mrc"]);
    expect(numberColumn(processedXmd(xmd, [entry(0)])[0], "samplingRate")?.[0]).toBeCloseTo(
      1.1 * factor,
      8,
    );
  });

  it("scale the detector's pixel of RELION 3.0, whose magnification stays", () => {
    const input = read([
      ...["data_", "loop_", "_rlnMicrographName #1", "_rlnMagnification #2"],
      ...["_rlnDetectorPixelSize #3", "a.mrc 10000 1.1"],
    ]);
    expect(input.entries[0].pixelSizeA).toBeCloseTo(1.1, 9);
    const [table] = processedStar(input, [entry(0)]);
    expect(numberColumn(table, "rlnDetectorPixelSize")?.[0]).toBeCloseTo(1.1 * factor, 8);
    expect(numberColumn(table, "rlnMagnification")).toEqual([10_000]);
    expect(table.labels).not.toContain("rlnMicrographPixelSize");
  });

  it("are fresh where a micrograph is in no row", () => {
    const input = read([...optics, "1 300", ...rows, "a.mrc 1"]);
    const out = tables(processedStar(input, [entry(0), entry(null)]));
    expect(textColumn(findTable(out, "micrographs")!, "rlnMicrographName")).toEqual([
      "out/m0.mrc",
      "out/mx.mrc",
    ]);
    expect(findTable(out, "optics")!.labels).not.toContain("rlnVoltage");
  });

  it("give each optics group the exact size of its members, and part a group whose members differ", () => {
    const input = read([
      ...["data_optics", "loop_", "_rlnOpticsGroupName #1", "_rlnOpticsGroup #2"],
      ...["_rlnMicrographPixelSize #3", "fine 1 0.6", "coarse 2 1.1", "later 3 2"],
      ...rows,
      ...["a.mrc 1", "b.mrc 2", "c.mrc 2", "d.mrc 1"],
    ]);
    expect(input.entries.map(({ pixelSizeA }) => pixelSizeA)).toEqual([0.6, 1.1, 1.1, 0.6]);
    const of = (row: number, inputPixelSizeA: number, by: number) =>
      entry(row, { inputPixelSizeA, factor: by, pixelSizeA: inputPixelSizeA * by });
    const out = tables(
      processedStar(input, [of(0, 0.6, 2), of(1, 1.1, factor), of(2, 1.1, 2), of(3, 0.6, 2)]),
    );
    const optics = findTable(out, "optics")!;
    expect(numberColumn(optics, "rlnOpticsGroup")).toEqual([1, 2, 3, 4]);
    expect(textColumn(optics, "rlnOpticsGroupName")).toEqual([
      "fine",
      "coarse",
      "later",
      "coarse_2",
    ]);
    const sizes = numberColumn(optics, "rlnMicrographPixelSize") ?? [];
    [1.2, 1.1 * factor, 2, 2.2].forEach((size, i) => expect(sizes[i]).toBeCloseTo(size, 8));
    expect(numberColumn(findTable(out, "micrographs")!, "rlnOpticsGroup")).toEqual([1, 2, 4, 1]);
    // A pixel size that was entered counts more than the table's.
    const entered = tables(processedStar(input, [of(0, 0.7, 2)]));
    expect(numberColumn(findTable(entered, "optics")!, "rlnMicrographPixelSize")?.[0]).toBeCloseTo(
      1.4,
      8,
    );
  });
});
