import { describe, expect, it } from "vitest";
import { DEFAULT_GAIN_PARAMETERS } from "#src/domain/gainEstimate.ts";
import { gainProvenance, gainStatisticsCsv, gainSummary, monitorLine } from "./gainReports.ts";
import { readGainReport } from "#src/domain/records/readGainReport.ts";
import type { ReportedEstimate } from "./gainReports.ts";

const estimate: ReportedEstimate = {
  name: 'movie, "one"',
  parameters: DEFAULT_GAIN_PARAMETERS,
  residual: true,
  statistics: {
    mean: 1,
    std: 0.05,
    min: 0.5,
    max: 2,
    p2_5: 0.9,
    p25: 0.97,
    p50: 1,
    p75: 1.03,
    p97_5: 1.1,
  },
  badPixels: 3,
  badSources: null,
  noiseFloor: 0.01,
  signalStd: 0.049,
  pixelSignal: null,
  lineSignal: null,
  verdict: {
    answer: "warn",
    scope: "rows",
    text: "Warning.",
    checks: [
      {
        name: "std",
        title: "standard deviation",
        raw: 0.05,
        limit: 0.04,
        signal: 0.049,
        uncertainty: 0.001,
        answer: "warn",
        countsToDecide: null,
        text: "Above.",
      },
    ],
  },
  iterations: [{ change: 0.03, noise: 0.01 }],
  sigmas: [],
  cautions: [{ code: "few-frames", text: "Few." }],
  counts: {
    framesUsed: [0, 5],
    framesInMovie: 10,
    framesPerGroup: 2,
    groups: 1,
    unitsPerElectron: 1,
    unitsSource: "movie",
    perFrame: 10,
    total: 20,
  },
  comparison: null,
  structure: null,
  chosen: [],
  seconds: 1,
};

describe("reports of a gain", () => {
  it("write the protocol's summary and monitor line", () => {
    const [first, second] = gainSummary([estimate]).split("\n");
    expect(first).toBe(
      'movie, "one"_residual: mean=1.000000 std=0.050000 [min=0.500000,max=2.000000]',
    );
    expect(second).toBe(
      "            2.5%=0.900000 25%=0.970000 50%=1.000000 75%=1.030000 97.5%=1.100000",
    );
    expect(monitorLine(estimate)).toBe(
      'movie, "one"_residual: 0.050000 0.900000 1.100000 2.000000\n',
    );
  });

  it("write one line of CSV for each estimate, names quoted", () => {
    const [header, line, end] = gainStatisticsCsv([estimate]).split("\n");
    expect(end).toBe("");
    expect(line.startsWith('"movie, ""one""",residual,sme,')).toBe(true);
    const cells = line.slice('"movie, ""one"""'.length).split(",");
    expect(cells.length).toBe(header.split(",").length);
    expect(line.endsWith(',warn,"std few-frames"')).toBe(true);
  });

  it("tell where a gain comes from", () => {
    const json = JSON.parse(
      gainProvenance(estimate, {
        inputs: ["a.mrcs"],
        reference: "ref.mrc",
        backend: "cpu: 2 cores",
        date: "2026-01-01T00:00:00Z",
      }),
    ) as Record<string, unknown>;
    expect(json).toMatchObject({
      program: "cryoloupe",
      kind: "residual gain",
      inputs: ["a.mrcs"],
      limits: { std: 0.04, spread: 1.15, peak: 4.5 },
      result: { std: 0.05, flags: ["std", "few-frames"] },
    });
  });

  it("are read back from the JSON beside the pixels, and only from a whole one", () => {
    const origin = { inputs: ["a.mrcs"], reference: null, backend: "cpu", date: "2026-01-01" };
    const text = gainProvenance(estimate, origin);
    const back = readGainReport(text);
    expect(back).toEqual(JSON.parse(JSON.stringify(estimate)));
    expect(gainProvenance(back ?? estimate, origin)).toBe(text);
    const { counts: _counts, ...less } = (JSON.parse(text) as { result: Record<string, unknown> })
      .result;
    const older = JSON.stringify({ ...(JSON.parse(text) as object), result: less });
    expect([older, text.slice(0, 400), "[]", "{}"].map(readGainReport)).toEqual([
      ...[null, null, null, null],
    ]);
  });
});
