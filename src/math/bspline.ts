import type { Float32Pixels } from "#src/domain/movie.ts";

/**
 * Uniform cubic B-splines: the basis of motion models (Střelák et al. 2020, FlexAlign), and the direct
 * transform (prefilter) and interpolation of images (Unser, Aldroubi & Eden 1993).
 */

/** Pole of the cubic B-spline prefilter. */
const POLE = Math.sqrt(3) - 2;
/** Terms after which POLE^k is below the rounding of a double. */
const HORIZON = 28;

/** Centred cubic B-spline: 2/3 + a²(|a| − 2)/2 for |a| < 1, (2 − |a|)³/6 for |a| < 2, else 0. */
export function cubicBspline(a: number): number {
  const b = Math.abs(a);
  if (b < 1) return 2 / 3 + (b * b * (b - 2)) / 2;
  if (b < 2) return (2 - b) ** 3 / 6;
  return 0;
}

/**
 * Values of the four cubic B-splines that reach a place between two knots.
 * @param f place between the knots, 0 ≤ f ≤ 1
 * @param out written at `at … at + 3`: weights of the knots −1, 0, 1, 2; their sum is 1
 */
export function cubicWeights(f: number, out: Float64Array, at = 0): void {
  const g = 1 - f;
  out[at] = (g * g * g) / 6;
  out[at + 1] = (3 * f * f * f - 6 * f * f + 4) / 6;
  out[at + 2] = (-3 * f * f * f + 3 * f * f + 3 * f + 1) / 6;
  out[at + 3] = (f * f * f) / 6;
}

/** Derivatives by f of {@link cubicWeights}; their sum is 0. */
export function cubicWeightDerivatives(f: number, out: Float64Array, at = 0): void {
  const g = 1 - f;
  out[at] = (-g * g) / 2;
  out[at + 1] = (3 * f * f - 4 * f) / 2;
  out[at + 2] = (-3 * f * f + 2 * f + 1) / 2;
  out[at + 3] = (f * f) / 2;
}

/**
 * Basis of a spline of `points` control points over a dimension, as FlexAlign has it: spacing
 * dim/(points − 3) for more than three points, dim for three; first control point one spacing before 0.
 * @param u place as a fraction of the dimension, clipped to 0…1
 * @param out written at `at … at + 3`: weights of the control points `first … first + 3`
 * @returns `first`, 0 ≤ first ≤ points − 4. With three control points the fourth weight has no control
 *   point and is written as 0: constants are then not reproduced exactly.
 */
export function splineBasis(u: number, points: number, out: Float64Array, at = 0): number {
  const cells = Math.max(1, points - 3);
  const p = Math.min(1, Math.max(0, u)) * cells;
  const cell = Math.min(cells - 1, Math.floor(p));
  cubicWeights(p - cell, out, at);
  if (points < 4) out[at + 3] = 0;
  return cell;
}

/** What lies beyond the ends: `whole` mirrors about the end sample (scipy "mirror"), `half` about its outer edge (scipy "reflect", FlexAlign). */
export type MirrorBoundary = "whole" | "half";

/** Value that the causal filter starts with, for n ≥ 2 samples. */
function causalStart(
  data: ArrayLike<number>,
  offset: number,
  stride: number,
  n: number,
  boundary: MirrorBoundary,
): number {
  if (boundary === "half") {
    // Σ z^k s_(k−1 mirrored): s_0 + Σ_k z^(k+1) s_k over the mirror period 2n.
    let sum = 0;
    let power = POLE;
    for (let k = 0; k < Math.min(n, HORIZON); k++) {
      sum += power * data[offset + k * stride];
      power *= POLE;
    }
    if (n < HORIZON) {
      // The mirrored half, and all further periods.
      let back = POLE ** (n + 1);
      for (let k = n - 1; k >= 0; k--) {
        sum += back * data[offset + k * stride];
        back *= POLE;
      }
      sum /= 1 - POLE ** (2 * n);
    }
    return data[offset] + sum;
  }
  let sum = 0;
  let power = 1;
  if (n > HORIZON) {
    for (let k = 0; k < HORIZON; k++) {
      sum += power * data[offset + k * stride];
      power *= POLE;
    }
    return sum;
  }
  for (let k = 0; k < n; k++) {
    sum += power * data[offset + k * stride];
    power *= POLE;
  }
  for (let k = n - 2; k >= 1; k--) {
    sum += power * data[offset + k * stride];
    power *= POLE;
  }
  return sum / (1 - POLE ** (2 * n - 2));
}

/**
 * Cubic B-spline coefficients of n equally spaced samples, in place, in double arithmetic between the
 * stores. Samples at `offset + k·stride`. NaN spreads over the line. n = 1 is left as it is.
 */
export function prefilterLine(
  data: Float32Array | Float64Array,
  offset: number,
  stride: number,
  n: number,
  boundary: MirrorBoundary = "whole",
): void {
  if (n < 2) return;
  let value = 6 * causalStart(data, offset, stride, n, boundary);
  data[offset] = value;
  for (let k = 1, i = offset + stride; k < n; k++, i += stride) {
    value = 6 * data[i] + POLE * value;
    data[i] = value;
  }
  let i = offset + (n - 1) * stride;
  value =
    boundary === "half"
      ? (POLE / (POLE - 1)) * data[i]
      : (POLE / (POLE * POLE - 1)) * (data[i] + POLE * data[i - stride]);
  data[i] = value;
  for (let k = n - 2; k >= 0; k--) {
    i -= stride;
    value = POLE * (value - data[i]);
    data[i] = value;
  }
}

/**
 * Cubic B-spline coefficients of an image `[height, width]`, in place. Columns are filtered a whole row
 * at a time, so that memory is walked in order.
 */
export function prefilterImage(
  image: Float32Pixels | Float32Array,
  width: number,
  height: number,
  boundary: MirrorBoundary = "whole",
): void {
  for (let y = 0; y < height; y++) prefilterLine(image, y * width, 1, width, boundary);
  if (height < 2) return;
  const start = new Float64Array(width);
  for (let x = 0; x < width; x++) start[x] = 6 * causalStart(image, x, width, height, boundary);
  for (let x = 0; x < width; x++) image[x] = start[x];
  for (let y = 1; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) {
      start[x] = 6 * image[row + x] + POLE * start[x];
      image[row + x] = start[x];
    }
  }
  const last = (height - 1) * width;
  for (let x = 0; x < width; x++) {
    const c = image[last + x];
    start[x] =
      boundary === "half"
        ? (POLE / (POLE - 1)) * c
        : (POLE / (POLE * POLE - 1)) * (c + POLE * image[last - width + x]);
    image[last + x] = start[x];
  }
  for (let y = height - 2; y >= 0; y--) {
    const row = y * width;
    for (let x = 0; x < width; x++) {
      start[x] = POLE * (start[x] - image[row + x]);
      image[row + x] = start[x];
    }
  }
}

/** Index inside 0…n−1 of a mirrored index. */
export function mirrorIndex(index: number, n: number, boundary: MirrorBoundary): number {
  if (n === 1) return 0;
  const period = boundary === "whole" ? 2 * n - 2 : 2 * n;
  let i = ((index % period) + period) % period;
  if (i >= n) i = boundary === "whole" ? period - i : period - 1 - i;
  return i;
}

const wx = new Float64Array(4);
const wy = new Float64Array(4);

/**
 * Value at (x, y), px with pixel centres at integers, of the cubic spline whose coefficients are an
 * image `[height, width]` (from {@link prefilterImage} with the same boundary).
 */
export function interpolateCubic(
  coefficients: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
  boundary: MirrorBoundary = "whole",
): number {
  const ix = Math.floor(x);
  const iy = Math.floor(y);
  cubicWeights(x - ix, wx);
  cubicWeights(y - iy, wy);
  let sum = 0;
  for (let j = 0; j < 4; j++) {
    const row = mirrorIndex(iy - 1 + j, height, boundary) * width;
    let line = 0;
    for (let i = 0; i < 4; i++)
      line += wx[i] * coefficients[row + mirrorIndex(ix - 1 + i, width, boundary)];
    sum += wy[j] * line;
  }
  return sum;
}
