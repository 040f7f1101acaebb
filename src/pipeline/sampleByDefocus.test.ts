import { describe, expect, it } from "vitest";
import { defaultSampleOptions, noFilters } from "#src/domain/ctf.ts";
import type { SampleOptions } from "#src/domain/ctf.ts";
import { openCtf } from "#src/formats/ctf/openCtf.ts";
import type { CtfDocument } from "#src/formats/ctf/openCtf.ts";
import { memorySource } from "#src/formats/memorySource.ts";
import { parseStar } from "#src/formats/star/parseStar.ts";
import { findTable, textColumn } from "#src/formats/star/starTable.ts";
import { relionTable, sessionDefoci } from "#src/testing/ctfTables.ts";
import { sampleReadiness } from "#src/math/defocusSample.ts";
import { sampleByDefocus, sampleFiles, statisticsLine } from "./sampleByDefocus.ts";

async function documentOf(defoci: readonly number[]): Promise<CtfDocument> {
  const bytes = new TextEncoder().encode(relionTable(defoci));
  const opened = await openCtf([memorySource("micrographs_ctf.star", bytes)]);
  if (opened.kind === "question") throw new Error(opened.question.reason);
  return opened.document;
}

const options: SampleOptions = { ...defaultSampleOptions, seed: 20_418 };

describe("sampleByDefocus", () => {
  it("leaves failed fits out with the reason, and balances over the bins", async () => {
    const { table } = await documentOf([...sessionDefoci(400, 2), -999, -999, 0, 2e5]);
    const sample = sampleByDefocus(table, options);
    expect(sample.rows).toHaveLength(25);
    expect(sample.populationRows).toHaveLength(400);
    expect(sample.leftOut).toEqual([
      { reason: "failed fit (defocus −999)", count: 2 },
      { reason: "failed fit (negative defocus)", count: 1 },
      { reason: "failed fit (defocus above 10 µm)", count: 1 },
    ]);
    expect(sample.bins.reduce((a, b) => a + b.population, 0)).toBe(400);
    expect(sample.balance).toBeGreaterThan(0.98);
    expect(sample.summary).toContain("From 400 micrographs");
    expect(sampleByDefocus(table, options).rows).toEqual(sample.rows);
    expect(sampleByDefocus(table, { ...options, seed: 7 }).rows).not.toEqual(sample.rows);
  });

  it("is not stretched by one absurd value, unlike the original", async () => {
    const { table } = await documentOf([...sessionDefoci(300, 4), 60_000]);
    const ours = sampleByDefocus(table, options);
    const original = sampleByDefocus(table, { ...options, parity: true });
    expect(ours.balance).toBeGreaterThan(0.98);
    expect(original.bins.filter((b) => b.population === 0).length).toBeGreaterThan(2);
  });

  it("keeps failed fits in parity mode, as the original does, and fails where it fails", async () => {
    const { table } = await documentOf([...sessionDefoci(30, 4), -999]);
    const sample = sampleByDefocus(table, { ...options, parity: true });
    expect(sample.population.min).toBe(-999);
    expect(sample.notes.join()).toContain("1 failed fits are in the population");
    expect(() => sampleByDefocus(table, { ...options, parity: true, count: 40 })).toThrow(
      "original procedure fails",
    );
    const all = sampleByDefocus(table, { ...options, count: 40 });
    expect(all.rows).toHaveLength(30);
    expect(all.notes.join()).toContain("all were taken");
  });

  it("filters, excludes and locks", async () => {
    const { table } = await documentOf(sessionDefoci(500, 6));
    const names = table.estimates.map((e) => e.micrograph);
    const sample = sampleByDefocus(table, {
      ...options,
      filters: { ...noFilters, maxResolutionA: 4, minFigureOfMerit: 0.08 },
      locked: [names[3], names[4]],
      excluded: names.slice(10, 40),
    });
    const worst = table.estimates.findIndex((e) => (e.resolutionA ?? 0) > 4);
    expect(worst).toBeGreaterThanOrEqual(0);
    expect(sample.rows).toEqual(expect.arrayContaining([3, 4]));
    for (const r of sample.rows) {
      if (r === 3 || r === 4) continue;
      expect(table.estimates[r].resolutionA).toBeLessThanOrEqual(4);
      expect(table.estimates[r].figureOfMerit).toBeGreaterThanOrEqual(0.08);
      expect(r < 10 || r >= 40).toBe(true);
    }
    expect(sample.leftOut.find((l) => l.reason === "left out by hand")?.count).toBe(30);
    expect(() =>
      sampleByDefocus(table, { ...options, filters: { ...noFilters, maxResolutionA: 1 } }),
    ).toThrow("None of 500");
  });

  it("takes bins by hand", async () => {
    const { table } = await documentOf(sessionDefoci(300, 8));
    const sample = sampleByDefocus(table, { ...options, innerEdges: [8000, 9000], count: 9 });
    expect(sample.bins.map((b) => b.selected)).toEqual([3, 3, 3]);
    expect(sample.bins[1]).toMatchObject({ from: 8000, to: 9000 });
    expect(() => sampleByDefocus(table, { ...options, innerEdges: [9000, 8000] })).toThrow(
      "ascend",
    );
  });

  it("refuses options that make no sense", async () => {
    const { table } = await documentOf([9000]);
    for (const wrong of [{ count: 0 }, { bins: 1.5 }, { seed: -1 }])
      expect(() => sampleByDefocus(table, { ...options, ...wrong })).toThrow("whole number");
  });

  it("waits for the minimum unless the table is closed", () => {
    expect(sampleReadiness(63, 100, false)).toEqual({ ready: false, note: "63 of 100 arrived" });
    expect(sampleReadiness(63, 100, true).ready).toBe(true);
    expect(sampleReadiness(100, 100, false)).toEqual({ ready: true, note: null });
  });

  it("prints the protocol's line", async () => {
    const { table } = await documentOf([1000.9, 2000, 3000, 4000]);
    expect(statisticsLine(sampleByDefocus(table, options))).toBe(
      "The defocus statistics are the following: range 2999   min 1000   max 4000   mean 2500   std 1290.6",
    );
  });
});

describe("sampleFiles", () => {
  it("writes linked tables, names, CSV and JSON that draws the same sample again", async () => {
    const document = await documentOf(sessionDefoci(200, 9));
    const sample = sampleByDefocus(document.table, options);
    const files = sampleFiles(
      document,
      sample,
      options,
      ["table", "micrographs", "names", "csv", "json"],
      new Date(0),
    );
    const text = (name: string): string =>
      new TextDecoder().decode(files.find((f) => f.name === name)!.bytes);
    const names = sample.rows.map((r) => document.table.estimates[r].micrograph);
    const cut = parseStar(text("micrographs_ctf_sampled.star"), "cut");
    expect(textColumn(findTable(cut, "micrographs")!, "rlnMicrographName")).toEqual(names);
    const linked = parseStar(text("sampled_micrographs.star"), "linked");
    expect(textColumn(findTable(linked, "micrographs")!, "rlnMicrographName")).toEqual(names);
    expect(findTable(linked, "optics")!.rows).toEqual(findTable(cut, "optics")!.rows);
    expect(text("selected.txt").trimEnd().split("\n")).toEqual(names);
    expect(text("selected.csv").trimEnd().split("\n")).toHaveLength(26);
    const report = JSON.parse(text("sample.json")) as {
      options: SampleOptions;
      selected: string[];
    };
    expect(report.selected).toEqual(names);
    expect(sampleByDefocus(document.table, report.options).rows).toEqual(sample.rows);
  });
});
