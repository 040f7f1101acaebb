import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { relionTable, sessionDefoci } from "#src/testing/ctfTables.ts";
import { runCommand } from "#src/testing/runCommand.ts";
import { columnsOf, sampleCommand } from "./sampleCommand.ts";

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** A result of CTFFIND 4 for one micrograph. */
function ctffind(name: string, defocus: number): string {
  const numbers = [1, defocus, defocus - 150, 30, 0, 0.1, 4].map((n) => n.toFixed(6)).join(" ");
  return [
    "# Output from CTFFind version 4.1.14, run on 2026-01-01 10:00:00",
    `# Input file: ${name} ; Number of micrographs: 1`,
    "# Pixel size: 1.000 Angstroms ; acceleration voltage: 300.0 keV ; spherical aberration: 2.70 mm ; amplitude contrast: 0.07",
    "# Box size: 512 pixels ; min. res.: 30.0 Angstroms ; max. res.: 5.0 Angstroms",
    "# Columns: #1 - micrograph number; #2 - defocus 1 [Angstroms]; #3 - defocus 2; …",
    `${numbers}\n`,
  ].join("\n");
}

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

  it("takes the tables of a folder, and passes over what is none", async () => {
    const session = join(folder, "session");
    mkdirSync(join(session, "day1"), { recursive: true });
    for (const [i, u] of sessionDefoci(8, 3).entries())
      writeFileSync(join(session, "day1", `mic_${i}_ctf.txt`), ctffind(`mic_${i}.mrc`, u));
    writeFileSync(join(session, "notes.txt"), "Dear reader\n");
    const { json, failed } = await run([session], { n: "4" });
    expect(failed).toBe(false);
    expect(json.population).toBe(8);
    await expect(run([join(folder, "out")], { n: "4" })).resolves.toBeDefined();
    mkdirSync(join(folder, "empty"));
    await expect(run([join(folder, "empty")], {})).rejects.toThrow("holds no table");
  });

  it("waits while a folder grows until there are enough, once", async () => {
    const session = join(folder, "growing");
    mkdirSync(session);
    const defoci = sessionDefoci(9, 4);
    const put = (i: number): void =>
      writeFileSync(join(session, `mic_${i}_ctf.txt`), ctffind(`mic_${i}.mrc`, defoci[i]));
    [0, 1, 2].forEach(put);
    const running = run([session], { watch: "", every: "0.02", "min-images": "7", n: "3" });
    await pause(150);
    // Half a file is no row yet; a failed fit is no estimate to wait for.
    writeFileSync(join(session, "mic_9_ctf.txt"), ctffind("mic_9.mrc", NaN));
    [3, 4].forEach(put);
    await pause(150);
    [5, 6, 7, 8].forEach(put);
    const { json, said } = await running;
    expect(said).toMatch(/3 of 7 arrived[\s\S]*5 of 7 arrived, 1 left out/);
    expect(json.population as number).toBeGreaterThanOrEqual(7);
    expect(json.selected).toHaveLength(3);
  });

  it("samples what there is when the stream is closed before", async () => {
    const session = join(folder, "closed");
    mkdirSync(session);
    const growing = join(session, "ctf.star");
    writeFileSync(growing, relionTable(sessionDefoci(5, 5)));
    const running = run([session], { watch: "", every: "0.02", idle: "0.3", n: "6" });
    await pause(100);
    writeFileSync(growing, relionTable(sessionDefoci(12, 5)));
    const { json, said } = await running;
    expect(json.population).toBe(12);
    expect(said).toContain("12 of 100 arrived");
    expect(said).toContain("Fewer estimates than the 100 to wait for");
    mkdirSync(join(folder, "never"));
    await expect(
      run([join(folder, "never")], { watch: "", every: "0.02", idle: "0.1" }),
    ).rejects.toThrow("before the stream was closed");
    await expect(run([session], { watch: "", idle: "-1" })).rejects.toThrow("--idle needs seconds");
  });

  it("refuses wrong options", async () => {
    for (const wrong of [{ range: "some" }, { edges: "1,x" }, { "phase-shift": "3" }, { n: "0" }])
      await expect(run([star], wrong)).rejects.toMatchObject({ code: "bad-arguments" });
    await expect(run([], {})).rejects.toThrow("one table");
  });
});
