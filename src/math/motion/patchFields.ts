import type { FittedModel, PatchField } from "./fitModel.ts";
import type { PatchLayout } from "./splineModel.ts";

/** A fit to some patches, at all of them. */
export function fieldAtPatches(fitted: FittedModel, { u, v, times }: PatchLayout): PatchField {
  const T = times.length;
  const field = { x: new Float64Array(u.length * T), y: new Float64Array(u.length * T) };
  for (let p = 0; p < u.length; p++) {
    const at = fitted.model.at(u[p], v[p]);
    field.x.set(at(fitted.globalX, fitted.localX), p * T);
    field.y.set(at(fitted.globalY, fitted.localY), p * T);
  }
  return field;
}

/** rms over patches, frames and both axes. */
export function fieldDifference(a: PatchField, b: PatchField): number {
  let sum = 0;
  for (let i = 0; i < a.x.length; i++) sum += (a.x[i] - b.x[i]) ** 2 + (a.y[i] - b.y[i]) ** 2;
  return Math.sqrt(sum / Math.max(1, a.x.length));
}

/** Largest rms difference over frames of a patch. */
export function farthest(a: PatchField, b: PatchField, frames: number): number {
  let most = 0;
  for (let at = 0; at < a.x.length; at += frames) {
    let sum = 0;
    for (let i = at; i < at + frames; i++) sum += (a.x[i] - b.x[i]) ** 2 + (a.y[i] - b.y[i]) ** 2;
    most = Math.max(most, sum / frames);
  }
  return Math.sqrt(most);
}

/**
 * rms of the difference of two fits over n × n places (5 … 95 % of the sides) and frames, both axes, the mean
 * over time at each place taken out: px of the binned frame.
 */
export function fitDifference(a: FittedModel, b: FittedModel, n = 7): number {
  const T = a.model.frames;
  const places = Array.from({ length: n }, (_, i) => 0.05 + (0.9 * i) / (n - 1));
  let sum = 0;
  for (const v of places)
    for (const u of places) {
      const [atA, atB] = [a.model.at(u, v), b.model.at(u, v)];
      for (const [left, right] of [
        [atA(a.globalX, a.localX), atB(b.globalX, b.localX)],
        [atA(a.globalY, a.localY), atB(b.globalY, b.localY)],
      ]) {
        const d = left.map((value, t) => value - right[t]);
        const mean = d.reduce((x, y) => x + y, 0) / T;
        for (const value of d) sum += (value - mean) ** 2;
      }
    }
  return Math.sqrt(sum / (T * n * n));
}
