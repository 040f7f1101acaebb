import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ctfTableOf, openCtfFiles } from "#src/testing/ctfDocuments.ts";
import { sharedPath } from "#src/testing/sharedData.ts";
import { recogniseCtf } from "./openCtf.ts";

describe("what is no table", () => {
  it("is refused with a sentence", async () => {
    await expect(ctfTableOf("", "e.star")).rejects.toThrow("it is empty");
    await expect(ctfTableOf("hello world\n", "e.txt")).rejects.toThrow(
      "is no table of CTF estimates",
    );
    await expect(ctfTableOf(new Uint8Array(5000), "e.mrc")).rejects.toThrow("no table");
    await expect(ctfTableOf("data_optics\nloop_\n_rlnOpticsGroup\n1\n", "o.star")).rejects.toThrow(
      "_rlnOpticsGroup was found",
    );
    expect(recogniseCtf(new TextEncoder().encode("<html></html>"))).toBeNull();
    const letter = "This is a letter, no table.\n".repeat(60);
    expect(recogniseCtf(new TextEncoder().encode(letter))).toBeNull();
  });
});

interface Expected {
  readonly rows: number;
  readonly pixelSizeA?: number;
  readonly voltageKv?: number;
  readonly first?: Readonly<Record<string, string | number>>;
}

const folder = sharedPath("data/ctf");
const expected =
  folder === null
    ? {}
    : (JSON.parse(readFileSync(`${folder}/expected.json`, "utf8")) as Record<string, Expected>);

describe.skipIf(folder === null)("tables of others", () => {
  for (const [file, wanted] of Object.entries(expected))
    it(file, async () => {
      const bytes = Uint8Array.from(readFileSync(`${folder!}/${file}`));
      if (file.endsWith(".cs")) {
        await expect(ctfTableOf(bytes, file)).rejects.toThrow(
          `${wanted.rows} particles of 1 stack`,
        );
        return;
      }
      const document = await openCtfFiles({ [file]: bytes });
      const { estimates, optics } = document.table;
      expect(estimates).toHaveLength(wanted.rows);
      if (wanted.pixelSizeA !== undefined) expect(optics.pixelSizeA).toBe(wanted.pixelSizeA);
      if (wanted.voltageKv !== undefined) expect(optics.voltageKv).toBe(wanted.voltageKv);
      const { amplitudeContrast, fitResolutionA, ...same } = wanted.first ?? {};
      expect(estimates[0]).toMatchObject(same);
      if (amplitudeContrast !== undefined) expect(optics.amplitudeContrast).toBe(amplitudeContrast);
      if (fitResolutionA !== undefined) expect(estimates[0].resolutionA).toBe(fitResolutionA);
      expect(estimates.every((e) => e.failure === null)).toBe(true);
      const [all] = document.cut(estimates.map((e) => e.row));
      expect(all.bytes).toEqual(bytes);
      if (file.startsWith("relion30")) {
        expect(optics.pixelSizeA).toBeCloseTo(1.4, 12);
        expect(estimates[0].phaseShiftDeg).toBe(29.129999);
      }
    });
});
