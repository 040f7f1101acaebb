import { describe, expect, it } from "vitest";
import { METRIC_IDS, METRICS, NO_METRICS } from "#src/domain/records/metrics.ts";
import type { OverviewRow } from "#src/domain/records/movieRecord.ts";
import { moviesCsv } from "./moviesCsv.ts";

const row: OverviewRow = {
  id: "a",
  name: "a, b.tif",
  path: "day 1/a, b.tif",
  order: 1,
  acquiredAt: Date.UTC(2026, 0, 2, 3, 4, 5),
  state: "filtered",
  running: null,
  failure: { step: "motion", text: 'Strip 41 is "short"' },
  hand: null,
  reason: "sd of G above 0.040",
  beyond: ["gainSd"],
  flags: ["jump"],
  metrics: { ...NO_METRICS, gainSd: 0.0412345678, defocusA: 12000 },
  track: null,
  sampled: true,
};

describe("movies.csv", () => {
  it("has a column for every number of the overview", () => {
    expect(METRICS.map((m) => m.id)).toEqual([...METRIC_IDS]);
    const [head] = moviesCsv([]).split("\n");
    for (const id of METRIC_IDS) expect(head.split(",")).toContain(id);
  });

  it("quotes what holds separators and leaves what is not known empty", () => {
    const [, line] = moviesCsv([row]).trimEnd().split("\n");
    expect(line).toBe(
      '"day 1/a, b.tif",1,2026-01-02T03:04:05.000Z,filtered,,sd of G above 0.040,0.04123457,,,,,,,,12000,,1,motion,"Strip 41 is ""short""",jump',
    );
  });
});
