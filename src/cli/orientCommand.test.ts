import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { createCpuBackend } from "#src/compute/cpuBackend.ts";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { openInlinePool } from "#src/testing/backends.ts";
import { makePoseCases } from "#src/testing/poseCases.ts";
import { runCommand } from "#src/testing/runCommand.ts";
import { orientCommand } from "./orientCommand.ts";

// Worker threads need the built command; jobs run in this thread instead.
vi.mock("./openBackend.ts", () => ({
  openBackend: () => Promise.resolve(createCpuBackend(openInlinePool())),
}));

interface Answer {
  readonly confident: boolean;
  readonly findings: readonly string[];
}

describe("cryoloupe orient", () => {
  it.each(makePoseCases())("says what is wrong: $name", async (given) => {
    const folder = mkdtempSync(join(tmpdir(), "cryoloupe-orient-"));
    const [movie, reference] = [join(folder, "movie.mrcs"), join(folder, "reference.mrc")];
    writeFileSync(
      movie,
      await encodeMrc(given.frames, { ...given.movieSize, sampleType: "uint16", pixelSizeA: 1 }),
    );
    const { values, width, height } = given.reference;
    writeFileSync(
      reference,
      await encodeMrc([values], { width, height, sampleType: "float32", pixelSizeA: 1 }),
    );
    const before = readFileSync(reference);
    const { json, said } = await runCommand(orientCommand, [movie], { gain: reference });
    const { confident, findings } = json as unknown as Answer;
    expect(confident).toBe(false);
    const text = findings.join(" ");
    expect(text).toMatch(given.sentence);
    expect(said).toContain(findings[0]);
    expect(readFileSync(reference).equals(before)).toBe(true);
  });
});
