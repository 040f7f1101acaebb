import { describe, expect, it } from "vitest";
import { resample } from "./resample.ts";
import { lineProfiles, quantileOfSorted, summarize } from "./pictureSummary.ts";

const image = (width: number, height: number, value: (x: number, y: number) => number) => ({
  width,
  height,
  data: Float32Array.from({ length: width * height }, (_, i) =>
    value(i % width, Math.floor(i / width)),
  ),
});

describe("resample", () => {
  it("gives back the pixels at 1:1", () => {
    const picture = image(5, 3, (x, y) => 10 * y + x);
    const raster = resample(picture, { x: 1, y: 1, width: 3, height: 2, columns: 3, rows: 2 });
    expect([...raster.values]).toEqual([11, 12, 13, 21, 22, 23]);
  });

  it("takes means below 1:1 and repeats pixels above", () => {
    const picture = image(4, 4, (x, y) => 4 * y + x);
    const half = resample(picture, { x: 0, y: 0, width: 4, height: 4, columns: 2, rows: 2 });
    expect([...half.values]).toEqual([2.5, 4.5, 10.5, 12.5]);
    const large = resample(picture, { x: 0, y: 0, width: 2, height: 1, columns: 4, rows: 1 });
    expect([...large.values]).toEqual([0, 0, 1, 1]);
  });

  it("leaves bad pixels out of means and marks their cells", () => {
    const picture = { ...image(4, 1, (x) => x), bad: Uint8Array.of(0, 1, 1, 1) };
    const raster = resample(picture, { x: 0, y: 0, width: 4, height: 1, columns: 2, rows: 1 });
    expect([...raster.values]).toEqual([0, 0]);
    expect([...(raster.bad ?? [])]).toEqual([2, 1]);
  });

  it("keeps the mean of a picture whose size the cells divide", () => {
    const picture = image(12, 8, (x, y) => Math.sin(x) + y);
    const mean = (values: ArrayLike<number>) =>
      Array.from(values).reduce((a, b) => a + b) / values.length;
    const raster = resample(picture, { x: 0, y: 0, width: 12, height: 8, columns: 4, rows: 2 });
    expect(mean(raster.values)).toBeCloseTo(mean(picture.data), 6);
  });
});

describe("summarize", () => {
  it("leaves out bad and non-finite pixels", () => {
    const summary = summarize({
      width: 5,
      height: 1,
      data: Float32Array.of(1, 2, 3, NaN, 1000),
      bad: Uint8Array.of(0, 0, 0, 0, 1),
    });
    expect(summary).toMatchObject({ min: 1, max: 3, mean: 2, badPixels: 2, integer: true });
    expect(summary.std).toBeCloseTo(Math.sqrt(2 / 3), 12);
  });

  it("survives an even picture", () => {
    const summary = summarize(image(4, 4, () => 7));
    expect(summary).toMatchObject({ min: 7, max: 7, std: 0, low: 7, high: 7 });
    expect(summary.histogram.counts.reduce((a, b) => a + b)).toBe(16);
  });

  it("puts all but the outermost values into the histogram", () => {
    const summary = summarize(image(200, 100, (x, y) => (x * 7 + y * 13) % 251));
    const inside = summary.histogram.counts.reduce((a, b) => a + b);
    expect(inside / 20_000).toBeGreaterThan(0.998);
  });
});

describe("quantileOfSorted", () => {
  it("is numpy's default", () => {
    expect(quantileOfSorted([1, 2, 3, 4], 0.25)).toBe(1.75);
    expect(quantileOfSorted([5], 0.9)).toBe(5);
  });
});

describe("lineProfiles", () => {
  it("are means of rows and columns over good pixels", () => {
    const picture = { ...image(3, 2, (x, y) => x + 10 * y), bad: Uint8Array.of(0, 0, 0, 1, 1, 1) };
    const { columns, rows } = lineProfiles(picture);
    expect([...columns]).toEqual([0, 1, 2]);
    expect(rows[0]).toBe(1);
    expect(rows[1]).toBeNaN();
  });
});
