import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { npyTable, relionTable, sessionDefoci } from "#src/testing/ctfTables.ts";
import { sharedPath } from "#src/testing/sharedData.ts";
import type { CsvColumns, CtfTable } from "#src/domain/ctf.ts";
import { memorySource } from "../memorySource.ts";
import { openCtf, recogniseCtf } from "./openCtf.ts";
import type { CtfDocument, OpenCtfOptions } from "./openCtf.ts";
import { parsePythonLiteral } from "./npyTable.ts";

type Input = string | Uint8Array<ArrayBuffer>;

async function open(
  files: Readonly<Record<string, Input>>,
  options: OpenCtfOptions = {},
): Promise<CtfDocument> {
  const sources = Object.entries(files).map(([name, content]) =>
    memorySource(name, typeof content === "string" ? new TextEncoder().encode(content) : content),
  );
  const opened = await openCtf(sources, options);
  if (opened.kind === "question") throw new Error(`asks: ${opened.question.reason}`);
  return opened.document;
}

async function tableOf(text: Input, name = "table.star"): Promise<CtfTable> {
  return (await open({ [name]: text })).table;
}

function texts(document: CtfDocument, rows: readonly number[]): string[] {
  return document
    .cut(rows)
    .map((f) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(f.bytes));
}

describe("RELION tables", () => {
  const text = relionTable([10_000, 12_000, -999, 14_000]);

  it("read values, optics and failed fits", async () => {
    const table = await tableOf(text);
    expect(table.formatName).toBe("RELION 3.1 or later");
    expect(table.optics).toEqual({
      pixelSizeA: 0.885,
      voltageKv: 300,
      sphericalAberrationMm: 2.7,
      amplitudeContrast: 0.1,
    });
    expect(table.estimates.map((e) => e.defocusU)).toEqual([10_000, 12_000, -999, 14_000]);
    expect(table.estimates[1].micrograph).toBe("MotionCorr/job002/mic_00002.mrc");
    expect(table.estimates.map((e) => e.failure)).toEqual([
      null,
      null,
      "failed fit (defocus −999)",
      null,
    ]);
  });

  it("export differs from the input only by rows, with either line end", async () => {
    for (const end of ["\n", "\r\n"]) {
      const source = relionTable([10_000, 12_000, 13_000, 14_000], end);
      const [cut] = texts(await open({ "a.star": source }), [1, 3]);
      const lines = source.split("\n");
      expect(cut.split("\n")).toEqual(
        lines.filter((l) => !l.includes("mic_00001.mrc") && !l.includes("mic_00003.mrc")),
      );
      expect(texts(await open({ "a.star": source }), [0, 1, 2, 3])[0]).toBe(source);
    }
  });

  it("read shuffled columns, quotes, comments and a byte order mark", async () => {
    const table = await tableOf(
      "\uFEFF# version 50001\ndata_micrographs\nloop_\n_rlnCtfFigureOfMerit #1\n_rlnDefocusV #2\n_rlnMicrographName #3\n_rlnDefocusU #4\n0.1 900 \"my mic 1.mrc\" 1000 # first\n\n0.2 1900 'mic#2.mrc' 2000\n",
    );
    expect(table.formatName).toBe("RELION 5");
    expect(table.estimates.map((e) => [e.micrograph, e.defocusU, e.defocusV])).toEqual([
      ["my mic 1.mrc", 1000, 900],
      ["mic#2.mrc", 2000, 1900],
    ]);
  });

  it("read without optics, saying so", async () => {
    const table = await tableOf(text.slice(text.indexOf("data_micrographs")));
    expect(table.estimates).toHaveLength(4);
    expect(table.warnings.join()).toContain("no optics table");
    expect(table.optics.pixelSizeA).toBeNull();
  });

  it("leave out a last row that is cut short, and read the rest", async () => {
    const document = await open({ "a.star": text.slice(0, text.indexOf("mic_00004") + 60) });
    const last = document.table.estimates[3];
    expect(last.failure).toMatch(/cut short/);
    expect(document.table.warnings.join()).toContain("being written");
    expect(texts(document, [0, 1])[0]).not.toContain("mic_00004");
  });

  it("recognise every kind of failed fit", async () => {
    const rows = ["nan 1", "1e6 9e5", "-5 3", "0 0", "inf 1", "2000 -1", "2000 1900", "x y"];
    const table = await tableOf(
      `data_\nloop_\n_rlnMicrographName\n_rlnDefocusU\n_rlnDefocusV\n${rows.map((r, i) => `m${i}.mrc ${r}`).join("\n")}\n`,
    );
    expect(table.estimates.map((e) => e.failure)).toEqual([
      "failed fit (defocus is no number)",
      "failed fit (defocus above 10 µm)",
      "failed fit (negative defocus)",
      "failed fit (defocus 0)",
      "failed fit (infinite defocus)",
      "failed fit (negative defocus)",
      null,
      "failed fit (defocus is no number)",
    ]);
  });

  it("of particles are refused", async () => {
    await expect(
      tableOf(
        "data_particles\nloop_\n_rlnMicrographName\n_rlnCoordinateX\n_rlnDefocusU\na 1 2\nb 1 2\n",
      ),
    ).rejects.toThrow("2 particles of 2 micrographs");
  });

  it("with 100 000 rows are read and cut in under 2 s", async () => {
    const bytes = new TextEncoder().encode(relionTable(sessionDefoci(100_000, 3)));
    const before = process.cpuUsage();
    const document = await open({ "big.star": bytes });
    const [cut] = document.cut([5, 99_999]);
    const used = process.cpuUsage(before);
    expect(document.table.estimates).toHaveLength(100_000);
    expect(new TextDecoder().decode(cut.bytes)).toContain("mic_100000");
    expect((used.user + used.system) / 1e6).toBeLessThan(2);
  });

  it("read Gctf's and cisTEM's labels", async () => {
    const gctf = await tableOf(
      "data_\nloop_\n_rlnMicrographName\n_rlnDefocusU\n_rlnDefocusV\n_rlnFinalResolution\n_rlnPhaseShift\na.mrc 9000 8000 3.5 90\n",
    );
    expect([gctf.format, gctf.estimates[0].resolutionA, gctf.estimates[0].phaseShiftDeg]).toEqual([
      "gctf",
      3.5,
      90,
    ]);
    const cistem = await tableOf(
      "data_\nloop_\n_cisTEMOriginalImageFilename #1\n_cisTEMDefocus1 #2\n_cisTEMDefocus2 #3\n_cisTEMPhaseShift #4\n'a.mrc' 9000 8000 1.5707963267948966\n",
    );
    expect(cistem.format).toBe("cistem");
    expect(cistem.estimates[0].phaseShiftDeg).toBeCloseTo(90, 10);
  });
});

describe("Xmipp", () => {
  it("tables keep order, and drop what is disabled", async () => {
    const source =
      "# XMIPP_STAR_1 * \n# \ndata_noname\nloop_\n _itemId\n _enabled\n _micrograph\n _ctfDefocusU\n _ctfDefocusV\n _ctfVPPphaseshift\n 1 1 a.mrc 9000 8000 1.570796 \n 2 -1 b.mrc 9000 8000 0 \n";
    const document = await open({ "ctfs.xmd": source });
    const [a, b] = document.table.estimates;
    expect(a.phaseShiftDeg).toBeCloseTo(90, 3);
    expect(document.table.warnings.join()).toContain("radians");
    expect([a.disabled, b.disabled]).toEqual([null, "disabled in the table"]);
    expect(texts(document, [1])[0]).toBe(source.replace(/ 1 1 a.*\n/, ""));
  });

  it("tables find their .ctfparam files, given or named", async () => {
    const xmd =
      "# XMIPP_STAR_1 * \ndata_\nloop_\n _micrograph\n _ctfModel\n a.mrc extra/a.ctfparam\n b.mrc extra/b.ctfparam\n";
    const param = (u: number): string =>
      `# XMIPP_STAR_1 * \n# \ndata_fullMicrograph\n _ctfSamplingRate 1.4\n _ctfDefocusU ${u}\n _ctfDefocusV 8000\n _ctfDefocusAngle 30\n`;
    const table = (await open({ "m.xmd": xmd, "a.ctfparam": param(9000) })).table;
    expect(table.estimates.map((e) => [e.micrograph, e.defocusU])).toEqual([
      ["a.mrc", 9000],
      ["b.mrc", NaN],
    ]);
    expect(table.estimates[1].failure).toBe("its .ctfparam file was not given");
    const resolved = await open(
      { "m.xmd": xmd },
      {
        resolve: (path) =>
          Promise.resolve(
            memorySource(path, new TextEncoder().encode(param(path.includes("a.ctf") ? 1 : 2))),
          ),
      },
    );
    expect(resolved.table.estimates.map((e) => e.defocusU)).toEqual([1, 2]);
    expect((await tableOf(param(9000), "c.ctfparam")).estimates[0]).toMatchObject({
      micrograph: "c",
      defocusU: 9000,
      defocusAngleDeg: 30,
    });
  });

  it("2 parameters are negated", async () => {
    const table = await tableOf(
      "defocusU= -29503.97\ndefocusV= -25946.06\nQ0= -0.1\n",
      "m.ctfparam",
    );
    expect(table.estimates[0]).toMatchObject({ defocusU: 29503.97, defocusV: 25946.06 });
    expect(table.optics.amplitudeContrast).toBe(0.1);
  });
});

describe("text results", () => {
  const ctffind = (version: string, rows: readonly string[]): string =>
    [
      `# Output from CTFFind version ${version}, run on 2024-08-30 16:05:30`,
      `# Input file: mic.mrc ; Number of micrographs: ${rows.length}`,
      "# Pixel size: 1.400 Angstroms ; acceleration voltage: 200.0 keV ; spherical aberration: 1.40 mm ; amplitude contrast: 0.10",
      "# Columns: #1 - micrograph number; #2 - defocus 1 [Angstroms]; #3 - defocus 2",
      ...rows,
      "",
    ].join("\n");

  it("of CTFFIND 4 and 5 are read, many files as one table", async () => {
    const a = ctffind("4.1.14", ["1.000000 9000 8000 -14.8 1.570796 0.1 inf"]);
    const b = ctffind("5.0", [
      "1.0 9100 8100 1 0 0.2 4.5 0 0 100",
      "2.0 nan 8100 1 0 0.2 4.5 0 0 100",
      "3.0 9300 -1 1 0 0.2 4.5 0 0 100",
    ]);
    const document = await open({ "a.txt": a, "b.txt": b });
    const { estimates, formatName, optics } = document.table;
    expect(formatName).toBe("CTFFIND 4 and CTFFIND 5");
    expect(optics.pixelSizeA).toBe(1.4);
    expect(estimates.map((e) => e.micrograph)).toEqual([
      "mic.mrc",
      "000001@mic.mrc",
      "000002@mic.mrc",
      "000003@mic.mrc",
    ]);
    expect(estimates[0].resolutionA).toBe(Infinity);
    expect(estimates[0].phaseShiftDeg).toBeCloseTo(90, 3);
    expect(estimates.map((e) => e.failure !== null)).toEqual([false, false, true, true]);
    expect(document.cut([1]).map((f) => f.name)).toEqual(["b.txt"]);
    expect(
      texts(document, [1])[0]
        .split("\n")
        .filter((l) => /^\d/.test(l)),
    ).toHaveLength(1);
  });

  it("take the ice ring from _avrot.txt", async () => {
    const profile =
      "# Output from CTFFind version 4.1.14\n# 6 lines per micrograph: #1 - spatial frequency (1/Angstroms)\n0.1 0.25 0.27 0.3\n9 1.5 -2 9\n0 0 0 0\n0 0 0 0\n0 0 0 0\n0 0 0 0\n";
    const table = (
      await open({
        "a_avrot.txt": profile,
        "a.txt": ctffind("4.1.14", ["1 9000 8000 1 0 0.1 4"]),
      })
    ).table;
    expect(table.estimates[0].iceDensity).toBe(3.5);
    await expect(open({ "a_avrot.txt": profile })).rejects.toThrow("rotational averages");
  });

  it("of CTFFIND 3 and Gctf logs are read", async () => {
    const gctf = await tableOf(
      "Gctf v1.06\n   Defocus_U   Defocus_V       Angle       Phase_shift       CCC\n    16541.47    16295.98       28.56     92.1    0.191186  Final Values\nResolution limit estimated by EPA: RES_LIMIT  3.437\n",
      "mic_gctf.log",
    );
    expect(gctf.format).toBe("gctf");
    expect(gctf.estimates[0]).toMatchObject({
      micrograph: "mic",
      defocusU: 16541.47,
      defocusV: 16295.98,
      phaseShiftDeg: 92.1,
      figureOfMerit: 0.191186,
      resolutionA: 3.437,
    });
    const three = await tableOf(
      " CS[mm], HT[kV], AmpCnst, XMAG, DStep[um]\n  2.0    300.0    0.07   50000.0    7.0\n  24873.21  24345.61   48.85   0.15432  Final Values\n",
      "a.log",
    );
    expect(three.optics.pixelSizeA).toBeCloseTo(1.4, 10);
    expect(three.estimates[0]).toMatchObject({ defocusU: 24873.21, phaseShiftDeg: null });
  });

  it("of Warp are read, in µm and units of π", async () => {
    const xml = `<?xml version="1.0"?>\n<Movie UnselectManual="False" CTFResolutionEstimate="4.1"><CTF>\n<Param Name="PixelSize" Value="1.1" /><Param Name='Defocus' Value='1.5' /><Param Name="DefocusDelta" Value="0.1"/><Param Name="DefocusAngle" Value="33" /><Param Name="PhaseShift" Value="0.5" /></CTF></Movie>`;
    const table = await tableOf(xml, "m1.xml");
    const [row] = table.estimates;
    expect(row.defocusU).toBeCloseTo(15_500, 6);
    expect(row.defocusV).toBeCloseTo(14_500, 6);
    expect(row).toMatchObject({
      micrograph: "m1.mrc",
      phaseShiftDeg: 90,
      resolutionA: 4.1,
      disabled: null,
    });
    const dropped = await tableOf(xml.replace('"False"', '"True"'), "m1.xml");
    expect(dropped.estimates[0].disabled).toBe("deselected in Warp");
    const unfitted = await tableOf(xml.replace('"4.1"', '"0"'), "m1.xml");
    expect(unfitted.estimates[0].failure).toBe("no CTF fit by Warp");
  });
});

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
    const document = await open({ "p.cs": passthrough, "m.cs": main });
    expect(document.table.estimates.map((e) => e.micrograph)).toEqual([
      "J1/a.mrc",
      "J1/b.mrc",
      "J1/c.mrc",
    ]);
    expect(document.table.estimates[0].defocusAngleDeg).toBeCloseTo((0.5 * 180) / Math.PI, 5);
    expect(document.table.estimates[2].failure).toBe("failed fit (defocus is no number)");
    expect(document.table.optics).toMatchObject({ pixelSizeA: 1.5, voltageKv: 300 });
    const [m, p] = document.cut([0, 1]);
    const again = await open({ "m.cs": m.bytes, "p.cs": p.bytes });
    expect(again.table.estimates.map((e) => [e.micrograph, e.defocusU])).toEqual([
      ["J1/a.mrc", 9000],
      ["J1/b.mrc", 10_000],
    ]);
    const all = document.cut([0, 1, 2]);
    expect(all[0].bytes).toEqual(main);
    expect(all[1].bytes).toEqual(passthrough);
  });

  it("without names are named by uid, saying what is missing", async () => {
    const table = await tableOf(main, "m.cs");
    expect(table.estimates[0].micrograph).toBe("uid 9007199254740993");
    expect(table.warnings.join()).toContain("passthrough");
    await expect(tableOf(passthrough, "p.cs")).rejects.toThrow("without CTF estimates");
  });

  it("that are broken are refused", async () => {
    await expect(tableOf(main.slice(0, -4), "m.cs")).rejects.toThrow("expected 3 rows, found 2");
    await expect(tableOf(main.slice(0, 40), "m.cs")).rejects.toThrow("cut short");
    expect(() => parsePythonLiteral("{'a': (1,")).toThrow();
    expect(parsePythonLiteral("{'d': [('x', '<f4', (2,))], 'o': False}")).toEqual(
      new Map<string, unknown>([
        ["d", [["x", "<f4", [2]]]],
        ["o", false],
      ]),
    );
  });
});

describe("CSV tables", () => {
  it("with telling names need no question, and are cut as they are", async () => {
    const source =
      'Micrograph Name;Defocus U (µm);Defocus V (µm);Note\r\n"a;1.mrc";1,5;1,4;"two\nlines"\r\nb.mrc;2.0;1.9;x\r\nc.mrc;-999;-1;x\r\n';
    const document = await open({ "t.csv": source });
    expect(document.table.estimates.map((e) => [e.micrograph, e.defocusU])).toEqual([
      ["a;1.mrc", 15_000],
      ["b.mrc", 20_000],
      ["c.mrc", -999],
    ]);
    expect(document.table.estimates[2].failure).toContain("−999");
    expect(texts(document, [0])[0]).toBe(source.slice(0, source.indexOf("b.mrc")));
  });

  it("that are not certain become a question", async () => {
    const source = "id,defocus\nx1,1500\nx2,1800\n";
    const opened = await openCtf([memorySource("t.csv", new TextEncoder().encode(source))]);
    expect(opened.kind).toBe("question");
    if (opened.kind !== "question") return;
    expect(opened.question.guess.defocusU).toBe(1);
    expect(opened.question.reason).toContain("unit");
    const columns: CsvColumns = { ...opened.question.guess, micrograph: 0, defocusUnit: "nm" };
    const { table } = await open({ "t.csv": source }, { csvColumns: columns });
    expect(table.estimates.map((e) => [e.micrograph, e.defocusU])).toEqual([
      ["x1", 15_000],
      ["x2", 18_000],
    ]);
  });
});

describe("what is no table", () => {
  it("is refused with a sentence", async () => {
    await expect(tableOf("", "e.star")).rejects.toThrow("it is empty");
    await expect(tableOf("hello world\n", "e.txt")).rejects.toThrow("is no table of CTF estimates");
    await expect(tableOf(new Uint8Array(5000), "e.mrc")).rejects.toThrow("no table");
    await expect(tableOf("data_optics\nloop_\n_rlnOpticsGroup\n1\n", "o.star")).rejects.toThrow(
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
        await expect(tableOf(bytes, file)).rejects.toThrow(`${wanted.rows} particles of 1 stack`);
        return;
      }
      const document = await open({ [file]: bytes });
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
