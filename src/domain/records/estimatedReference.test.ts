import { describe, expect, it } from "vitest";
import type { GainReport } from "../gainReport.ts";
import { appliedGain } from "./appliedGain.ts";
import { estimateWarnings } from "./estimatedReference.ts";
import type { EstimatedReference } from "./estimatedReference.ts";

type Judged = Parameters<typeof estimateWarnings>[0];

const judged = (change: Partial<Judged>): Judged => ({
  residual: false,
  verdict: { answer: "warn", scope: "", checks: [], text: "" },
  counts: { total: 61.6 } as GainReport["counts"],
  movies: ["a", "b", "c"],
  cautions: [],
  ...change,
});

describe("an estimate as the reference", () => {
  it("is warned of exactly where it may harm", () => {
    expect(estimateWarnings(judged({}))).toEqual([]);
    const of = (change: Partial<Judged>): string => estimateWarnings(judged(change)).join(" ");
    expect(of({ residual: true })).toContain("what the reference leaves");
    const undecided = { answer: "not-decidable", scope: "", checks: [], text: "" } as const;
    expect(of({ verdict: undecided })).toContain("With 62 counts per pixel");
    expect(of({ movies: ["a"] })).toContain("from one movie");
    expect(of({ verdict: { ...undecided, answer: "pass" } })).toContain("little");
    const cautions = [
      { code: "specimen", text: "Specimen is seen in it." },
      { code: "few-frames", text: "Few frames." },
    ] as const;
    expect(of({ cautions })).toBe("Specimen is seen in it.");
  });

  it("is told of with its origin, and not when it is switched off", () => {
    const made: EstimatedReference = {
      ...{ name: "combined_gain.mrc", of: "3 movies", movies: [], method: "sme" },
      ...{ residual: false, answer: "warn", verdict: "", counts: 240.4, r2: 0.8125 },
      ...{ warnings: [], mark: "m" },
      before: {
        ...{ reference: null, residual: false },
        orientation: { rotation90: 0, flip: "none", inverted: false },
      },
    };
    const known = { reference: made.name, made, pose: "as it lies", estimatedFrom: 3 };
    expect(appliedGain({ ...known, useReference: true, applyEstimate: false })).toEqual({
      source: "estimated",
      text: "estimated from 3 movies (combined_gain.mrc; limits exceeded, 240 counts per pixel, R² 0.813 with the reference before), taken as the reference by the user",
    });
    expect(appliedGain({ ...known, useReference: false, applyEstimate: false })).toEqual({
      source: "none",
      text: "none: combined_gain.mrc is switched off for motion",
    });
  });
});
