import { describe, expect, it } from "vitest";
import type { MovieHeader } from "./movie.ts";
import { frameSets, readsOtherFrames, withEntered } from "./reading.ts";

const header: MovieHeader = {
  format: "mrc",
  width: 64,
  height: 48,
  frames: 1,
  pixelType: "uint16",
  pixelSizeA: 1.2,
  pixelSizeSource: "MRC cell",
  dosePerFrame: null,
  unitsPerElectron: null,
  warnings: [],
  fields: [],
};

describe("a reading wish", () => {
  it("puts entered numbers in place of the file's and leaves the rest", () => {
    expect(withEntered(header, {})).toEqual(header);
    expect(withEntered(header, { pixelSizeA: 0.9, dosePerFrame: 1.5 })).toEqual({
      ...header,
      pixelSizeA: 0.9,
      pixelSizeSource: "entered",
      dosePerFrame: 1.5,
    });
  });

  it("counts EER numbers per sensor pixel and raw frame, so that they survive other fractions", () => {
    const eer = {
      ...{ rawFrames: 100, groupSize: 20, fractions: 5, leftover: 0, upsampling: 2 },
      ...{ dosePerRawFrame: null, gainReference: null },
    };
    const made = withEntered({ ...header, eer }, { pixelSizeA: 1, dosePerFrame: 0.05 });
    expect(made.pixelSizeA).toBe(0.5);
    expect(made.dosePerFrame).toBeCloseTo(1, 12);
    expect(made.eer?.dosePerRawFrame).toBe(0.05);
  });

  it("gives other frames by fractions, rendering and sign, not by numbers of the header", () => {
    expect(readsOtherFrames({}, { pixelSizeA: 2, dosePerFrame: 1, upsampling: 1 })).toBe(false);
    for (const wish of [
      { fractions: 3 },
      { groupSize: 3 },
      { upsampling: 2 },
      { unsignedBytes: false },
    ] as const)
      expect(readsOtherFrames({}, wish)).toBe(true);
  });
});

describe("sets of separate frames", () => {
  const file = (path: string, change: Partial<MovieHeader> = {}) => ({
    id: path,
    path,
    header: { ...header, ...change },
  });

  it("differ in their last number only and are ordered by it", () => {
    const sets = frameSets(
      ["a/x_10.mrc", "a/x_2.mrc", "b/x_3.mrc", "a/y_1.mrc", "a/x_1.tif"].map((p) => file(p)),
    );
    expect(sets.map((set) => set.map(({ id }) => id))).toEqual([["a/x_2.mrc", "a/x_10.mrc"]]);
  });

  it("hold no movies, no other sizes and no other types", () => {
    expect(
      frameSets([
        file("x_1.mrc"),
        file("x_2.mrc", { frames: 2 }),
        file("x_3.mrc", { width: 32 }),
        file("x_4.mrc", { pixelType: "float32" }),
      ]),
    ).toEqual([]);
  });
});
