import { describe, expect, it } from "vitest";
import { ctfTableOf, openCtfFiles } from "#src/testing/ctfDocuments.ts";
import { npyTable } from "#src/testing/ctfTables.ts";
import { parsePythonLiteral } from "./npyTable.ts";

describe("cryoSPARC tables", () => {
  const uids = [9007199254740993n, 9007199254740992n, 5n];
  const main = npyTable([
    { name: "uid", type: "<u8", values: uids },
    { name: "ctf/df1_A", type: "<f4", values: [9000, 10_000, 11_000] },
    { name: "ctf/df2_A", type: "<f4", values: [8500, 9500, NaN] },
    { name: "ctf/df_angle_rad", type: "<f4", values: [0.5, 1, 1.5] },
    { name: "ctf/accel_kv", type: "<f4", values: [300, 300, 300] },
    { name: "ctf_stats/type", type: "<U12", values: ["a", "b", "c"] },
  ]);
  const passthrough = npyTable([
    { name: "micrograph_blob/path", type: "|S40", values: [">J1/c.mrc", ">J1/b.mrc", ">J1/a.mrc"] },
    { name: "uid", type: "<u8", values: [uids[2], uids[1], uids[0]] },
    { name: "micrograph_blob/psize_A", type: "<f4", values: [1.5, 1.5, 1.5] },
  ]);

  it("are joined with their passthrough by the whole uid, and cut together", async () => {
    const document = await openCtfFiles({ "p.cs": passthrough, "m.cs": main });
    expect(document.table.estimates.map((e) => e.micrograph)).toEqual([
      "J1/a.mrc",
      "J1/b.mrc",
      "J1/c.mrc",
    ]);
    expect(document.table.estimates[0].defocusAngleDeg).toBeCloseTo((0.5 * 180) / Math.PI, 5);
    expect(document.table.estimates[2].failure).toBe("failed fit (defocus is no number)");
    expect(document.table.optics).toMatchObject({ pixelSizeA: 1.5, voltageKv: 300 });
    const [m, p] = document.cut([0, 1]);
    const again = await openCtfFiles({ "m.cs": m.bytes, "p.cs": p.bytes });
    expect(again.table.estimates.map((e) => [e.micrograph, e.defocusU])).toEqual([
      ["J1/a.mrc", 9000],
      ["J1/b.mrc", 10_000],
    ]);
    const all = document.cut([0, 1, 2]);
    expect(all[0].bytes).toEqual(main);
    expect(all[1].bytes).toEqual(passthrough);
  });

  it("without names are named by uid, saying what is missing", async () => {
    const table = await ctfTableOf(main, "m.cs");
    expect(table.estimates[0].micrograph).toBe("uid 9007199254740993");
    expect(table.warnings.join()).toContain("passthrough");
    await expect(ctfTableOf(passthrough, "p.cs")).rejects.toThrow("without CTF estimates");
  });

  it("in the compressed form of its tools are refused with what to do", async () => {
    const stream = Uint8Array.from([0x94, ...new TextEncoder().encode("CSDAT"), 0, 1, 2, 3]);
    await expect(openCtfFiles({ "x.cs": stream })).rejects.toThrow(/compressed table of cryoSPARC/);
  });

  it("that are broken are refused", async () => {
    await expect(ctfTableOf(main.slice(0, -4), "m.cs")).rejects.toThrow("expected 3 rows, found 2");
    await expect(ctfTableOf(main.slice(0, 40), "m.cs")).rejects.toThrow("cut short");
    expect(() => parsePythonLiteral("{'a': (1,")).toThrow();
    expect(parsePythonLiteral("{'d': [('x', '<f4', (2,))], 'o': False}")).toEqual(
      new Map<string, unknown>([
        ["d", [["x", "<f4", [2]]]],
        ["o", false],
      ]),
    );
  });
});
