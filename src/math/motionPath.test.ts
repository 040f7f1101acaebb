import { describe, expect, it } from "vitest";
import { motionPath } from "./motionPath.ts";

describe("motionPath", () => {
  it("adds the steps and shares the one that crosses 4 e/Å² out in proportion", () => {
    // Frames of 3 e/Å² end at 3, 6, 9: a third of the step from 3 to 6 is early.
    const path = motionPath([0, 3, 3], [0, 4, 10], [0, 1, 2], 3, 0);
    expect(path.step).toEqual([0, 5, 6]);
    expect(path.total).toBe(11);
    expect(path.early).toBeCloseTo(5 / 3, 12);
    expect(path.late).toBeCloseTo(11 - 5 / 3, 12);
  });

  it("counts exposure before the first frame, and left-out frames", () => {
    expect(motionPath([0, 1], [0, 0], [0, 1], 1, 10).early).toBe(0);
    // Frame 3 ends at 4 e/Å²: all of it is early.
    expect(motionPath([0, 1], [0, 0], [0, 3], 1, 0).early).toBe(1);
  });

  it("says nothing of early and late without a dose", () => {
    expect(motionPath([0, 1], [0, 0], [0, 1], null, 0)).toMatchObject({ early: null, late: null });
  });
});
