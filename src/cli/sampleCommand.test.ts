import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { relionTable, sessionDefoci } from "#src/testing/ctfTables.ts";
import { runCommand } from "#src/testing/runCommand.ts";
import { columnsOf, sampleCommand } from "./sampleCommand.ts";

const folder = mkdtempSync(join(tmpdir(), "cryoloupe-sample-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const run = (files: readonly string[], options: Readonly<Record<string, string>>) =>
  runCommand(sampleCommand, files, options);

describe("cryoloupe sample", () => {
  const star = file("ctf.star", relionTable([...sessionDefoci(150, 5), -999]));

  it("chooses, reports and writes the cut table and the lists", async () => {
    const out = join(folder, "out");
    const { json } = await run([star], { n: "12", seed: "7", bins: "6", out });
    const selected = json.selected as string[];
    expect(selected).toHaveLength(12);
    const bins = json.perBin as { population: number; selected: number }[];
    expect(bins).toHaveLength(6);
    expect(bins.reduce((a, b) => a + b.population, 0)).toBe(150);
    expect(bins.every((b) => b.selected === 2)).toBe(true);
    expect(json.leftOut).toEqual([{ reason: "failed fit (defocus −999)", count: 1 }]);
    expect(readdirSync(out).sort()).toEqual([
      "ctf_sampled.star",
      "sample.json",
      "sampled_micrographs.star",
      "selected.csv",
      "selected.txt",
    ]);
    expect(readFileSync(join(out, "selected.txt"), "utf8").trimEnd().split("\n")).toEqual(selected);
    expect((await run([star], { n: "12", seed: "7", bins: "6" })).json.selected).toEqual(selected);
    expect((await run([star], { n: "12", seed: "8", bins: "6" })).json.selected).not.toEqual(
      selected,
    );
  });

  it("locks and excludes names from files, filters, and says that the minimum was not reached", async () => {
    const { json: first } = await run([star], {});
    const [a, b] = first.selected as string[];
    const { json, said } = await run([star], {
      lock: file("lock.txt", `${a}\n`),
      exclude: file("exclude.txt", `${b}\r\n`),
      "max-resolution": "6",
      "min-images": "500",
    });
    expect(json.selected).toContain(a);
    expect(json.selected).not.toContain(b);
    expect(said).toContain("the 500 to wait for");
  });

  it("reads on when one of several files is no table, and says which", async () => {
    const { json, failed } = await run([star, file("letter.txt", "Dear reader\n")], { n: "5" });
    expect(json.selected).toHaveLength(5);
    expect(failed).toBe(true);
    expect(json.failed).toMatchObject([{ code: "unsupported-format", file: "letter.txt" }]);
  });

  it("asks for the columns of a CSV table, and takes them", async () => {
    const csv = file("t.csv", "id,value\nx,1500\ny,1700\n");
    await expect(run([csv], {})).rejects.toThrow("Say what they mean with --columns");
    const { json } = await run([csv], { columns: "micrograph=id,defocusU=2,defocusUnit=nm" });
    expect(json.statistics).toMatchObject({ min: 15_000, max: 17_000 });
    expect(() => columnsOf("micrograph=id", ["id"])).toThrow("at least defocusU");
    expect(() => columnsOf("defocusU=nothing", ["id"])).toThrow('no column "nothing"');
    expect(() => columnsOf("defocusU=1,defocusUnit=mile", ["id"])).toThrow("defocusUnit");
  });

  it("refuses wrong options", async () => {
    for (const wrong of [{ range: "some" }, { edges: "1,x" }, { "phase-shift": "3" }, { n: "0" }])
      await expect(run([star], wrong)).rejects.toMatchObject({ code: "bad-arguments" });
    await expect(run([], {})).rejects.toThrow("one table");
  });
});
