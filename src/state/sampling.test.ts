import { describe, expect, it } from "vitest";
import { defaultSampleOptions } from "#src/domain/ctf.ts";
import type { CtfEstimate, CtfTable } from "#src/domain/ctf.ts";
import type { SessionFile } from "#src/domain/session.ts";
import { leftOutReasons, sampleEstimates, undrawnSample } from "#src/math/defocusSample.ts";
import { sessionDefoci } from "#src/testing/ctfTables.ts";
import {
  defocusBars,
  insidePolygon,
  plotRange,
  roundTicks,
  tickDecimals,
} from "./samplingPlots.ts";
import {
  acquisitionTime,
  bareName,
  picturesByName,
  picturesOf,
  scatterValues,
  sortedRows,
} from "./samplingRows.ts";

function estimate(row: number, defocusU: number, more: Partial<CtfEstimate> = {}): CtfEstimate {
  return {
    row,
    micrograph: `Movies/mic_${row}.mrc`,
    defocusU,
    defocusV: defocusU - 300,
    defocusAngleDeg: 0,
    phaseShiftDeg: null,
    resolutionA: 4,
    figureOfMerit: 0.1,
    iceDensity: null,
    spectrumFile: `Ctf/mic_${row}.ctf:mrc`,
    failure: null,
    disabled: null,
    ...more,
  };
}

function tableOf(estimates: readonly CtfEstimate[]): CtfTable {
  const optics = {
    pixelSizeA: 1,
    voltageKv: null,
    sphericalAberrationMm: null,
    amplitudeContrast: null,
  };
  return { format: "relion", formatName: "", files: [], estimates, optics, warnings: [] };
}

describe("names", () => {
  it("of micrographs and spectra are found among the session's files", () => {
    expect(bareName("000003@Job/Mic_1.mrcs")).toBe("mic_1");
    expect(bareName("Ctf/mic_1_PS.ctf:mrc")).toBe("mic_1_ps");
    const file = (id: string, name: string): SessionFile => ({
      id,
      name,
      path: name,
      size: 1,
      lastModified: null,
      kind: "image",
      header: { frames: 1 } as SessionFile["header"],
      failure: null,
      simulated: false,
    });
    const byName = picturesByName([file("a", "mic_1.mrc"), file("b", "mic_1.ctf")]);
    expect(picturesOf(estimate(1, 9000), byName)).toEqual({ micrograph: "a", spectrum: "b" });
    expect(picturesOf(estimate(2, 9000), byName)).toEqual({ micrograph: null, spectrum: null });
  });

  it("hold the time of acquisition", () => {
    expect(acquisitionTime("FoilHole_17693356_Data_17693822_20190118_1420-69750.mrc")).toBe(
      Date.UTC(2019, 0, 18, 14, 20),
    );
    expect(acquisitionTime("x_20201116_142003_fractions.tiff")).toBe(
      Date.UTC(2020, 10, 16, 14, 20, 3),
    );
    expect(acquisitionTime("mic_20209999_1420.mrc")).toBeNull();
    expect(acquisitionTime("mic_00001.mrc")).toBeNull();
  });
});

describe("plots", () => {
  const table = tableOf([...sessionDefoci(500, 1), 60_000].map((u, i) => estimate(i, u)));
  const sample = sampleEstimates(table.estimates, defaultSampleOptions);

  it("count every value once, the absurd one outside", () => {
    const bars = defocusBars(table, sample);
    const inside = bars.counts.reduce((a, b) => a + b, 0);
    expect(inside + bars.below + bars.above).toBe(501);
    expect(bars.above).toBeGreaterThanOrEqual(1);
    expect(bars.to).toBeLessThan(5);
    for (const edge of sample.bins.slice(1)) {
      expect(edge.from / 1e4).toBeGreaterThanOrEqual(bars.from);
      expect(edge.from / 1e4).toBeLessThanOrEqual(bars.to);
    }
    const equal = tableOf([estimate(0, 9000), estimate(1, 9000)]);
    const one = defocusBars(equal, sampleEstimates(equal.estimates, defaultSampleOptions));
    expect(one.counts.reduce((a, b) => a + b, 0) + one.above + one.below).toBe(2);
  });

  it("have round ticks", () => {
    expect(roundTicks(0.42, 1.31, 5)).toEqual([0.6000000000000001, 0.8, 1, 1.2000000000000002]);
    expect(tickDecimals([0.6, 0.8])).toBe(1);
    expect(plotRange([1, 1, 1]).to).toBeGreaterThan(1);
    expect(plotRange([]).from).toBe(0);
  });

  it("tell what a lasso holds", () => {
    const square = [
      { x: 0, y: 0 },
      { x: 10, y: 0 },
      { x: 10, y: 10 },
      { x: 0, y: 10 },
    ];
    expect([insidePolygon(5, 5, square), insidePolygon(11, 5, square)]).toEqual([true, false]);
  });

  it("show astigmatism in nm, and the place in the table where no time is known", () => {
    expect(scatterValues(table, "astigmatism").values[0]).toBeCloseTo(30, 9);
    expect(scatterValues(table, "order")).toMatchObject({ title: "place in the table" });
    const dated = tableOf(
      [10, 12].map((hour, i) => estimate(i, 9000, { micrograph: `a_20201116_${hour}3000_x.mrc` })),
    );
    expect(scatterValues(dated, "order").values).toEqual([0, 2]);
  });

  it("sort rows, missing values last", () => {
    const few = tableOf([
      estimate(0, 9000, { resolutionA: null }),
      estimate(1, 8000),
      estimate(2, 7000, { resolutionA: 3 }),
    ]);
    expect(sortedRows(few, null, "defocus", false)).toEqual([2, 1, 0]);
    expect(sortedRows(few, null, "resolution", true)).toEqual([1, 2, 0]);
    expect(sortedRows(few, [2, 0], null, false)).toEqual([2, 0]);
    expect(sortedRows(few, null, "name", true)).toEqual([2, 1, 0]);
  });
});

describe("a population that nothing is drawn from yet", () => {
  it("has the bins of the sample that follows, and nothing selected", () => {
    const estimates = sessionDefoci(60, 2).map((u, i) =>
      estimate(i, u, i % 10 === 0 ? { failure: "failed fit (defocus −999)" } : {}),
    );
    const undrawn = undrawnSample(estimates, defaultSampleOptions);
    const drawn = sampleEstimates(estimates, defaultSampleOptions);
    expect(undrawn?.bins.map(({ from, to, population }) => [from, to, population])).toEqual(
      drawn.bins.map(({ from, to, population }) => [from, to, population]),
    );
    expect(undrawn?.bins.every(({ selected }) => selected === 0)).toBe(true);
    expect(undrawn?.population).toEqual(drawn.population);
    expect(undrawn?.leftOut).toEqual(drawn.leftOut);
    expect(undrawn?.rows).toEqual([]);
    const none = estimates.slice(0, 1);
    expect(leftOutReasons(none, defaultSampleOptions)[0]).not.toBeNull();
    expect(undrawnSample(none, defaultSampleOptions)).toBeNull();
  });
});
