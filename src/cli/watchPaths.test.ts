import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import type * as FsPromises from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import type { CommandContext } from "./command.ts";
import { optionLookup } from "./optionContext.ts";
import { listPaths, watchPaths } from "./watchPaths.ts";

/** A folder that nobody may open: the system's own error, which a privileged user never meets. */
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof FsPromises>();
  const readdir = (path: string, options: { readonly withFileTypes: true }): unknown =>
    path.endsWith("lost+found")
      ? Promise.reject(new Error(`EACCES: permission denied, scandir '${path}'`))
      : real.readdir(path, options);
  return { ...real, readdir };
});

const root = mkdtempSync(join(tmpdir(), "cryoloupe-watch-"));
afterAll(() => rmSync(root, { recursive: true }));
const wanted = /\.mrc$/;

function watched(folder: string): { context: CommandContext; said: string[]; stop: () => void } {
  const said: string[] = [];
  const cancel = new AbortController();
  const options = optionLookup(new Map([["every", "0.01"]]));
  const context = {
    ...options,
    files: [folder],
    signal: cancel.signal,
    say: (line: string) => said.push(line),
  } as unknown as CommandContext;
  return { context, said, stop: () => cancel.abort() };
}

describe("files of folders", () => {
  it("passes over a folder within that cannot be opened, and says so", async () => {
    const folder = join(root, "disk");
    mkdirSync(join(folder, "lost+found"), { recursive: true });
    mkdirSync(join(folder, "movies"));
    writeFileSync(join(folder, "movies", "a.mrc"), "1");
    const told: string[] = [];
    const passedOver = (path: string, reason: string): void => {
      told.push(`${basename(path)}: ${reason.slice(0, 25)}`);
    };
    expect((await listPaths([folder], { wanted, passedOver })).map((p) => basename(p))).toEqual([
      "a.mrc",
    ]);
    expect(told).toEqual(["lost+found: EACCES: permission denied"]);
    await expect(listPaths([join(folder, "lost+found")], { wanted })).rejects.toMatchObject({
      code: "permission-denied",
    });
  });
});

describe("movies of a session", () => {
  it("are followed through links, and are no results of another session", async () => {
    const folder = join(root, "raw");
    const elsewhere = join(root, "elsewhere");
    for (const path of [folder, elsewhere, join(folder, "older", "aligned")])
      mkdirSync(path, { recursive: true });
    writeFileSync(join(folder, "older", "session.jsonl"), "{}");
    writeFileSync(join(folder, "older", "aligned", "a_aligned.mrc"), "1");
    writeFileSync(join(folder, "older", "b.mrc"), "1");
    writeFileSync(join(elsewhere, "c.mrc"), "1");
    symlinkSync(elsewhere, join(folder, "link"));
    symlinkSync(folder, join(elsewhere, "circle"));
    symlinkSync(join(root, "nowhere"), join(folder, "broken"));
    const names = async (noResults: boolean): Promise<string[]> =>
      (await listPaths([folder], { wanted, noResults })).map((path) => basename(path));
    expect(await names(true)).toEqual(["c.mrc", "b.mrc"]);
    expect(await names(false)).toEqual(["c.mrc", "a_aligned.mrc", "b.mrc"]);
  });
});

describe("a watched folder", () => {
  it("is waited for when it is away, and its files are given again when it is back", async () => {
    const folder = join(root, "share");
    mkdirSync(folder);
    writeFileSync(join(folder, "a.mrc"), "1");
    const { context, said, stop } = watched(folder);
    const batches = watchPaths(context, { wanted }).batches[Symbol.asyncIterator]();
    expect((await batches.next()).value).toEqual([join(folder, "a.mrc")]);
    renameSync(folder, `${folder}_away`);
    const again = batches.next();
    await vi.waitFor(() => expect(said.join("\n")).toContain("It is waited for."));
    renameSync(`${folder}_away`, folder);
    expect((await again).value).toEqual([join(folder, "a.mrc")]);
    expect(said.filter((line) => line.includes("waited for"))).toHaveLength(1);
    expect(said.at(-1)).toBe(`${folder}: there again.`);
    stop();
    await expect(batches.next()).rejects.toMatchObject({ code: "cancelled" });
  });

  it("that is not there at first is a mistake", async () => {
    const { context } = watched(join(root, "nowhere"));
    const batches = watchPaths(context, { wanted }).batches[Symbol.asyncIterator]();
    await expect(batches.next()).rejects.toMatchObject({ code: "permission-denied" });
  });
});
