import { describe, expect, it } from "vitest";
import { createRandom } from "#src/math/random.ts";
import { smoothTrack } from "./smoothTrack.ts";

const FRAMES = 40;

/** A drift that slows down, with jitter and errors; rms of error, both axes. */
function make(seed: number, { drift = 6, jitter = 0, noise = 0.5, jumpAt = -1, jump = 0 }) {
  const random = createRandom(seed);
  const truth = [drift, -0.6 * drift].map((d) =>
    Float64Array.from(
      { length: FRAMES },
      (_, t) =>
        d * (1 - Math.exp((-4 * t) / FRAMES)) +
        jitter * random.normal() +
        (jumpAt >= 0 && t >= jumpAt ? jump : 0),
    ),
  );
  const measured = truth.map((axis) => axis.map((v) => v + noise * random.normal()));
  return { truth, measured };
}

function rms(found: readonly Float64Array[], truth: readonly Float64Array[]): number {
  let sum = 0;
  found.forEach((axis, i) => {
    const mean = (a: Float64Array): number => a.reduce((s, v) => s + v, 0) / a.length;
    const shift = mean(axis) - mean(truth[i]);
    axis.forEach((v, t) => {
      sum += (v - truth[i][t] - shift) ** 2 / axis.length;
    });
  });
  return Math.sqrt(sum);
}

describe("smoothTrack", () => {
  it("halves the error of a faint drift, and tells what is left within a factor of 1.5", () => {
    let before = 0;
    let after = 0;
    let told = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const { truth, measured } = make(seed, { noise: 0.5, jitter: 0.1 });
      const { axes, errorPx } = smoothTrack(measured, 0.25);
      before += rms(measured, truth) ** 2;
      after += rms(axes, truth) ** 2;
      told += errorPx ** 2;
    }
    expect(Math.sqrt(after / before)).toBeLessThan(0.55);
    expect(Math.sqrt(told / after)).toBeGreaterThan(1 / 1.5);
    expect(Math.sqrt(told / after)).toBeLessThan(1.5);
  });

  it("leaves a jitter that the data show, and a jump, as they are", () => {
    const jittery = make(5, { noise: 0.02, jitter: 0.3 });
    expect(rms(smoothTrack(jittery.measured, 0.02 ** 2).axes, jittery.truth)).toBeLessThan(
      1.05 * rms(jittery.measured, jittery.truth),
    );
    const jumping = make(6, { noise: 0.1, jumpAt: 20, jump: 8 });
    expect(rms(smoothTrack(jumping.measured, 0.01).axes, jumping.truth)).toBeLessThan(
      1.1 * rms(jumping.measured, jumping.truth),
    );
  });

  it("counts a jitter that no specimen has as error, where errors are large", () => {
    // Said to be 0.7 px, in truth 1.8 px; and the same with errors said to be small: then it is jitter.
    let after = 0;
    let told = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const { truth, measured } = make(seed, { noise: 1.8 });
      const { axes, errorPx } = smoothTrack(measured, 0.5);
      after += rms(axes, truth) ** 2;
      told += errorPx ** 2;
      const { axes: left } = smoothTrack(measured, 0.0004);
      expect(rms(left, measured)).toBeLessThan(0.01);
    }
    expect(Math.sqrt(after / 20)).toBeLessThan(1.3);
    expect(Math.sqrt(told / after)).toBeGreaterThan(1 / 1.5);
    expect(Math.sqrt(told / after)).toBeLessThan(1.5);
  });

  it("gives what least squares gives where the drift is a straight line", () => {
    // The error is said to be larger than it is, so that no variance is left for steps and jitter: the
    // smoother is the regression line.
    const random = createRandom(3);
    const line = Float64Array.from({ length: FRAMES }, (_, t) => 0.2 * t);
    const measured = [line.map((v) => v + 0.5 * random.normal())];
    const { axes } = smoothTrack(measured, 0.6);
    const middle = (FRAMES - 1) / 2;
    let xy = 0;
    let xx = 0;
    measured[0].forEach((v, t) => {
      xy += v * (t - middle);
      xx += (t - middle) ** 2;
    });
    // The diffuse beginning leaves 1e-7 of the spread.
    axes[0].forEach((v, t) => {
      expect(v).toBeCloseTo((xy / xx) * (t - middle), 4);
    });
  });

  it("bridges frames that say nothing, and tells more error there", () => {
    const { truth, measured } = make(8, { noise: 0.2 });
    const missing = [10, 11, 12, 13];
    for (const axis of measured) for (const t of missing) axis[t] = 1000;
    const all = smoothTrack(measured, 0.04, missing);
    expect(rms(all.axes, truth)).toBeLessThan(0.25);
    const whole = make(8, { noise: 0.2 });
    expect(all.errorPx).toBeGreaterThan(smoothTrack(whole.measured, 0.04).errorPx);
  });

  it("returns what it was given, mean taken out, without an error or with few frames", () => {
    const few = [Float64Array.of(1, 2, 3)];
    expect(Array.from(smoothTrack(few, 1).axes[0])).toEqual([-1, 0, 1]);
    const { measured } = make(9, {});
    const { axes, errorPx } = smoothTrack(measured, 0);
    expect(axes[0][3] - axes[0][2]).toBeCloseTo(measured[0][3] - measured[0][2], 12);
    expect(errorPx).toBe(0);
  });
});
