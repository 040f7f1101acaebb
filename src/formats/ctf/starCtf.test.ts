import { describe, expect, it } from "vitest";
import { cutTexts, ctfTableOf, openCtfFiles } from "#src/testing/ctfDocuments.ts";
import { relionTable, sessionDefoci } from "#src/testing/ctfTables.ts";
import { memorySource } from "../memorySource.ts";

describe("RELION tables", () => {
  const text = relionTable([10_000, 12_000, -999, 14_000]);

  it("read values, optics and failed fits", async () => {
    const table = await ctfTableOf(text);
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
      const [cut] = cutTexts(await openCtfFiles({ "a.star": source }), [1, 3]);
      const lines = source.split("\n");
      expect(cut.split("\n")).toEqual(
        lines.filter((l) => !l.includes("mic_00001.mrc") && !l.includes("mic_00003.mrc")),
      );
      expect(cutTexts(await openCtfFiles({ "a.star": source }), [0, 1, 2, 3])[0]).toBe(source);
    }
  });

  it("read shuffled columns, quotes, comments and a byte order mark", async () => {
    const table = await ctfTableOf(
      "\uFEFF# version 50001\ndata_micrographs\nloop_\n_rlnCtfFigureOfMerit #1\n_rlnDefocusV #2\n_rlnMicrographName #3\n_rlnDefocusU #4\n0.1 900 \"my mic 1.mrc\" 1000 # first\n\n0.2 1900 'mic#2.mrc' 2000\n",
    );
    expect(table.formatName).toBe("RELION 5");
    expect(table.estimates.map((e) => [e.micrograph, e.defocusU, e.defocusV])).toEqual([
      ["my mic 1.mrc", 1000, 900],
      ["mic#2.mrc", 2000, 1900],
    ]);
  });

  it("read without optics, saying so", async () => {
    const table = await ctfTableOf(text.slice(text.indexOf("data_micrographs")));
    expect(table.estimates).toHaveLength(4);
    expect(table.warnings.join()).toContain("no optics table");
    expect(table.optics.pixelSizeA).toBeNull();
  });

  it("leave out a last row that is cut short, and read the rest", async () => {
    const document = await openCtfFiles({
      "a.star": text.slice(0, text.indexOf("mic_00004") + 60),
    });
    const last = document.table.estimates[3];
    expect(last.failure).toMatch(/cut short/);
    expect(document.table.warnings.join()).toContain("being written");
    expect(cutTexts(document, [0, 1])[0]).not.toContain("mic_00004");
  });

  it("recognise every kind of failed fit", async () => {
    const rows = ["nan 1", "1e6 9e5", "-5 3", "0 0", "inf 1", "2000 -1", "2000 1900", "x y"];
    const table = await ctfTableOf(
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
      ctfTableOf(
        "data_particles\nloop_\n_rlnMicrographName\n_rlnCoordinateX\n_rlnDefocusU\na 1 2\nb 1 2\n",
      ),
    ).rejects.toThrow("2 particles of 2 micrographs");
  });

  it("with 100 000 rows are read and cut in under 2 s", async () => {
    const bytes = new TextEncoder().encode(relionTable(sessionDefoci(100_000, 3)));
    const before = process.cpuUsage();
    const document = await openCtfFiles({ "big.star": bytes });
    const [cut] = document.cut([5, 99_999]);
    const used = process.cpuUsage(before);
    expect(document.table.estimates).toHaveLength(100_000);
    expect(new TextDecoder().decode(cut.bytes)).toContain("mic_100000");
    expect((used.user + used.system) / 1e6).toBeLessThan(2);
  });

  it("take placeholders for what they are, and line ends of old Macintosh files", async () => {
    const lines = [
      "data_",
      "loop_",
      "_rlnMicrographName #1",
      "_rlnCtfImage #2",
      "_rlnDefocusU #3",
      "_rlnDefocusV #4",
      "_rlnCtfMaxResolution #5",
      "average/a.mrc none 12000.1 11000.2 0.000001",
      "average/b.mrc\tPS/b.mrc\t13000.1\t12000.2\t3.5",
      "",
    ];
    for (const end of ["\n", "\r\n", "\r"]) {
      const document = await openCtfFiles({ "w.star": lines.join(end) });
      const [a, b] = document.table.estimates;
      expect([a.resolutionA, a.spectrumFile]).toEqual([null, null]);
      expect([b.resolutionA, b.spectrumFile, b.defocusU]).toEqual([3.5, "PS/b.mrc", 13000.1]);
      expect(cutTexts(document, [1])[0]).toBe([...lines.slice(0, 7), ...lines.slice(8)].join(end));
    }
  });

  it("of cisTEM serve with one row for each image, and are refused with particles", async () => {
    const table = (images: readonly string[]): string =>
      [
        "# Written by cisTEM on 2026-01-01 10:00:00",
        "",
        "data_",
        "",
        "loop_",
        ...["PositionInStack", "Defocus1", "Defocus2", "DefocusAngle", "PhaseShift", "PixelSize"]
          .concat("Voltage", "OriginalImageFilename")
          .map((label, i) => `_cisTEM${label} #${i + 1}`),
        "#    POS     DF1      DF2  ANGAST  PSHIFT    PSIZE  VOLT  IMAGE",
        ...images.map(
          (image, i) => `  ${i + 1} 12000.5 11000.5 30.25 1.5708 1.0600 300.0 '${image}'`,
        ),
        "",
      ].join("\n");
    const { table: read } = await openCtfFiles({ "c.star": table(["/data/a.mrc", "/data/b.mrc"]) });
    expect(read.formatName).toBe("cisTEM");
    expect(read.estimates.map((e) => e.micrograph)).toEqual(["/data/a.mrc", "/data/b.mrc"]);
    expect(read.estimates[0].phaseShiftDeg).toBeCloseTo(90, 2);
    expect(read.optics).toMatchObject({ pixelSizeA: 1.06, voltageKv: 300 });
    await expect(openCtfFiles({ "c.star": table(["a.mrc", "a.mrc", "b.mrc"]) })).rejects.toThrow(
      "3 particles of 2 micrographs",
    );
  });

  it("read Gctf's and cisTEM's labels", async () => {
    const gctf = await ctfTableOf(
      "data_\nloop_\n_rlnMicrographName\n_rlnDefocusU\n_rlnDefocusV\n_rlnFinalResolution\n_rlnPhaseShift\na.mrc 9000 8000 3.5 90\n",
    );
    expect([gctf.format, gctf.estimates[0].resolutionA, gctf.estimates[0].phaseShiftDeg]).toEqual([
      "gctf",
      3.5,
      90,
    ]);
    const cistem = await ctfTableOf(
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
    const document = await openCtfFiles({ "ctfs.xmd": source });
    const [a, b] = document.table.estimates;
    expect(a.phaseShiftDeg).toBeCloseTo(90, 3);
    expect(document.table.warnings.join()).toContain("radians");
    expect([a.disabled, b.disabled]).toEqual([null, "disabled in the table"]);
    expect(cutTexts(document, [1])[0]).toBe(source.replace(/ 1 1 a.*\n/, ""));
  });

  it("tables find their .ctfparam files, given or named", async () => {
    const xmd =
      "# XMIPP_STAR_1 * \ndata_\nloop_\n _micrograph\n _ctfModel\n a.mrc extra/a.ctfparam\n b.mrc extra/b.ctfparam\n";
    const param = (u: number): string =>
      `# XMIPP_STAR_1 * \n# \ndata_fullMicrograph\n _ctfSamplingRate 1.4\n _ctfDefocusU ${u}\n _ctfDefocusV 8000\n _ctfDefocusAngle 30\n`;
    const table = (await openCtfFiles({ "m.xmd": xmd, "a.ctfparam": param(9000) })).table;
    expect(table.estimates.map((e) => [e.micrograph, e.defocusU])).toEqual([
      ["a.mrc", 9000],
      ["b.mrc", NaN],
    ]);
    expect(table.estimates[1].failure).toBe("its .ctfparam file was not given");
    const resolved = await openCtfFiles(
      { "m.xmd": xmd },
      {
        resolve: (path) =>
          Promise.resolve(
            memorySource(path, new TextEncoder().encode(param(path.includes("a.ctf") ? 1 : 2))),
          ),
      },
    );
    expect(resolved.table.estimates.map((e) => e.defocusU)).toEqual([1, 2]);
    expect((await ctfTableOf(param(9000), "c.ctfparam")).estimates[0]).toMatchObject({
      micrograph: "c",
      defocusU: 9000,
      defocusAngleDeg: 30,
    });
  });

  it("2 parameters are negated", async () => {
    const table = await ctfTableOf(
      "defocusU= -29503.97\ndefocusV= -25946.06\nQ0= -0.1\n",
      "m.ctfparam",
    );
    expect(table.estimates[0]).toMatchObject({ defocusU: 29503.97, defocusV: 25946.06 });
    expect(table.optics.amplitudeContrast).toBe(0.1);
  });
});
