import type {
  LocalMotion,
  MotionDiagnostics,
  MotionEstimate,
  MotionField,
  MotionOptions,
} from "#src/domain/motion.ts";
import type { MovieReader } from "#src/domain/movie.ts";
import { referenceByX } from "#src/math/flexalign/robustSolve.ts";
import { withFourPoints } from "#src/math/flexalign/splineFit.ts";
import { gridPlaces, sampleField } from "#src/math/motionField.ts";
import { centreLocalMotion } from "#src/math/motionGauge.ts";
import type { MotionCorrections } from "../estimateMotion.ts";
import type { StepContext } from "../stepContext.ts";
import { alignPatches, planPatches } from "./alignPatches.ts";
import type { FlexalignPatches } from "./alignPatches.ts";
import { correlateWholeFrames } from "./correlateFrames.ts";
import { cpuProgramRules, FLEXALIGN_DEFAULTS, gpuProgramRules } from "./flexalignRules.ts";
import { solveFrames } from "./solveFrames.ts";
import type { FramePositions } from "./solveFrames.ts";

/**
 * Motion as Xmipp FlexAlign measures it (Střelák et al. 2020; Xmipp 3.25.06): correlations of all pairs of
 * frames, least squares with one round of rejection, the program's reference frame; with patches the same
 * in each of them and cubic B-splines through what they say. Global motion alone follows the CPU program,
 * local motion the GPU program. What is mended, and why, is in docs/adr/0060.
 */
export async function estimateAsFlexAlign(
  movie: MovieReader,
  frameIndices: readonly number[],
  corrections: MotionCorrections,
  options: MotionOptions,
  context: StepContext,
): Promise<MotionEstimate> {
  const { width, height } = movie.header;
  const frames = frameIndices.length;
  const local = options.patches !== "none";
  const rules = (local ? gpuProgramRules : cpuProgramRules)(width, height, options);
  const chosen: Record<string, number | string | boolean> = {
    estimator: local ? "FlexAlign (GPU program)" : "FlexAlign (CPU program)",
    maxResolutionA: options.maxResolutionA ?? FLEXALIGN_DEFAULTS.maxResolutionA,
    correlationSize: `${rules.size.reducedWidth}x${rules.size.reducedHeight}`,
  };
  const flags: string[] = [];
  if (options.pixelSizeA === null)
    flags.push("The pixel size is not known: 1 Å/px was taken, as FlexAlign does.");
  if (frames === 1) {
    const reason = "One frame only: there is no motion to measure.";
    return estimateOf(fieldOf(movie, frameIndices, 0, null), reason, [reason, ...flags], chosen);
  }

  const subject = { movie, frameIndices, corrections };
  const { pairs, blank } = await correlateWholeFrames(subject, rules, context);
  const positions = solveFrames(pairs, frames, blank);
  const reference = referenceByX(positions.x);
  const field = fieldOf(movie, frameIndices, reference, positions);
  chosen.rejectedPairs = `${positions.rejected} of ${positions.pairs}`;
  if (frames - blank.length < 2) {
    const reason = "The frames are blank: there is nothing to align.";
    return estimateOf(field, reason, [reason, ...flags], chosen);
  }
  if (blank.length > 0)
    flags.push(
      `Blank: ${blank.length === 1 ? "frame" : "frames"} ${blank.map((t) => frameIndices[t] + 1).join(", ")}; the motion there is interpolated.`,
    );
  flags.push(...limitFlags(field, options));
  if (!local) return estimateOf(field, "Local motion was not asked for.", flags, chosen);

  const shifts = { x: field.globalX, y: field.globalY };
  const plan = planPatches(width, height, shifts, options);
  if (typeof plan === "string") return estimateOf(field, plan, [...flags, plan], chosen);
  const patches = await alignPatches(subject, shifts, reference, blank, plan, options, context);
  const { x, y, points, group } = plan;
  Object.assign(chosen, {
    group,
    patchesX: x.count,
    patchesY: y.count,
    patchSidePx: x.side,
    overlapPx: `${x.overlap}x${y.overlap}`,
    controlPoints: `${points.x}x${points.y}x${points.t}`,
    rejectedPatchPairs: `${patches.rejectedPairs} of ${patches.pairs}`,
    rejectedPlaces: `${patches.fit.rejected} of ${x.count * y.count * frames}`,
  });
  const bent = centreLocalMotion({
    ...field,
    globalX: new Float64Array(frames),
    globalY: new Float64Array(frames),
    local: localOf(patches),
  });
  const runaway = runawayReason(bent, field, patches);
  if (runaway !== null)
    return estimateOf(field, runaway, [...flags, ...plan.notes, runaway], chosen);
  return {
    ...estimateOf(bent, null, [...flags, ...plan.notes], chosen),
    diagnostics: diagnosticsOf(patches, frames),
    frameDisplacements: shifts,
  };
}

/** Global motion against the reference frame. */
function fieldOf(
  movie: MovieReader,
  frameIndices: readonly number[],
  referenceFrame: number,
  positions: FramePositions | null,
): MotionField {
  const against = (p: Float64Array | undefined): Float64Array =>
    p === undefined ? new Float64Array(frameIndices.length) : p.map((v) => v - p[referenceFrame]);
  return {
    width: movie.header.width,
    height: movie.header.height,
    frameIndices,
    referenceFrame,
    globalX: against(positions?.x),
    globalY: against(positions?.y),
    local: null,
  };
}

function localOf({ fit }: FlexalignPatches): LocalMotion {
  const x = withFourPoints(fit.x, fit.points);
  const y = withFourPoints(fit.y, fit.points);
  return {
    controlPoints: x.points,
    coefficientsX: x.coefficients,
    coefficientsY: y.coefficients,
  };
}

/** Places along a side at which a field is held against its patches. */
const EDGE_GRID = 9;
/** A field may leave the global motion by this many times what any patch does, and 2 px. */
const RUNAWAY = 3;

/**
 * Patches that stand close together say little of the frame's edges, where the splines can then take any
 * value: such a field is not applied.
 */
function runawayReason(
  bent: MotionField,
  global: MotionField,
  { plan, tracks }: FlexalignPatches,
): string | null {
  const { frames, dx, dy } = tracks;
  let measured = 0;
  dx.forEach((x, e) => {
    const t = e % frames;
    measured = Math.max(measured, Math.hypot(x - global.globalX[t], dy[e] - global.globalY[t]));
  });
  const { x, y } = sampleField(
    bent,
    "gather",
    gridPlaces(bent.width, EDGE_GRID),
    gridPlaces(bent.height, EDGE_GRID),
  );
  let fitted = 0;
  x.forEach((plane, t) =>
    plane.forEach((v, k) => {
      fitted = Math.max(fitted, Math.hypot(v - global.globalX[t], y[t][k] - global.globalY[t]));
    }),
  );
  if (fitted <= RUNAWAY * measured + 2) return null;
  return `The splines leave the patches' motion (up to ${measured.toFixed(1)} px from the global one) and reach ${fitted.toFixed(0)} px at the edges, where ${plan.x.count} × ${plan.y.count} patches of ${plan.x.side} px see nothing: global motion only. Lower the smallest patch or the control points.`;
}

/** FlexAlign states no error of its own: the expected error stays unknown. */
function estimateOf(
  field: MotionField,
  fallbackReason: string | null,
  flags: readonly string[],
  chosen: MotionEstimate["chosen"],
): MotionEstimate {
  return {
    field,
    quality: { expectedErrorPx: NaN, gainNats: NaN, fallbackReason, flags },
    diagnostics: null,
    hotPixels: [],
    chosen,
  };
}

/** A pair cannot lie further apart than the limit: a drift that comes near it may have been cut. */
function limitFlags({ globalX: x, globalY: y }: MotionField, options: MotionOptions): string[] {
  let total = 0;
  for (let t = 0; t < x.length; t++)
    for (let s = 0; s < t; s++) total = Math.max(total, Math.hypot(x[t] - x[s], y[t] - y[s]));
  const reached = total * (options.pixelSizeA ?? 1);
  if (reached < 0.9 * options.maxShiftA) return [];
  return [
    `The drift of ${reached.toFixed(1)} Å reaches the maximum shift of ${options.maxShiftA} Å, which FlexAlign applies to every pair of frames: raise it.`,
  ];
}

function diagnosticsOf({ plan, tracks, fit }: FlexalignPatches, frames: number): MotionDiagnostics {
  const { centreX, centreY } = tracks;
  const patches = Array.from(centreX, (_, q) => q);
  const track = (values: Float64Array): number[][] =>
    patches.map((q) => Array.from(values.subarray(q * frames, (q + 1) * frames)));
  const x = track(fit.residualX);
  const y = track(fit.residualY);
  return {
    errorX: [],
    errorY: [],
    errorPx: [],
    patchX: Array.from(centreX),
    patchY: Array.from(centreY),
    patchSidePx: plan.x.side,
    patchResidualPx: patches.map((q) =>
      Math.sqrt(x[q].reduce((sum, v, t) => sum + v * v + y[q][t] ** 2, 0) / frames),
    ),
    residualTracks: { frames: Array.from({ length: frames }, (_, t) => t), x, y },
  };
}
