import { describe, expect, it } from "vitest";
import type { CtfEstimate, CtfTable, DefocusSample } from "#src/domain/ctf.ts";
import { NO_METRICS } from "#src/domain/records/metrics.ts";
import type { MovieRecord } from "#src/domain/records/movieRecord.ts";
import { withCtf } from "./sessionCtf.ts";

const record = (id: string, name: string): MovieRecord => ({
  id,
  path: name,
  name,
  size: 1,
  lastModified: null,
  order: 0,
  hand: null,
  failure: null,
  metrics: NO_METRICS,
  track: null,
  steps: {},
  sampled: false,
  image: null,
});

const estimate = (row: number, micrograph: string): CtfEstimate =>
  ({
    row,
    micrograph,
    defocusU: 12_000,
    defocusV: 10_000,
    resolutionA: 4,
    failure: null,
  }) as unknown as CtfEstimate;

describe("defocus of a session's movies", () => {
  const records = { a: record("a", "Grid_1.tif"), b: record("b", "grid_2.tif") };
  const table = {
    estimates: [estimate(0, "job/grid_1_aligned_DW.mrc"), estimate(1, "other.mrc")],
  } as unknown as CtfTable;

  it("comes from the table's micrographs, by the names that results have", () => {
    const sample = { rows: [0] } as unknown as DefocusSample;
    const next = withCtf(records, { table, sample });
    expect(next.a.metrics).toMatchObject({ defocusA: 11_000, resolutionA: 4 });
    expect(next.a.sampled).toBe(true);
    expect(next.b).toBe(records.b);
  });

  it("leaves records alone that it says nothing new of", () => {
    const next = withCtf(records, { table, sample: null });
    expect(withCtf(next, { table, sample: null })).toBe(next);
  });
});
