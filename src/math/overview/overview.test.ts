import { describe, expect, it } from "vitest";
import { NO_METRICS } from "#src/domain/records/metrics.ts";
import { RESIDUAL_THRESHOLDS } from "#src/domain/records/movieRecord.ts";
import { DEFAULT_RUN_PLAN } from "#src/domain/records/runPlan.ts";
import { QUIET_EVENTS, simulateSession } from "#src/simulation/simulatedSession.ts";
import type { SimulatedEvents } from "#src/simulation/simulatedSession.ts";
import { overviewRow } from "../movieState.ts";
import { createRandom } from "../random.ts";
import { niceTicks, timeTicks, trendRange } from "./axisTicks.ts";
import { findLevelChanges } from "./changePoint.ts";
import { metricHistogram } from "./metricHistogram.ts";
import { medianOf, robustSd, runningMedian } from "./movingMedian.ts";
import { changeNotices, crossings, monitorNotices, seriesOf } from "./notices.ts";
import { findOutliers, outlierRuns, outlierRunText, outlierText } from "./outliers.ts";
import { findRows, isAccepted, shownState, sortRows, stateCounts } from "./rowOrder.ts";
import { thinDots } from "./thinDots.ts";
import {
  beyondLimits,
  countBeyond,
  isFilteredOut,
  limitText,
  parseLimit,
  thresholdReason,
} from "./thresholds.ts";

const normals = (n: number, seed: number, mean: (i: number) => number, sd: number): number[] => {
  const random = createRandom(seed);
  return Array.from({ length: n }, (_, i) => mean(i) + sd * random.normal());
};

const KEYS = { gain: "g", motion: "m", preprocess: "p" };
const rowsOf = (count: number, seed: number, events: SimulatedEvents) =>
  simulateSession(count, seed, events, KEYS).map((record, i) =>
    overviewRow(record, {
      order: i + 1,
      plan: DEFAULT_RUN_PLAN,
      thresholds: RESIDUAL_THRESHOLDS,
      keys: KEYS,
      running: null,
    }),
  );

describe("thresholds", () => {
  const values = { ...NO_METRICS, gainSd: 0.041, driftA: 31.4, meanCounts: 1.4 };

  it("names what lies beyond, with its limit and unit", () => {
    const limits = {
      gainSd: { low: null, high: 0.04 },
      driftA: { low: null, high: 25 },
      meanCounts: { low: 1.47, high: null },
      earlyA: { low: null, high: 8 },
    };
    expect(beyondLimits(values, limits)).toEqual(["gainSd", "meanCounts", "driftA"]);
    expect(thresholdReason(values, limits)).toBe(
      "sd of G above 0.040, counts below 1.47, drift above 25.0 Å",
    );
    expect(limitText("gainSd", limits.gainSd)).toBe("≤ 0.040");
    expect(limitText("defocusA", { low: 5000, high: 24000 })).toBe("0.50 – 2.40");
  });

  it("understands limits as they are typed", () => {
    expect(parseLimit("gainSd", "0.04")).toEqual({ low: null, high: 0.04 });
    expect(parseLimit("meanCounts", "1,47")).toEqual({ low: 1.47, high: null });
    expect(parseLimit("meanCounts", "≤ 1.8")).toEqual({ low: null, high: 1.8 });
    expect(parseLimit("defocusA", "0.5 – 2.4")).toEqual({ low: 5000, high: 24000 });
    expect(parseLimit("defocusA", limitText("defocusA", { low: 5000, high: 24000 }))).toEqual({
      low: 5000,
      high: 24000,
    });
    expect(parseLimit("gainSd", " ")).toBeNull();
    expect(parseLimit("gainSd", "much")).toBeUndefined();
    expect(parseLimit("defocusA", "3 – 2")).toBeUndefined();
  });

  it("combines by any or by all, and lets pass what was not measured", () => {
    const limits = { gainSd: { low: null, high: 0.04 }, driftA: { low: null, high: 40 } };
    expect(isFilteredOut(values, { limits, combine: "any" })).toBe(true);
    expect(isFilteredOut(values, { limits, combine: "all" })).toBe(false);
    expect(isFilteredOut({ ...values, driftA: 50 }, { limits, combine: "all" })).toBe(true);
    expect(isFilteredOut({ ...values, driftA: null }, { limits, combine: "all" })).toBe(false);
    expect(isFilteredOut(values, { limits: {}, combine: "all" })).toBe(false);
    expect(isFilteredOut(NO_METRICS, { limits, combine: "any" })).toBe(false);
    // A limit is inclusive: the value itself passes.
    expect(isFilteredOut({ ...NO_METRICS, gainSd: 0.04 }, { limits, combine: "any" })).toBe(false);
    expect(countBeyond([0.03, 0.05, null], limits.gainSd)).toEqual({ out: 1, of: 2 });
  });
});

describe("runningMedian", () => {
  it("equals the median and MAD of each window", () => {
    const values = normals(83, 5, (i) => Math.sin(i / 9), 0.3);
    const width = 11;
    const { median, sd } = runningMedian(values, width);
    values.forEach((_, i) => {
      const from = Math.max(0, Math.min(values.length - width, i - 5));
      const window = values.slice(from, from + width);
      expect(median[i]).toBeCloseTo(medianOf(window), 12);
      expect(sd[i]).toBeCloseTo(robustSd(window, medianOf(window)), 12);
    });
  });

  it("holds an even window and one longer than the series", () => {
    const { median, sd } = runningMedian([4, 1, 3, 2], 9);
    expect([...median]).toEqual([2.5, 2.5, 2.5, 2.5]);
    expect(sd[0]).toBeCloseTo(1.4826, 10);
    expect(runningMedian([], 5).median).toHaveLength(0);
  });
});

describe("findOutliers", () => {
  const points = (values: readonly number[]) =>
    values.map((value, i) => ({
      id: `m${i}`,
      name: `movie_${String(i + 1).padStart(4, "0")}`,
      order: i + 1,
      value,
    }));

  it("finds what was put in, across a step, and names it", () => {
    const values = normals(1000, 3, (i) => (i < 620 ? 0.032 : 0.037), 0.002);
    values[730] = 0.061;
    values[100] = 0.015;
    const found = findOutliers("gainSd", points(values));
    expect(found.map(({ order }) => order)).toEqual([101, 731]);
    expect(outlierText("gainSd", found[1])).toMatch(
      /^movie_0731: sd of G 0\.061, session 0\.03[67] ± 0\.002$/,
    );
  });

  it("raises no false alarm in 100 seeds, neither of normal nor of log-normal numbers", () => {
    for (let seed = 1; seed <= 100; seed++) {
      expect(findOutliers("gainSd", points(normals(400, seed, () => 0.03, 0.002)))).toEqual([]);
      const drift = normals(400, seed + 1000, () => Math.log(9), 0.4).map(Math.exp);
      expect(findOutliers("driftA", points(drift))).toEqual([]);
    }
  });

  it("calls equal values and short series no outliers", () => {
    expect(findOutliers("meanCounts", points(new Array<number>(40).fill(1.5)))).toEqual([]);
    expect(findOutliers("meanCounts", points([1, 1, 1, 9]))).toEqual([]);
  });

  it("tells neighbours as one", () => {
    const values = normals(600, 8, (i) => (i >= 300 && i < 330 ? 1.42 : 1.55), 0.012);
    const runs = outlierRuns("meanCounts", findOutliers("meanCounts", points(values)));
    expect(runs).toHaveLength(1);
    expect(outlierRunText(runs[0])).toMatch(
      /^movie_0301 to movie_0330, 30 movies: counts 1\.42, session 1\.5[45] ± 0\.01$/,
    );
  });
});

describe("findLevelChanges", () => {
  it("finds a step of two standard deviations at its place, in 50 seeds", () => {
    for (let seed = 1; seed <= 50; seed++) {
      const values = normals(1000, seed, (i) => (i < 620 ? 0.032 : 0.037), 0.002);
      const changes = findLevelChanges(values);
      expect(changes).toHaveLength(1);
      const [{ at, before, after, until }] = changes;
      // A step of 2.5 sd is located to a few values.
      expect(Math.abs(at - 620)).toBeLessThanOrEqual(6);
      expect(before).toBeCloseTo(0.032, 3);
      expect(after).toBeCloseTo(0.037, 3);
      expect(until).toBeNull();
    }
  });

  it("raises no false alarm in 100 seeds, long and short", () => {
    for (let seed = 1; seed <= 100; seed++) {
      expect(findLevelChanges(normals(1000, seed, () => 5, 1))).toEqual([]);
      expect(findLevelChanges(normals(24, seed, () => 5, 1))).toEqual([]);
    }
  });

  it("calls neither a slow trend nor single outliers a step", () => {
    for (let seed = 1; seed <= 20; seed++) {
      expect(findLevelChanges(normals(500, seed, (i) => i / 100, 1))).toEqual([]);
      expect(findLevelChanges(normals(500, seed, (i) => (i % 97 === 0 ? 40 : 0), 1))).toEqual([]);
    }
  });

  it("finds a clear step in 24 values", () => {
    const [change] = findLevelChanges(normals(24, 2, (i) => (i < 12 ? 10 : 15), 1));
    expect(change.at).toBe(12);
  });

  it("tells a level that comes back", () => {
    const values = normals(1000, 4, (i) => (i >= 300 && i < 500 ? 1.4 : 1.55), 0.02);
    const changes = findLevelChanges(values);
    expect(changes.map(({ at }) => at)).toEqual([300, 500]);
    expect(changes[0].returned).toBe(true);
  });
});

describe("notices", () => {
  const events = {
    step: { at: 620, by: 0.006 },
    dip: null,
    jumps: 0.02,
    failEvery: 250,
  };
  const rows = rowsOf(1000, 12, events);
  const time = (id: string): string => {
    const at = rows.find((row) => row.id === id)?.acquiredAt;
    return at == null ? "" : new Date(at).toISOString().slice(11, 16);
  };

  it("tells the step of a simulated session with place, time and size", () => {
    const [notice, ...rest] = changeNotices("gainSd", seriesOf("gainSd", rows), 1000, time);
    expect(rest).toEqual([]);
    expect(notice.title).toMatch(/^The residual gain changed at 6[12]\d of 1\u202f000, 21:1\d\.$/);
    expect(notice.detail).toBe(
      "The sd rose from 0.032 to 0.038 and stayed there: the reference may be older than this part of the session.",
    );
  });

  it("tells nothing of quiet sessions, whichever number, over 20 seeds", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const quiet = rowsOf(300, seed, QUIET_EVENTS);
      for (const id of ["gainSd", "driftA", "meanCounts", "resolutionA"] as const)
        expect(changeNotices(id, seriesOf(id, quiet), 300, () => "")).toEqual([]);
    }
  });

  it("watches thresholds as the monitor does", () => {
    const [sd] = monitorNotices(rows, { gainSd: { low: null, high: 0.04 } });
    const beyond = rows.filter(({ metrics }) => (metrics.gainSd ?? 0) > 0.04);
    expect(sd.count).toBe(beyond.length);
    expect(sd.first.id).toBe(beyond[0].id);
    expect(sd.text).toContain(`sd of G above 0.040 in ${beyond.length} of 996 movies, first in`);
  });

  it("tells which limits one movie is beyond, and by what", () => {
    const limits = {
      gainSd: { low: null, high: 0.04 },
      driftA: { low: null, high: 25 },
      meanCounts: { low: 1, high: null },
    };
    expect(crossings("a.tif", { gainSd: 0.05, driftA: 24, meanCounts: 0.5 }, limits)).toEqual([
      "a.tif: sd of G 0.050, above 0.040.",
      expect.stringMatching(/^a\.tif: .* 0\.50.*, below 1\.00/),
    ]);
    // A limit counts as kept when it is met exactly; what was not measured is beyond nothing.
    expect(crossings("a.tif", { gainSd: 0.04, driftA: null }, limits)).toEqual([]);
  });

  it("counts, finds and sorts rows", () => {
    const counts = stateCounts(rows);
    expect(counts.failed).toBe(4);
    expect(Object.values(counts).reduce((a, b) => a + b)).toBe(1000);
    expect(rows.filter(isAccepted)).toHaveLength(counts.processed);
    expect(findRows(rows, "00250", []).map(shownState)).toEqual(["failed"]);
    expect(findRows(rows, "sd of g above", [])).toHaveLength(
      rows.filter(({ reason }) => reason.includes("sd of G")).length,
    );
    expect(findRows(rows, "", ["failed"])).toHaveLength(4);
    const falling = sortRows(rows, "driftA", true).map(({ metrics }) => metrics.driftA);
    expect(falling.slice(-4)).toEqual([null, null, null, null]);
    for (let i = 1; i < 996; i++) expect(falling[i] ?? 0).toBeLessThanOrEqual(falling[i - 1] ?? 0);
    expect(sortRows(rows, "reason", true)[0].reason).not.toBe("");
    const names = sortRows(
      [
        { ...rows[0], name: "movie_10" },
        { ...rows[0], name: "movie_9" },
      ],
      "name",
      false,
    );
    expect(names.map(({ name }) => name)).toEqual(["movie_9", "movie_10"]);
  });
});

describe("drawing", () => {
  it("thins dots of one place, never those to keep", () => {
    const x = Array.from({ length: 10_000 }, (_, i) => (i % 100) + 0.5);
    const y = x.map(() => 7.2);
    const kept = thinDots(x, y, (i) => i === 9_999 || i === 5_000, 2);
    expect(kept).toHaveLength(50 + 2);
    expect(kept).toContain(9_999);
    expect(kept).toContain(5_000);
  });

  it("counts every value, with heights as square roots", () => {
    const histogram = metricHistogram([1, 1, 1, 1, 2, null, 9], [null, 4]);
    expect(histogram?.counts.reduce((a, b) => a + b)).toBe(6);
    expect(Math.max(...(histogram?.heights ?? []))).toBe(1);
    expect(histogram?.heights.filter((h) => h > 0).sort()).toEqual([0.5, 0.5, 1]);
    expect(metricHistogram([null], [])).toBeNull();
    const same = metricHistogram([3, 3], []);
    expect(same?.counts.reduce((a, b) => a + b)).toBe(2);
  });
});

describe("axes", () => {
  it("marks round values and round times within the range", () => {
    expect(niceTicks(0.029, 0.0455, 2)).toEqual([0.03, 0.04]);
    expect(niceTicks(0, 47, 3)).toEqual([0, 20, 40]);
    expect(niceTicks(3, 3, 3)).toEqual([3]);
    const day = Date.UTC(2024, 4, 17);
    const at = timeTicks(day + 9.2 * 3.6e6, day + 28.7 * 3.6e6, 6, 0);
    expect(at.map((t) => new Date(t).getUTCHours())).toEqual([12, 16, 20, 0, 4]);
    // Two hours ahead of UTC: noon there is ten o'clock here.
    expect(timeTicks(day, day + 24 * 3.6e6, 2, -120).map((t) => new Date(t).getUTCHours())).toEqual(
      [10, 22],
    );
  });

  it("shows a limit that is near, and leaves out one that is far", () => {
    expect(trendRange([1, 2], [2.5])[1]).toBeCloseTo(2.625, 10);
    expect(trendRange([1, 2], [45])[1]).toBeCloseTo(2 + 1 / 12, 10);
    expect(trendRange([], [])).toEqual([0, 1]);
  });
});
