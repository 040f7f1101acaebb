import type { FittedModel } from "#src/math/motion/fitModel.ts";
import type { FieldAt } from "./fixedPattern.ts";
import type { LocalGeometry } from "./localGeometry.ts";

/** The field of a fit at any place of the binned frame. */
export function fieldOf(fitted: FittedModel, geometry: LocalGeometry): FieldAt {
  const { layout, x, y, side } = geometry;
  // Places as fractions of the sides: straight lines through the patch centres.
  const last = x.length - 1;
  const scaleU = (layout.u[last] - layout.u[0]) / Math.max(1, x[last] - x[0]);
  const scaleV = (layout.v[last] - layout.v[0]) / Math.max(1, y[last] - y[0]);
  return (px, py) => {
    const u = layout.u[0] + (px - x[0] - (side - 1) / 2) * scaleU;
    const v = layout.v[0] + (py - y[0] - (side - 1) / 2) * scaleV;
    return evaluateFit(fitted, u, v);
  };
}

/** `[t][x, y]` of a fit at a place given as fractions of the sides. */
export function evaluateFit(fitted: FittedModel, u: number, v: number): Float64Array {
  const { model, globalX, globalY, localX, localY } = fitted;
  const at = model.at(u, v);
  const T = model.frames;
  const out = new Float64Array(2 * T);
  const x = at(globalX, localX);
  const y = at(globalY, localY);
  for (let t = 0; t < T; t++) {
    out[2 * t] = x[t];
    out[2 * t + 1] = y[t];
  }
  return out;
}
