import { describe, expect, it } from "vitest";
import { imagePrint, textPrint } from "./contentPrint.ts";

describe("prints of what files hold", () => {
  const pixels = Float32Array.from({ length: 12 }, (_, i) => 1 + i / 100);
  const header = { width: 4, height: 3, format: "mrc" } as const;

  it("are those of a copy, and others for other pixels, sizes, rows and defects", () => {
    const own = imagePrint(header, pixels);
    expect(imagePrint({ ...header }, pixels.slice())).toBe(own);
    const other = pixels.slice();
    other[7] += 1e-6;
    const all = [
      own,
      imagePrint(header, other),
      imagePrint({ ...header, width: 3, height: 4 }, pixels),
      imagePrint({ ...header, format: "tiff" }, pixels),
      imagePrint({ ...header, defectsXml: "<point x='1' y='2'/>" }, pixels),
      ...[textPrint("0 0 1 1"), textPrint("0 0 1 2")],
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});
