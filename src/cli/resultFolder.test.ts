import { mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { frameRange } from "./frameRange.ts";
import { createResultFile, openResultFolder } from "./resultFolder.ts";

describe("results", () => {
  let base = "";
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), "cryoloupe-results-"));
  });
  afterEach(async () => rm(base, { recursive: true }));

  it("have their name only when they are complete", async () => {
    const file = await createResultFile(join(base, "deep", "a.mrc"), []);
    await file.write(Uint8Array.of(1, 2, 3));
    await file.rewrite(1, Uint8Array.of(9));
    expect(await readdir(join(base, "deep"))).toEqual([expect.stringMatching(/\.part$/)]);
    await file.commit();
    await file.discard();
    expect(await readdir(join(base, "deep"))).toEqual(["a.mrc"]);
    expect([...(await readFile(join(base, "deep", "a.mrc")))]).toEqual([1, 9, 3]);
  });

  it("leave nothing behind when they are given up, and keep an older result", async () => {
    await writeFile(join(base, "a.mrc"), "old");
    const file = await createResultFile(join(base, "a.mrc"), []);
    await file.write(Uint8Array.of(1));
    await file.discard();
    expect(await readdir(base)).toEqual(["a.mrc"]);
    expect(await readFile(join(base, "a.mrc"), "utf8")).toBe("old");
  });

  it("are never written over an input, also not through a link", async () => {
    const input = join(base, "in.mrc");
    await writeFile(input, "precious");
    await symlink(input, join(base, "link.mrc"));
    for (const name of ["in.mrc", "link.mrc", "./x/../in.mrc"])
      await expect(createResultFile(join(base, name), [input])).rejects.toMatchObject({
        code: "bad-arguments",
      });
    expect(await readFile(input, "utf8")).toBe("precious");
  });

  it("know the inputs that joined the list since", async () => {
    const inputs: string[] = [];
    const folder = await openResultFolder(base, inputs);
    await folder.write("first.mrc", "result");
    for (let i = 0; i < 3; i++) {
      await writeFile(join(base, `in_${i}.mrc`), "precious");
      inputs.push(join(base, `in_${i}.mrc`));
      // Two at a time, as lanes write.
      const both = await Promise.allSettled([
        folder.write(`in_${i}.mrc`, "result"),
        folder.write(`out_${i}.mrc`, "result"),
      ]);
      expect(both.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
      expect(await readFile(join(base, `in_${i}.mrc`), "utf8")).toBe("precious");
    }
  });

  it("are written as text or bytes into a folder that is made", async () => {
    const folder = await openResultFolder(join(base, "out"), []);
    await folder.write("a.txt", "text");
    await folder.write("b.bin", Uint8Array.of(7));
    expect((await readdir(join(base, "out"))).sort()).toEqual(["a.txt", "b.bin"]);
  });

  it("say where they cannot be written", async () => {
    await writeFile(join(base, "file"), "");
    await expect(createResultFile(join(base, "file", "a.mrc"), [])).rejects.toThrow(
      /a\.mrc could not be written.*--out/,
    );
  });
});

describe("frame ranges", () => {
  it("count from 1, inclusive, 0 = last", () => {
    expect(frameRange(undefined, 3, "m")).toEqual([0, 1, 2]);
    expect(frameRange("1-0", 3, "m")).toEqual([0, 1, 2]);
    expect(frameRange("2-3", 3, "m")).toEqual([1, 2]);
    expect(frameRange("0", 3, "m")).toEqual([2]);
    for (const wrong of ["3-2", "1-4", "a", "-1", "1-2-3", ""])
      expect(() => frameRange(wrong, 3, "m")).toThrow(/rame/);
  });
});
