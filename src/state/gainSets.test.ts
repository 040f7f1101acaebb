import { describe, expect, it } from "vitest";
import type { GainReport } from "#src/domain/gainReport.ts";
import { COMBINED, initialGain, withReports } from "./gainSlice.ts";

/** The parts of a report that are read here. */
const made = (id: string, residual: boolean): GainReport =>
  ({ id, residual, kept: `${id}/${residual ? "residual" : "estimated"}` }) as unknown as GainReport;

describe("sets of gains", () => {
  it("keep both of a movie, show the residuals, and no estimate of all among them", () => {
    const estimated = [made("a", false), made("b", false), made(COMBINED, false)];
    const first = withReports(initialGain, estimated);
    expect(Object.keys(first.reports)).toEqual(["a", "b", COMBINED]);
    // As the protocol hands them over: estimates, residuals, the estimate of all.
    const next = withReports(first, [
      made("a", false),
      made("a", true),
      made("b", true),
      made(COMBINED, false),
    ]);
    expect(Object.values(next.reports).map((r) => r.kept)).toEqual(["a/residual", "b/residual"]);
    expect(Object.keys(next.sets.estimated)).toEqual(["a", "b", COMBINED]);
    expect(Object.keys(next.sets.residual)).toEqual(["a", "b"]);
    // A movie that is estimated alone changes nothing of the others.
    const last = withReports(next, [made("b", false)]);
    expect(last.reports.a.kept).toBe("a/residual");
    expect(last.reports.b.kept).toBe("b/estimated");
  });
});
