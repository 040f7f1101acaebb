import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type * as FsPromises from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { createCpuBackend } from "#src/compute/cpuBackend.ts";
import { parseSessionFile } from "#src/domain/records/sessionFile.ts";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { createRandom } from "#src/math/random.ts";
import { openInlinePool } from "#src/testing/backends.ts";
import type { CommandResult } from "../command.ts";
import { optionLookup } from "../optionContext.ts";
import { sessionCommand } from "../sessionCommand.ts";

// Worker threads need the built command; jobs run in this thread instead.
vi.mock("../openBackend.ts", () => ({
  openBackend: () => Promise.resolve(createCpuBackend(openInlinePool())),
}));

const disk = vi.hoisted(() => ({ fullFor: /^never$/ }));
/** A disk that is full for files of some names: the system's own error. */
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof FsPromises>();
  const noRoom = (): Error =>
    Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  return {
    ...real,
    open: async (path: string, flags?: string) => {
      const handle = await real.open(path, flags);
      if (disk.fullFor.test(path)) handle.write = () => Promise.reject(noRoom());
      return handle;
    },
    appendFile: async (path: string, text: string) => {
      if (!disk.fullFor.test(path)) {
        await real.appendFile(path, text);
        return;
      }
      await real.appendFile(path, text.slice(0, 20));
      throw noRoom();
    },
  };
});

const root = mkdtempSync(join(tmpdir(), "cryoloupe-odd-"));
afterAll(() => rmSync(root, { recursive: true }));

async function put(path: string, side: number, seed: number, frames = 3): Promise<void> {
  mkdirSync(join(path, ".."), { recursive: true });
  const random = createRandom(seed);
  const planes = Array.from({ length: frames }, () =>
    Uint16Array.from({ length: side * side }, () => random.poisson(20)),
  );
  const about = { width: side, height: side, pixelSizeA: 1.2, labels: [] };
  writeFileSync(path, await encodeMrc(planes, { ...about, sampleType: "uint16" }));
}

interface Told extends CommandResult {
  readonly said: string;
  readonly moved: readonly string[];
}

async function run(directory: string, out: string, given: object): Promise<Told> {
  const file = `${out}.json`;
  writeFileSync(file, JSON.stringify(given));
  const said: string[] = [];
  const moved: string[] = [];
  const values = { parameters: file, out, "json-lines": "" };
  const result = await sessionCommand.run({
    files: [directory],
    ...optionLookup(new Map(Object.entries(values))),
    backendChoice: "cpu",
    say: (line) => void said.push(line),
    emit: ({ event, movie }) => {
      if (event === "motion") moved.push(String(movie).slice(directory.length + 1));
    },
    signal: new AbortController().signal,
  });
  return { ...result, said: said.join("\n"), moved };
}

const fast = { residual: false, align: { patches: "none", "no-psd": true } };

describe("a session over an odd folder", () => {
  it("tells movies of one name apart, has no blanks in names, and takes the size that most have", async () => {
    const movies = join(root, "odd");
    await put(join(movies, "a big one.mrcs"), 48, 1);
    await put(join(movies, "m.mrcs"), 32, 2);
    await put(join(movies, "deep", "er", "m.mrcs"), 32, 3);
    await put(join(movies, "é 日本.mrcs"), 32, 4);
    const out = join(root, "odd_out");
    const { said, failed, json } = await run(movies, out, { ...fast, align: false, movieStep: 1 });
    expect(failed).toBe(false);
    expect(said).toContain("m.mrcs: another movie, deep/er/m.mrcs, has the same name");
    expect(said).toContain("2 sizes: 32 × 32 px (3), 48 × 48 px (1)");
    expect(json.finalGain).toMatchObject({ movies: ["m", "é_日本", "m_2"] });
    for (const base of ["a_big_one", "m", "m_2", "é_日本"])
      expect(existsSync(join(out, "gain", `${base}_gain.mrc`)), base).toBe(true);
    const { records } = parseSessionFile(readFileSync(join(out, "session.json"), "utf8"), "s");
    expect(records.map(({ path, base }) => [path, base])).toEqual([
      ["a big one.mrcs", "a_big_one"],
      ["deep/er/m.mrcs", "m"],
      ["é 日本.mrcs", "é_日本"],
      ["m.mrcs", "m_2"],
    ]);
  });

  it("refuses a gain of the wrong size, and a file in place of the folder, before it aligns", async () => {
    const movies = join(root, "wrong");
    await put(join(movies, "m.mrcs"), 32, 5);
    const gain = join(root, "wrong_gain.mrc");
    await put(gain, 24, 6, 1);
    const out = join(root, "wrong_out");
    await expect(run(movies, out, { ...fast, gain, orientation: false })).rejects.toThrow(
      /24 × 24 px .* 32 × 32 px: it cannot be applied.*leave out --gain/,
    );
    expect(existsSync(join(out, "aligned", "m_aligned.mrc"))).toBe(false);
    const none = join(root, "none_out");
    await expect(run(join(movies, "m.mrcs"), none, fast)).rejects.toThrow("Give its folder");
    expect(existsSync(none)).toBe(false);
  });

  it("stops when the disk is full, and goes on when there is room: nothing lost, nothing twice", async () => {
    const movies = join(root, "full");
    for (const seed of [1, 2, 3]) await put(join(movies, `m_${seed}.mrcs`), 32, seed);
    const out = join(root, "full_out");
    disk.fullFor = /m_2_aligned/;
    await expect(run(movies, out, fast)).rejects.toThrow(
      /no space left.* Free room there and run it again/,
    );
    // The next time the journal itself finds no room, in the middle of a line.
    disk.fullFor = /session\.jsonl$/;
    await expect(run(movies, out, fast)).rejects.toMatchObject({ code: "disk-full" });
    disk.fullFor = /^never$/;
    const told = await run(movies, out, fast);
    expect(told.failed).toBe(false);
    expect(told.moved).toEqual(["m_2.mrcs", "m_3.mrcs"]);
    expect(told.json.failures).toEqual([]);
    expect(existsSync(join(out, "aligned", "m_3_aligned.mrc"))).toBe(true);
  });
});
