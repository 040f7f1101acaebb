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
