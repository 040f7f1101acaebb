import { describe, expect, it } from "vitest";
import { cutTexts, ctfTableOf, openCtfFiles } from "#src/testing/ctfDocuments.ts";

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
    const document = await openCtfFiles({ "a.txt": a, "b.txt": b });
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
      cutTexts(document, [1])[0]
        .split("\n")
        .filter((l) => /^\d/.test(l)),
    ).toHaveLength(1);
  });

  it("take the ice ring from _avrot.txt", async () => {
    const profile =
      "# Output from CTFFind version 4.1.14\n# 6 lines per micrograph: #1 - spatial frequency (1/Angstroms)\n0.1 0.25 0.27 0.3\n9 1.5 -2 9\n0 0 0 0\n0 0 0 0\n0 0 0 0\n0 0 0 0\n";
    const table = (
      await openCtfFiles({
        "a_avrot.txt": profile,
        "a.txt": ctffind("4.1.14", ["1 9000 8000 1 0 0.1 4"]),
      })
    ).table;
    expect(table.estimates[0].iceDensity).toBe(3.5);
    await expect(openCtfFiles({ "a_avrot.txt": profile })).rejects.toThrow("rotational averages");
  });

  it("of CTFFIND 3 and Gctf logs are read", async () => {
    const gctf = await ctfTableOf(
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
    const three = await ctfTableOf(
      " CS[mm], HT[kV], AmpCnst, XMAG, DStep[um]\n  2.0    300.0    0.07   50000.0    7.0\n  24873.21  24345.61   48.85   0.15432  Final Values\n",
      "a.log",
    );
    expect(three.optics.pixelSizeA).toBeCloseTo(1.4, 10);
    expect(three.estimates[0]).toMatchObject({ defocusU: 24873.21, phaseShiftDeg: null });
  });

  it("of Gctf logs are read with colours, phase shifts and names with blanks", async () => {
    const log = [
      "Input image file name:",
      "  Micrographs/grid 1/mic_7.mrc  ",
      "Output diagnostic file name:",
      "  Micrographs/mic_7.ctf",
      "CS[mm], HT[kV], ac, XMAG, DStep[um]",
      "2.70 300.00 0.10 10000.00 1.060",
      "      Defocus_U   Defocus_V       Angle    Ph_shift      CCC",
      "       24401.23    21649.58       34.52       88.50    0.180863  Final Values",
      "",
      "Resolution limit estimated by EPA: \u001b[31m 3.464 \u001b[0m",
      "Processing done successfully.",
    ].join("\n");
    const document = await openCtfFiles({ "mic_7_gctf.log": log });
    const { table } = document;
    expect(table.formatName).toBe("Gctf log");
    expect(table.estimates[0]).toMatchObject({
      micrograph: "Micrographs/grid 1/mic_7.mrc",
      defocusU: 24401.23,
      phaseShiftDeg: 88.5,
      figureOfMerit: 0.180863,
      resolutionA: 3.464,
    });
    expect(table.optics.pixelSizeA).toBeCloseTo(1.06, 9);
    expect(cutTexts(document, [0])).toEqual([log]);
  });

  it("of Warp are read, in µm and units of π", async () => {
    const xml = `<?xml version="1.0"?>\n<Movie UnselectManual="False" CTFResolutionEstimate="4.1"><CTF>\n<Param Name="PixelSize" Value="1.1" /><Param Name='Defocus' Value='1.5' /><Param Name="DefocusDelta" Value="0.1"/><Param Name="DefocusAngle" Value="33" /><Param Name="PhaseShift" Value="0.5" /></CTF></Movie>`;
    const table = await ctfTableOf(xml, "m1.xml");
    const [row] = table.estimates;
    expect(row.defocusU).toBeCloseTo(15_500, 6);
    expect(row.defocusV).toBeCloseTo(14_500, 6);
    expect(row).toMatchObject({
      micrograph: "m1.mrc",
      phaseShiftDeg: 90,
      resolutionA: 4.1,
      disabled: null,
    });
    const dropped = await ctfTableOf(xml.replace('"False"', '"True"'), "m1.xml");
    expect(dropped.estimates[0].disabled).toBe("deselected in Warp");
    const unfitted = await ctfTableOf(xml.replace('"4.1"', '"0"'), "m1.xml");
    expect(unfitted.estimates[0].failure).toBe("no CTF fit by Warp");
  });
});
