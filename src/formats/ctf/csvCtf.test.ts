import { describe, expect, it } from "vitest";
import { cutTexts, openCtfFiles } from "#src/testing/ctfDocuments.ts";
import type { CsvColumns } from "#src/domain/ctf.ts";
import { memorySource } from "../memorySource.ts";
import { openCtf } from "./openCtf.ts";

describe("CSV tables", () => {
  it("with telling names need no question, and are cut as they are", async () => {
    const source =
      'Micrograph Name;Defocus U (µm);Defocus V (µm);Note\r\n"a;1.mrc";1,5;1,4;"two\nlines"\r\nb.mrc;2.0;1.9;x\r\nc.mrc;-999;-1;x\r\n';
    const document = await openCtfFiles({ "t.csv": source });
    expect(document.table.estimates.map((e) => [e.micrograph, e.defocusU])).toEqual([
      ["a;1.mrc", 15_000],
      ["b.mrc", 20_000],
      ["c.mrc", -999],
    ]);
    expect(document.table.estimates[2].failure).toContain("−999");
    expect(cutTexts(document, [0])[0]).toBe(source.slice(0, source.indexOf("b.mrc")));
  });

  it("that are not certain become a question", async () => {
    const source = "id,defocus\nx1,1500\nx2,1800\n";
    const opened = await openCtf([memorySource("t.csv", new TextEncoder().encode(source))]);
    expect(opened.kind).toBe("question");
    if (opened.kind !== "question") return;
    expect(opened.question.guess.defocusU).toBe(1);
    expect(opened.question.reason).toContain("unit");
    const columns: CsvColumns = { ...opened.question.guess, micrograph: 0, defocusUnit: "nm" };
    const { table } = await openCtfFiles({ "t.csv": source }, { csvColumns: columns });
    expect(table.estimates.map((e) => [e.micrograph, e.defocusU])).toEqual([
      ["x1", 15_000],
      ["x2", 18_000],
    ]);
  });
});
