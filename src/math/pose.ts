import type { GainOrientation } from "#src/domain/gain.ts";

/**
 * The eight poses of a rectangular image as exact index permutations. A quarter turn clockwise, as
 * displayed with row 0 on top, is `out[y][x] = in[H − 1 − x][y]`; it comes first, the flip second
 * ("upside-down" reverses rows, "left-right" columns).
 */
export type Pose = Pick<GainOrientation, "rotation90" | "flip">;

export interface PosedImage<A> {
  readonly data: A;
  readonly width: number;
  readonly height: number;
}

type AnyPixels = Float32Array | Float64Array | Uint8Array;

/** The eight distinct poses by their canonical names: smallest rotation, then none before upside-down. */
export const CANONICAL_POSES: readonly Pose[] = [
  { rotation90: 0, flip: "none" },
  { rotation90: 0, flip: "upside-down" },
  { rotation90: 0, flip: "left-right" },
  { rotation90: 1, flip: "none" },
  { rotation90: 1, flip: "upside-down" },
  { rotation90: 1, flip: "left-right" },
  { rotation90: 2, flip: "none" },
  { rotation90: 3, flip: "none" },
];

/** Width and height of a posed image. */
export function posedSize(
  width: number,
  height: number,
  pose: Pose,
): { width: number; height: number } {
  return pose.rotation90 % 2 === 0 ? { width, height } : { width: height, height: width };
}

/**
 * Where the pixels come from: out[y][x] = in[origin + y·stepY + x·stepX] over the posed size. The whole
 * dihedral group is of this form, so that no intermediate image is made.
 */
export function poseStrides(
  width: number,
  height: number,
  pose: Pose,
): { origin: number; stepX: number; stepY: number } {
  let origin: number;
  let stepX: number;
  let stepY: number;
  switch (pose.rotation90) {
    case 0:
      [origin, stepX, stepY] = [0, 1, width];
      break;
    case 1:
      [origin, stepX, stepY] = [(height - 1) * width, -width, 1];
      break;
    case 2:
      [origin, stepX, stepY] = [height * width - 1, -1, -width];
      break;
    case 3:
      [origin, stepX, stepY] = [width - 1, width, -1];
      break;
  }
  const out = posedSize(width, height, pose);
  if (pose.flip === "upside-down") {
    origin += (out.height - 1) * stepY;
    stepY = -stepY;
  } else if (pose.flip === "left-right") {
    origin += (out.width - 1) * stepX;
    stepX = -stepX;
  }
  return { origin, stepX, stepY };
}

/** The image in the given pose; a new array of the same type. Pixels move, values never change. */
export function applyPose<A extends AnyPixels>(
  image: A,
  width: number,
  height: number,
  pose: Pose,
): PosedImage<A> {
  const size = posedSize(width, height, pose);
  const { origin, stepX, stepY } = poseStrides(width, height, pose);
  const out = image.slice() as A;
  // Blocks keep both sides of a quarter turn within the cache.
  const block = 64;
  for (let y0 = 0; y0 < size.height; y0 += block)
    for (let x0 = 0; x0 < size.width; x0 += block) {
      const y1 = Math.min(y0 + block, size.height);
      const x1 = Math.min(x0 + block, size.width);
      for (let y = y0; y < y1; y++) {
        let from = origin + y * stepY + x0 * stepX;
        let to = y * size.width + x0;
        for (let x = x0; x < x1; x++, from += stepX) out[to++] = image[from];
      }
    }
  return { data: out, ...size };
}

/** Two poses are the same when they move an asymmetric image alike. */
export function samePose(a: Pose, b: Pose): boolean {
  const [ca, cb] = [canonicalPose(a), canonicalPose(b)];
  return ca.rotation90 === cb.rotation90 && ca.flip === cb.flip;
}

/** The canonical one of a pose's names (twelve combinations name eight poses). */
export function canonicalPose(pose: Pose): Pose {
  const { rotation90: k, flip } = pose;
  if (k < 2 || flip === "none") return { rotation90: k, flip };
  // Half a turn and a flip is the other flip.
  return {
    rotation90: k === 2 ? 0 : 1,
    flip: flip === "upside-down" ? "left-right" : "upside-down",
  };
}

/** The pose that undoes this one. */
export function inversePose(pose: Pose): Pose {
  if (pose.flip !== "none") return flipFirst(pose.rotation90, pose.flip);
  return { rotation90: ((4 - pose.rotation90) % 4) as Pose["rotation90"], flip: "none" };
}

/** Our name for "flip first, then k quarter turns counter-clockwise": a reflection turns a turn round. */
function flipFirst(quarterTurnsCounterClockwise: number, flip: Pose["flip"]): Pose {
  const k = ((quarterTurnsCounterClockwise % 4) + 4) % 4;
  const rotation90 = (flip === "none" ? (4 - k) % 4 : k) as Pose["rotation90"];
  return canonicalPose({ rotation90, flip });
}

/** The pose of Xmipp FlexAlign's words: flip first, then quarter turns counter-clockwise. */
export const poseOfXmipp = flipFirst;
