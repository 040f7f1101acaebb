import type { MotionOptions } from "#src/domain/motion.ts";
import {
  automaticControlPoints,
  automaticPatches,
  automaticTimePoints,
  layPatches,
  patchesForOverlap,
  patchSide,
  shiftBorder,
} from "#src/math/flexalign/patchGrid.ts";
import type { PatchAxis } from "#src/math/flexalign/patchGrid.ts";
import { fitPatchSpline } from "#src/math/flexalign/splineFit.ts";
import type { PatchTracks, SplineFit, SplinePoints } from "#src/math/flexalign/splineFit.ts";
import type { StepContext } from "../stepContext.ts";
import { correlatePatches } from "./correlateFrames.ts";
import type { MovieToAlign } from "./correlateFrames.ts";
import { FLEXALIGN_DEFAULTS, gpuProgramRules, samplingOf } from "./flexalignRules.ts";
import { solveFrames } from "./solveFrames.ts";

/** Fewer patches along a side leave no room for three control points. */
const LEAST_PATCHES = 4;
/** Automatic patches are not made smaller than this to get four along a side, Å. */
const SMALLEST_A = 150;

/** Patches and model of a movie, or why there are none. */
export interface PatchPlan {
  readonly x: PatchAxis;
  readonly y: PatchAxis;
  readonly points: SplinePoints;
  /** Frames added to one. */
  readonly group: number;
  /** What had to be changed of what was asked for. */
  readonly notes: readonly string[];
}

/**
 * FlexAlign's patches and control points. Where its program stops with an error (more control points than
 * patches, patches that leave the frame), control points are lowered or the reason is the answer.
 */
export function planPatches(
  width: number,
  height: number,
  shifts: { readonly x: ArrayLike<number>; readonly y: ArrayLike<number> },
  options: MotionOptions,
): PatchPlan | string {
  const sampling = samplingOf(options);
  const { patches, overlap } = options;
  const notes: string[] = [];
  const minPatchA = options.minPatchA ?? sideThatFits(width, height, shifts, options, notes);
  const side = patchSide(minPatchA, sampling);
  const countOf = (size: number, border: number): number => {
    const window = size - 2 * border;
    if (overlap !== null) return patchesForOverlap(window, side, overlap);
    return automaticPatches(size, minPatchA, sampling);
  };
  const axis = (size: number, shift: ArrayLike<number>, asked: number | null): PatchAxis | null => {
    const border = shiftBorder(shift);
    return layPatches(size, border, side, asked ?? countOf(size, border));
  };
  const x = axis(width, shifts.x, typeof patches === "object" ? patches.x : null);
  const y = axis(height, shifts.y, typeof patches === "object" ? patches.y : null);
  if (x === null || y === null)
    return `Patches of ${side} px do not fit into frames of ${width} × ${height} px less the drift: global motion only. Lower the smallest patch.`;
  const fewest = Math.min(x.count, y.count);
  if (fewest < LEAST_PATCHES)
    return `${x.count} × ${y.count} patches are too few for three control points along each side: global motion only. Lower the smallest patch from ${minPatchA} Å, or ask for ${LEAST_PATCHES} × ${LEAST_PATCHES} patches or more.`;
  const frames = shifts.x.length;
  if (frames < 3)
    return "Fewer than three frames: there are no three control points in time, global motion only.";
  const asked =
    options.controlPoints === "auto"
      ? {
          x: automaticControlPoints(width, sampling),
          y: automaticControlPoints(height, sampling),
          t: automaticTimePoints(frames),
        }
      : options.controlPoints;
  const points: SplinePoints = {
    x: Math.min(asked.x, x.count - 1),
    y: Math.min(asked.y, y.count - 1),
    t: Math.min(asked.t, frames),
  };
  const name = (p: SplinePoints): string => `${p.x} × ${p.y} × ${p.t}`;
  const changed = name(points) !== name(asked);
  return {
    x,
    y,
    points,
    group: Math.max(1, options.group === "auto" ? FLEXALIGN_DEFAULTS.group : options.group),
    notes: changed
      ? [
          ...notes,
          `${name(asked)} control points are more than ${x.count} × ${y.count} patches and ${frames} frames hold, where FlexAlign stops: ${name(points)} were taken.`,
        ]
      : notes,
  };
}

/**
 * 500 Å, or, where that makes fewer than four patches along a side and nobody asked for it, as much as makes
 * four: FlexAlign stops there, with an error about control points.
 */
function sideThatFits(
  width: number,
  height: number,
  shifts: { readonly x: ArrayLike<number>; readonly y: ArrayLike<number> },
  options: MotionOptions,
  notes: string[],
): number {
  const usual = FLEXALIGN_DEFAULTS.minPatchA;
  if (options.patches !== "auto" || options.overlap !== null) return usual;
  const sampling = samplingOf(options);
  const counts = [width, height].map((size) => automaticPatches(size, usual, sampling));
  if (Math.min(...counts) >= LEAST_PATCHES) return usual;
  const window = Math.min(width - 2 * shiftBorder(shifts.x), height - 2 * shiftBorder(shifts.y));
  const fitting = Math.floor((window * sampling) / LEAST_PATCHES);
  if (fitting < SMALLEST_A) return usual;
  notes.push(
    `Patches of ${usual} Å would be ${counts.join(" × ")}, too few for three control points, where FlexAlign stops: patches of ${fitting} Å were taken.`,
  );
  return fitting;
}

export interface FlexalignPatches {
  readonly plan: PatchPlan;
  readonly tracks: PatchTracks;
  readonly fit: SplineFit;
  /** Pairs left out in all patches together, and how many there were. */
  readonly rejectedPairs: number;
  readonly pairs: number;
}

/** Measures every patch against the reference frame and fits the splines (px of the frame). */
export async function alignPatches(
  subject: MovieToAlign,
  shifts: { readonly x: Float64Array; readonly y: Float64Array },
  reference: number,
  blank: readonly number[],
  plan: PatchPlan,
  options: MotionOptions,
  context: StepContext,
): Promise<FlexalignPatches> {
  const { width, height } = subject.movie.header;
  const frames = subject.frameIndices.length;
  const corners = plan.y.starts.flatMap((y) => plan.x.starts.map((x) => ({ x, y })));
  const shiftX = shifts.x.map(roundHalfAway);
  const shiftY = shifts.y.map(roundHalfAway);
  const { side } = plan.x;
  const found = await correlatePatches(
    subject,
    { corners, shiftX, shiftY, group: plan.group },
    gpuProgramRules(side, side, options),
    context,
  );
  const dx = new Float64Array(corners.length * frames);
  const dy = new Float64Array(corners.length * frames);
  let rejectedPairs = 0;
  let pairs = 0;
  found.forEach((differences, q) => {
    const solved = solveFrames(differences, frames, blank);
    rejectedPairs += solved.rejected;
    pairs += solved.pairs;
    for (let t = 0; t < frames; t++) {
      dx[q * frames + t] = shiftX[t] + solved.x[t] - solved.x[reference];
      dy[q * frames + t] = shiftY[t] + solved.y[t] - solved.y[reference];
    }
  });
  // (first + last pixel)/2, cut to an integer as the program does.
  const middle = (start: number): number => start + Math.floor((side - 1) / 2);
  const tracks: PatchTracks = {
    centreX: corners.map(({ x }) => middle(x)),
    centreY: corners.map(({ y }) => middle(y)),
    frames,
    dx,
    dy,
  };
  const fit = fitPatchSpline(tracks, width, height, plan.points);
  return { plan, tracks, fit, rejectedPairs, pairs };
}

/** C's round(): halves away from zero. */
function roundHalfAway(v: number): number {
  return Math.sign(v) * Math.floor(Math.abs(v) + 0.5);
}
