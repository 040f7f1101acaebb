import { describe, expect, it } from "vitest";
import { createRandom } from "../random.ts";
import { fitModel } from "./fitModel.ts";
import type { FittedModel, Surfaces } from "./fitModel.ts";
import { modelMisfit } from "./modelMisfit.ts";
import { followingTrust, patchInformation, patchTrust } from "./patchTrust.ts";

const SIDE = 9;
const T = 16;
const RADIUS = 8;
const H = 6;

const n = SIDE * SIDE;
const layout = {
  u: Float64Array.from({ length: n }, (_, p) => ((p % SIDE) + 0.5) / SIDE),
  v: Float64Array.from({ length: n }, (_, p) => (Math.floor(p / SIDE) + 0.5) / SIDE),
  times: Float64Array.from({ length: T }, (_, t) => (t + 0.5) / T),
};
const still = { x: new Float64Array(n * T), y: new Float64Array(n * T) };

/** Parabolas of curvature `h(p)` about the place that a patch is moved to, with noise as the curvature says. */
function surfacesOf(
  moved: (p: number, t: number) => number,
  h: (p: number) => number = () => H,
): Surfaces {
  const random = createRandom(11);
  const width = 2 * RADIUS + 1;
  const coefficients = new Float32Array(n * T * width * width);
  for (let p = 0, o = 0; p < n; p++)
    for (let t = 0; t < T; t++) {
      // A slope of variance H at the true place, as the noise of a patch gives it.
      const [sx, sy] = [Math.sqrt(H) * random.normal(), Math.sqrt(H) * random.normal()];
      const a = moved(p, t);
      for (let y = -RADIUS; y <= RADIUS; y++)
        for (let x = -RADIUS; x <= RADIUS; x++, o++)
          coefficients[o] = sx * x + sy * y - (h(p) / 2) * ((x - a) ** 2 + y * y);
    }
  return { coefficients, patches: n, frames: T, radius: RADIUS, curvature: H, trust: null };
}

function fitTo(surfaces: Surfaces): FittedModel {
  return fitModel(layout, surfaces, still, { x: 4, y: 4, t: 4 }, 3);
}

const slow = (t: number): number => (2 * t) / (T - 1) - 1;

describe("trust in patches", () => {
  it("is full where all follow one field", () => {
    const surfaces = surfacesOf((p, t) => 0.8 * layout.u[p] * slow(t));
    const trust = patchTrust(fitTo(surfaces), surfaces, layout);
    // One of a hundred exceeds the limit by chance, and then by little.
    expect(trust.filter((share) => share < 1).length).toBeLessThan(5);
    expect(Math.min(...trust)).toBeGreaterThan(0.6);
  });

  it("is small for a patch that goes its own way, and the field is nearer to the others' without it", () => {
    const odd = 40;
    const surfaces = surfacesOf((p, t) => (p === odd ? 3 * slow(t) : 0));
    const plain = fitTo(surfaces);
    const trust = followingTrust(plain, surfaces, layout.times);
    expect(trust[odd]).toBeLessThan(0.15);
    const wary = fitTo({ ...surfaces, trust });
    const clean = fitTo(surfacesOf(() => 0));
    const off = (fitted: FittedModel): number =>
      Math.hypot(...fitted.field.x.map((d, i) => d - clean.field.x[i]));
    expect(off(wary)).toBeLessThan(0.3 * off(plain));
  });

  it("is small where there is nothing to be seen", () => {
    const empty = (p: number): boolean => layout.u[p] > 0.66;
    const surfaces = surfacesOf(
      () => 0,
      (p) => (empty(p) ? 0 : H),
    );
    const fitted = fitTo(surfaces);
    const information = patchInformation(fitted, surfaces, layout);
    expect(information[SIDE - 1]).toBeLessThan(0.05);
    // Two thirds hold all of it.
    expect(information[0]).toBeCloseTo(1.5, 1);
    const trust = patchTrust(fitted, surfaces, layout);
    expect(trust[SIDE - 1]).toBeLessThan(0.1);
    expect(trust[0]).toBe(1);
  });
});

describe("motion that the model does not follow", () => {
  it("is none where it does", () => {
    const surfaces = surfacesOf((p, t) => 0.8 * layout.u[p] * slow(t));
    expect(modelMisfit(fitTo(surfaces), surfaces, layout)).toBe(0);
  });

  it("is told to a fifth", () => {
    const random = createRandom(5);
    const jumps = Float64Array.from({ length: T }, () => random.normal());
    const jerk = (p: number, t: number): number => 0.8 * jumps[t] * (layout.u[p] - 0.5);
    const surfaces = surfacesOf(jerk);
    const fitted = fitTo(surfaces);
    let left = 0;
    for (let p = 0; p < n; p++) {
      let mean = 0;
      for (let t = 0; t < T; t++) mean += (jerk(p, t) - fitted.field.x[p * T + t]) / T;
      for (let t = 0; t < T; t++)
        left +=
          (jerk(p, t) - fitted.field.x[p * T + t] - mean) ** 2 + fitted.field.y[p * T + t] ** 2;
    }
    const known = Math.sqrt(left / (n * T));
    const told = modelMisfit(fitted, surfaces, layout);
    expect(Math.abs(told / known - 1)).toBeLessThan(0.2);
  });
});
