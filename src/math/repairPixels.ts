import type { PixelArray } from "#src/domain/movie.ts";

/** For each bad pixel the good ones that may stand in for it (compressed rows: `good[start[i] … start[i+1])`). */
export interface RepairPlan {
  readonly bad: Uint32Array<ArrayBuffer>;
  readonly start: Uint32Array<ArrayBuffer>;
  readonly good: Uint32Array<ArrayBuffer>;
}

/** Good pixels that a window must hold before it is large enough (RELION asks for more than 6). */
const ENOUGH = 7;
const LARGEST_REACH = 32;

/**
 * Looks for good pixels around every bad one: in the (2·2 + 1)² window, widened until it holds more than
 * six. A pixel without any within 32 px gets none.
 * @param bad 1 = bad, `[height, width]`
 */
export function planRepair(bad: Uint8Array, width: number, height: number): RepairPlan {
  const list: number[] = [];
  for (let i = 0; i < bad.length; i++) if (bad[i] !== 0) list.push(i);
  const start = new Uint32Array(list.length + 1);
  const good: number[] = [];
  for (let n = 0; n < list.length; n++) {
    const x = list[n] % width;
    const y = (list[n] - x) / width;
    for (let reach = 2; reach <= LARGEST_REACH; reach *= 2) {
      good.length = start[n];
      for (let v = Math.max(0, y - reach); v <= Math.min(height - 1, y + reach); v++)
        for (let u = Math.max(0, x - reach); u <= Math.min(width - 1, x + reach); u++)
          if (bad[v * width + u] === 0) good.push(v * width + u);
      if (good.length - start[n] >= ENOUGH) break;
    }
    start[n + 1] = good.length;
  }
  return { bad: Uint32Array.from(list), start, good: Uint32Array.from(good) };
}

/** A hash of frame and place to a fraction in [0, 1): the same choice whatever worker makes it. */
export function fractionOf(frame: number, n: number): number {
  let h = Math.imul(frame + 1, 0x9e3779b1) ^ Math.imul(n + 1, 0x85ebca77);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 4294967296;
}

/**
 * Values of the bad pixels of a frame: each that of a random good pixel nearby, so that the noise keeps its
 * strength (a mean would leave a still, smooth spot in every frame). Without any: `fallback`.
 * @returns values of `plan.bad`, gain applied
 */
export function repairedValues(
  plan: RepairPlan,
  frame: PixelArray,
  gain: Float32Array | null,
  frameIndex: number,
  fallback: number,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(plan.bad.length);
  for (let n = 0; n < values.length; n++) {
    const count = plan.start[n + 1] - plan.start[n];
    const pick = plan.good[plan.start[n] + Math.floor(fractionOf(frameIndex, n) * count)];
    values[n] = count > 0 ? frame[pick] * (gain === null ? 1 : gain[pick]) : fallback;
  }
  return values;
}
