import type { MotionOptions } from "#src/domain/motion.ts";
import { patchSideBelow } from "#src/math/motion/patchEngine.ts";
import type { PatchLayout } from "#src/math/motion/splineModel.ts";
import { evenPositions } from "./fixedPattern.ts";

/** Side of a patch, binned px, and the most patches that are looked at. */
const SIDE = 64;
const MOST_PATCHES = 400;
/** Surfaces reach this many binned px. */
const RADIUS = 8;

/** Sizes of the local stage that do not change between passes. */
export interface LocalGeometry {
  readonly width: number;
  readonly height: number;
  readonly side: number;
  readonly radius: number;
  readonly columns: number;
  readonly rows: number;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly layout: PatchLayout;
}

/** Patch side from the user's smallest patch: the next short FFT length in 48…160 binned px. */
function sideFor(options: MotionOptions, binning: number, limit: number): number {
  let wanted = SIDE;
  if (options.minPatchA !== null) {
    const asked = options.minPatchA / ((options.pixelSizeA ?? 1) * binning);
    wanted = Math.min(160, Math.max(48, Math.ceil(asked / 4) * 4));
    while (patchSideBelow(wanted) !== wanted) wanted += 4;
  }
  return patchSideBelow(Math.min(wanted, limit));
}

/**
 * Patches at half overlap (or the one asked for) from edge to edge, at most 400, or as many as the user asks for. Null where
 * the frame is too small for two of them a side.
 */
export function localGeometry(
  width: number,
  height: number,
  binning: number,
  movie: { readonly width: number; readonly height: number },
  times: Float64Array,
  options: MotionOptions,
): LocalGeometry | null {
  const side = sideFor(options, binning, Math.min(width, height) / 2);
  if (side < 16) return null;
  let columns: number;
  let rows: number;
  if (typeof options.patches === "object") {
    columns = Math.max(2, options.patches.x);
    rows = Math.max(2, options.patches.y);
  } else {
    let step = side * (1 - (options.overlap ?? 0.5));
    const count = (size: number): number => Math.max(2, Math.ceil((size - side) / step) + 1);
    while (count(width) * count(height) > MOST_PATCHES) step *= 1.02;
    columns = count(width);
    rows = count(height);
  }
  const xs = evenPositions(width, side, columns);
  const ys = evenPositions(height, side, rows);
  const x = ys.flatMap(() => xs);
  const y = ys.flatMap((v) => xs.map(() => v));
  const centre = (corner: number): number => (corner + (side - 1) / 2 + 0.5) * binning - 0.5;
  return {
    width,
    height,
    side,
    radius: Math.min(RADIUS, Math.floor(side / 4)),
    columns,
    rows,
    x,
    y,
    layout: {
      u: Float64Array.from(x, (v) => centre(v) / movie.width),
      v: Float64Array.from(y, (v) => centre(v) / movie.height),
      times,
    },
  };
}
