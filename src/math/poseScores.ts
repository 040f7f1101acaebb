import { applyPose, posedSize } from "./pose.ts";
import type { Pose } from "./pose.ts";
import type { GainPattern } from "./gainPattern.ts";

/** Displacements searched around 0 for a diagnosis, px. */
export const SEARCH_PX = 2;

/** Correlations of a movie's pattern with a reference's in one pose. */
export interface PoseCorrelation {
  readonly pose: Pose;
  /** Pearson-like correlation at displacements dy, dx = −2 … 2, `[5, 5]`; centre = no displacement. */
  readonly near: Float64Array;
  /** At a few displacements beyond 8 px: what chance gives. */
  readonly far: Float64Array;
  /** Regression slope of the movie's pattern on the reference's, at displacement 0. */
  readonly slope: number;
  /** Pixels that both sides know. */
  readonly pixels: number;
}

/** Displacements (dx, dy) beyond 8 px at which chance correlation is measured. */
const FAR: readonly (readonly [number, number])[] = [
  [11, 13],
  [-17, 12],
  [23, -19],
  [-14, -27],
  [31, 9],
  [-10, 37],
];

/** Σ A(p)·B(p + d) over the overlap. Rows stay in the cache while the displacements of a row are done. */
function displacedProducts(
  a: Float32Array,
  b: Float32Array,
  width: number,
  height: number,
  displacements: readonly (readonly [number, number])[],
): Float64Array {
  const sums = new Float64Array(displacements.length);
  for (let y = 0; y < height; y++)
    for (let k = 0; k < displacements.length; k++) {
      const [dx, dy] = displacements[k];
      const by = y + dy;
      if (by < 0 || by >= height) continue;
      const x0 = Math.max(0, -dx);
      const x1 = Math.min(width, width - dx);
      let i = y * width + x0;
      let j = by * width + x0 + dx;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      let x = x0;
      for (; x + 3 < x1; x += 4, i += 4, j += 4) {
        s0 += a[i] * b[j];
        s1 += a[i + 1] * b[j + 1];
        s2 += a[i + 2] * b[j + 2];
        s3 += a[i + 3] * b[j + 3];
      }
      for (; x < x1; x++, i++, j++) s0 += a[i] * b[j];
      sums[k] += s0 + s1 + s2 + s3;
    }
  return sums;
}

/** The (2·SEARCH_PX + 1)² displacements around 0, row by row. */
export const NEAR: readonly (readonly [number, number])[] = Array.from(
  { length: (2 * SEARCH_PX + 1) ** 2 },
  (_, k) => [
    (k % (2 * SEARCH_PX + 1)) - SEARCH_PX,
    Math.floor(k / (2 * SEARCH_PX + 1)) - SEARCH_PX,
  ],
);

/**
 * Correlates a movie's pattern with a reference's in one pose, at displacements around 0 and far ones.
 * Returns null when the posed reference has another shape than the movie.
 */
export function correlatePose(
  movie: GainPattern,
  reference: GainPattern,
  pose: Pose,
): PoseCorrelation | null {
  const size = posedSize(reference.width, reference.height, pose);
  if (size.width !== movie.width || size.height !== movie.height) return null;
  const { width, height } = movie;
  const b = applyPose(reference.pattern, reference.width, reference.height, pose).data;
  const goodB = applyPose(reference.good, reference.width, reference.height, pose).data;
  let aa = 0;
  let bb = 0;
  let pixels = 0;
  for (let i = 0; i < b.length; i++) {
    aa += movie.pattern[i] * movie.pattern[i];
    bb += b[i] * b[i];
    pixels += movie.good[i] & goodB[i];
  }
  const norm = Math.sqrt(aa * bb);
  const scale = norm > 0 ? 1 / norm : 0;
  const inside = FAR.filter(([dx, dy]) => Math.abs(dx) < width / 2 && Math.abs(dy) < height / 2);
  const sums = displacedProducts(movie.pattern, b, width, height, [...NEAR, ...inside]);
  const far = inside.map(
    ([dx, dy], k) =>
      // The overlap shrinks with the displacement; its chance sum shrinks as the square root.
      (sums[NEAR.length + k] * scale) /
      Math.sqrt(((width - Math.abs(dx)) * (height - Math.abs(dy))) / (width * height)),
  );
  return {
    pose,
    near: sums.subarray(0, NEAR.length).map((s) => s * scale),
    far: Float64Array.from(far),
    slope: bb > 0 ? sums[(NEAR.length - 1) / 2] / bb : 0,
    pixels,
  };
}
