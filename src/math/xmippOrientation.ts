import type { GainOrientation } from "#src/domain/gain.ts";
import { poseOfXmipp } from "./pose.ts";

/** One of the eight transforms that the reference protocol tries: mirror (x → −x) first, then turns. */
export interface XmippTransform {
  readonly mirror: boolean;
  /** Quarter turns counter-clockwise as displayed with row 0 on top. */
  readonly turns: 0 | 1 | 2 | 3;
}

/** In the order in which they are tried, which decides ties. */
export const XMIPP_TRANSFORMS: readonly XmippTransform[] = [false, true].flatMap((mirror) =>
  ([0, 1, 2, 3] as const).map((turns) => ({ mirror, turns })),
);

/** The same pose in this program's words. */
export function poseOfTransform({
  mirror,
  turns,
}: XmippTransform): Omit<GainOrientation, "inverted"> {
  return poseOfXmipp(turns, mirror ? "left-right" : "none");
}

/**
 * An image under a transform as Xmipp's geometry gives it: coordinates count from the pixel floor(n/2),
 * what leaves wraps round, the result has the size asked for. On even sizes a reversed axis is therefore
 * displaced by one pixel, `i → (n − i) mod n`; on odd ones it is exact. Multiples of a quarter turn hit
 * pixels exactly, so its splines interpolate nothing.
 * @param image `[height, width]`
 * @param shift  px by which the result is moved on, x right, y down, cyclically
 * @returns `[outHeight, outWidth]`
 */
export function transformAsXmipp(
  image: Float32Array,
  width: number,
  height: number,
  { mirror, turns }: XmippTransform,
  out: { readonly width: number; readonly height: number },
  shift: { readonly x: number; readonly y: number } = { x: 0, y: 0 },
): Float32Array<ArrayBuffer> {
  const result = new Float32Array(out.width * out.height);
  const [cx, cy] = [width >> 1, height >> 1];
  const [ox, oy] = [out.width >> 1, out.height >> 1];
  const wrap = (i: number, n: number): number => ((i % n) + n) % n;
  for (let y = 0, to = 0; y < out.height; y++)
    for (let x = 0; x < out.width; x++, to++) {
      const u = wrap(x - shift.x, out.width) - ox;
      const v = wrap(y - shift.y, out.height) - oy;
      // Content at (a, b) goes to (b, −a) with one turn; here the way back.
      const [a, b] =
        turns === 0 ? [u, v] : turns === 1 ? [-v, u] : turns === 2 ? [-u, -v] : [v, -u];
      const sx = wrap((mirror ? -a : a) + cx, width);
      const sy = wrap(b + cy, height);
      result[to] = image[sy * width + sx];
    }
  return result;
}

/** px by which the transform of an even size is displaced against the exact permutation. */
export function xmippArtefact(
  { mirror, turns }: XmippTransform,
  out: { readonly width: number; readonly height: number },
): { x: number; y: number } {
  // Axes of the result that run against an axis of the image.
  const reversedX = [mirror, false, !mirror, true][turns];
  const reversedY = [false, !mirror, true, mirror][turns];
  return {
    x: reversedX && out.width % 2 === 0 ? 1 : 0,
    y: reversedY && out.height % 2 === 0 ? 1 : 0,
  };
}

/** (values − mean)/population sd; null where they are all equal. */
export function standardized(values: Float32Array): Float32Array<ArrayBuffer> | null {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] - mean) ** 2;
  const sd = Math.sqrt(squares / values.length);
  if (!(sd > 1e-12 * Math.abs(mean))) return null;
  const out = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) out[i] = (values[i] - mean) / sd;
  return out;
}

/** Smallest and largest value of an image and where they stand. */
export interface Extremes {
  readonly min: number;
  readonly max: number;
  readonly atMin: { readonly x: number; readonly y: number };
  readonly atMax: { readonly x: number; readonly y: number };
}

/** Displacements above half a side count backwards; exactly half stays positive. */
export function cyclicExtremes(correlation: Float32Array, width: number): Extremes {
  const height = correlation.length / width;
  let [min, max] = [0, 0];
  for (let i = 1; i < correlation.length; i++) {
    if (correlation[i] < correlation[min]) min = i;
    if (correlation[i] > correlation[max]) max = i;
  }
  const at = (i: number): { x: number; y: number } => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return { x: x > width / 2 ? x - width : x, y: y > height / 2 ? y - height : y };
  };
  return { min: correlation[min], max: correlation[max], atMin: at(min), atMax: at(max) };
}

/** Values of a gain that the protocol calls small. */
const SMALL = 0.01;

/**
 * Replaces values below 0.01 in size by the median of their up to eight neighbours, in raster order and in
 * place as the protocol does: neighbours repaired before count, those still to be repaired count as they are.
 */
export function repairAsProtocol(values: Float32Array, width: number): void {
  const height = values.length / width;
  const around: number[] = [];
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      if (!(Math.abs(values[i]) < SMALL)) continue;
      around.length = 0;
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++) {
          const [nx, ny] = [x + dx, y + dy];
          if ((dx === 0 && dy === 0) || nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
          around.push(values[ny * width + nx]);
        }
      around.sort((a, b) => a - b);
      const half = around.length >> 1;
      values[i] =
        around.length % 2 === 1 ? around[half] : ((around.at(half - 1) ?? 0) + around[half]) / 2;
    }
}
