import { transformSize } from "./correlationSize.ts";

/** FlexAlign's patches along one axis, px of the frame. */
export interface PatchAxis {
  readonly count: number;
  readonly side: number;
  /** First pixel of each patch. */
  readonly starts: readonly number[];
  /** Pixels that neighbours share; negative where there are gaps. */
  readonly overlap: number;
}

/** Side of a patch: floor(smallest/Ts), enlarged to a size that is quick to transform. */
export function patchSide(minPatchA: number, pixelSizeA: number): number {
  return transformSize(Math.max(2, Math.floor(minPatchA / pixelSizeA)));
}

/** Automatic number of patches: ceil(size / side asked for). */
export function automaticPatches(size: number, minPatchA: number, pixelSizeA: number): number {
  return Math.ceil(size / Math.max(1, Math.floor(minPatchA / pixelSizeA)));
}

/** Number of patches of a side that overlap by a fraction of it, from border to border. */
export function patchesForOverlap(size: number, side: number, overlap: number): number {
  return Math.max(1, Math.ceil((size - side) / (side * (1 - overlap))) + 1);
}

/** Border that no patch may enter, so that every patch stays inside all frames: |max⌈s⌉ − min⌊s⌋|. */
export function shiftBorder(shifts: ArrayLike<number>): number {
  let high = -Infinity;
  let low = Infinity;
  for (let t = 0; t < shifts.length; t++) {
    high = Math.max(high, Math.ceil(shifts[t]));
    low = Math.min(low, Math.floor(shifts[t]));
  }
  return Math.abs(high - low);
}

/**
 * Patches along an axis: overlap v = ⌈(n·P − w)/(n − 1)⌉ in the window w = size − 2·border, one after the
 * other at steps of P − v. Null where not even one fits.
 */
export function layPatches(
  size: number,
  border: number,
  side: number,
  count: number,
): PatchAxis | null {
  const window = size - 2 * border;
  if (window < side || count < 1) return null;
  if (count === 1)
    return { count, side, overlap: 0, starts: [border + Math.floor((window - side) / 2)] };
  const overlap = Math.ceil((count * side - window) / (count - 1));
  return {
    count,
    side,
    overlap,
    starts: Array.from({ length: count }, (_, k) => border + k * (side - overlap)),
  };
}

/** Scipion's automatic control points along a side: one per 1000 Å plus two, at least three. */
export function automaticControlPoints(size: number, pixelSizeA: number): number {
  return Math.max(3, Math.trunc(Math.trunc(size * pixelSizeA) / 1000 + 2));
}

/** Scipion's automatic control points in time: one per seven frames plus two. */
export function automaticTimePoints(frames: number): number {
  return Math.max(3, Math.ceil(frames / 7) + 2);
}
