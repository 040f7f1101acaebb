import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { decodeFrame } from "#src/formats/decodeFrame.ts";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import type { CommandContext } from "./command.ts";
import { infoCommand } from "./infoCommand.ts";
import { movieOperands, openMovieInput } from "./movieInput.ts";

const folder = mkdtempSync(join(tmpdir(), "cryoloupe-input-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function frameFile(name: string, width: number, value: number): Promise<string> {
  const path = join(folder, name);
  const pixels = new Uint16Array(width * 8).fill(value);
  const size = { width, height: 8, sampleType: "uint16", pixelSizeA: 1.5 } as const;
  writeFileSync(path, await encodeMrc([pixels], size));
  return path;
}

function contextOf(
  files: readonly string[],
  options: Readonly<Record<string, string>>,
): CommandContext {
  return {
    files,
    text: (name) => options[name],
    number: (name) => (options[name] === undefined ? undefined : Number(options[name])),
    flag: (name) => name in options,
    backendChoice: "cpu",
    say: () => undefined,
    signal: new AbortController().signal,
  };
}

describe("--as-one-movie", () => {
  it("reads several files as the frames of one movie, in the order given", async () => {
    const paths = [
      await frameFile("exposure_002.mrc", 16, 2),
      await frameFile("exposure_001.mrc", 16, 1),
      await frameFile("exposure_003.mrc", 16, 3),
    ];
    const context = contextOf(paths, { "as-one-movie": "", "pixel-size": "0.9" });
    expect(movieOperands(paths, context)).toEqual([paths[0]]);
    expect((await infoCommand.run(context)).json).toMatchObject({
      file: "exposure",
      frames: 3,
      width: 16,
      pixelSizeA: 0.9,
      pixelSizeSource: "entered",
    });
    const reader = await openMovieInput(paths[0], context);
    const values: number[] = [];
    for (let i = 0; i < 3; i++) values.push((await decodeFrame(await reader.readEncoded(i)))[5]);
    await reader.close();
    expect(values).toEqual([2, 1, 3]);
  });

  it("refuses files that differ, and without it info takes one file", async () => {
    const paths = [await frameFile("a.mrc", 16, 1), await frameFile("b.mrc", 24, 1)];
    await expect(infoCommand.run(contextOf(paths, { "as-one-movie": "" }))).rejects.toMatchObject({
      code: "size-mismatch",
    });
    await expect(infoCommand.run(contextOf(paths, {}))).rejects.toThrow(/--as-one-movie/);
  });
});
