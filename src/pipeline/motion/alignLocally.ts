import type { MotionOptions } from "#src/domain/motion.ts";
import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { PatchCorrelation } from "#src/compute/motionCompute.ts";
import { fitModel } from "#src/math/motion/fitModel.ts";
import type { FittedModel, PatchField, Surfaces } from "#src/math/motion/fitModel.ts";
import { patchSideBelow } from "#src/math/motion/patchEngine.ts";
import type { PatchPlace } from "#src/math/motion/patchEngine.ts";
import { patchWeights } from "#src/math/motion/patchWeights.ts";
import type { PatchWeights } from "#src/math/motion/patchWeights.ts";
import { RIGID } from "#src/math/motion/splineModel.ts";
import type { ControlPoints, PatchLayout } from "#src/math/motion/splineModel.ts";
import type { StepContext } from "../stepContext.ts";
import { evenPositions, spreadIndices } from "./fixedPattern.ts";
import type { FieldAt } from "./fixedPattern.ts";

/** Side of a patch, binned px, and the most patches that are looked at. */
const SIDE = 64;
const MOST_PATCHES = 400;
/** Patches that measure the signal to noise. */
const WEIGHING_PATCHES = 120;
/** Surfaces reach this many binned px. */
const RADIUS = 8;
const PASSES = 3;
/** Passes more, while the field still moves by this much (rms, binned px): jerky motion is found late. */
const EXTRA_PASSES = 2;
const UNSETTLED = 0.1;
/** Unknowns of the richest model that is tried. */
const MOST_COEFFICIENTS = 1200;
/** Rounds of {@link LocalAligner.choose} at most. */
const ROUNDS = 4;
/** Nats by which a richer model must win, and local motion over none. */
const RICHER = 1;
const LOCAL_WORTH = 10;

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

export interface LocalAlignment {
  readonly fitted: FittedModel;
  readonly weights: PatchWeights;
  readonly surfaces: Surfaces;
  /** Why there is no local part, or null. */
  readonly fallbackReason: string | null;
  /** Models that were compared, and their evidence, in words. */
  readonly ladder: readonly string[];
}

export class LocalAligner {
  private readonly patches: PatchCorrelation;
  private readonly geometry: LocalGeometry;
  private readonly frames: number;
  private readonly options: MotionOptions;
  private readonly limit: number;
  private readonly context: StepContext;
  /** Present displacement of each patch. */
  private field: PatchField;

  /** `limit`: cycles per binned px beyond which nothing is used; `shifts`: the global displacements. */
  constructor(
    patches: PatchCorrelation,
    geometry: LocalGeometry,
    shifts: Float64Array,
    options: MotionOptions,
    limit: number,
    context: StepContext,
  ) {
    this.patches = patches;
    this.geometry = geometry;
    this.frames = shifts.length / 2;
    this.options = options;
    this.limit = limit;
    this.context = context;
    const n = geometry.x.length * this.frames;
    this.field = {
      x: Float64Array.from({ length: n }, (_, i) => shifts[2 * (i % this.frames)]),
      y: Float64Array.from({ length: n }, (_, i) => shifts[2 * (i % this.frames) + 1]),
    };
  }

  /**
   * Passes of weighing, correlating and fitting; `between` is told the field after all passes but the last
   * (the fixed pattern is then estimated with it). Null where the patches show no signal.
   */
  async align(
    between: (pass: number, field: FieldAt) => Promise<void>,
  ): Promise<LocalAlignment | null> {
    const { geometry, context } = this;
    let last: LocalAlignment | null = null;
    const rigid = this.options.patches === "none";
    let passes = PASSES;
    for (let pass = 0; pass < passes; pass++) {
      throwIfCancelled(context.signal);
      const { weights, surfaces } = await this.correlate(pass, passes);
      if (weights.curvature <= 0) return null;
      const isLast = pass >= PASSES - 1;
      const known: LocalAlignment | null = isLast ? last : null;
      const richer = pass >= PASSES && known !== null && known.fallbackReason === null;
      const points = rigid
        ? RIGID
        : richer
          ? known.fitted.model.points
          : this.pointsOf(pass, isLast);
      const tau = richer ? known.fitted.model.tau : pass === 0 ? 3 : 10;
      let fitted = fitModel(geometry.layout, surfaces, this.field, points, tau);
      let fallbackReason: string | null = null;
      const ladder: string[] = [];
      if (rigid) fallbackReason = "Local motion was not asked for.";
      else if (isLast) {
        const chosen = this.choose(surfaces, fitted, ladder);
        fitted = chosen.fitted;
        fallbackReason = chosen.fallbackReason;
      }
      last = { fitted, weights, surfaces, fallbackReason, ladder };
      context.log?.(
        `Local pass ${pass + 1}: ${geometry.x.length} patches, curvature ${weights.curvature.toFixed(2)}, control points ${modelName(fitted)}, ${fitted.objective.toFixed(0)} nats`,
      );
      const moved = fieldDifference(fitted.field, this.field);
      this.field = fitted.field;
      if (!isLast) await between(pass, fieldOf(fitted, geometry));
      else if (!rigid && moved > UNSETTLED && passes < PASSES + EXTRA_PASSES) passes++;
    }
    return last;
  }

  /** Control points of a pass: coarse to fine, since a flexible first pass fits noise and stays there. */
  private pointsOf(pass: number, isLast: boolean): ControlPoints {
    const most = pass === 0 ? 4 : 5;
    const { controlPoints } = this.options;
    if (controlPoints === "auto") return { x: most, y: most, t: most };
    const asked = (n: number): number => Math.max(4, n);
    const limited = (n: number): number => (isLast ? asked(n) : Math.min(asked(n), most));
    return {
      x: limited(controlPoints.x),
      y: limited(controlPoints.y),
      t: limited(controlPoints.t),
    };
  }

  private place(i: number): PatchPlace {
    const { frames, field, geometry } = this;
    const displacement = new Float64Array(2 * frames);
    for (let t = 0; t < frames; t++) {
      displacement[2 * t] = field.x[i * frames + t];
      displacement[2 * t + 1] = field.y[i * frames + t];
    }
    return { x: geometry.x[i], y: geometry.y[i], displacement };
  }

  private async correlate(
    pass: number,
    passes: number,
  ): Promise<{ weights: PatchWeights; surfaces: Surfaces }> {
    const { geometry, frames, context } = this;
    const { side, radius } = geometry;
    const places = geometry.x.map((_, i) => this.place(i));
    const sample = spreadIndices(places.length, WEIGHING_PATCHES).map((i) => places[i]);
    const sums = await this.patches.measure(side, sample, context.signal);
    const weights = patchWeights(sums, side, sample.length, frames, this.limit);
    const empty = weights.curvature <= 0;
    const coefficients = empty
      ? new Float32Array(0)
      : await this.patches.surfaces(
          { side, patches: places, weight: weights.weight, kept: weights.kept, radius },
          context.signal,
          (done) =>
            context.onProgress?.({
              step: `Correlating patches, pass ${pass + 1} of ${passes}`,
              done,
              total: places.length,
            }),
        );
    const surfaces: Surfaces = {
      coefficients,
      patches: places.length,
      frames,
      radius,
      curvature: weights.curvature,
    };
    return { weights, surfaces };
  }

  /** Complexity by evidence; global motion alone is the first rung. */
  private choose(
    surfaces: Surfaces,
    first: FittedModel,
    ladder: string[],
  ): { fitted: FittedModel; fallbackReason: string | null } {
    const { layout } = this.geometry;
    const fit = (points: ControlPoints, tau: number): FittedModel =>
      fitModel(layout, surfaces, this.field, points, tau);
    const zero = fit(RIGID, 1);
    ladder.push(`${modelName(zero)} ${zero.evidence.toFixed(0)}`);
    let best = first;
    ladder.push(`${modelName(first)} ${first.evidence.toFixed(0)}`);
    const tried = new Set([nameOf(first.model.points, first.model.tau)]);
    const consider = (points: ControlPoints, tau: number): boolean => {
      throwIfCancelled(this.context.signal);
      const name = nameOf(points, tau);
      if (tried.has(name) || points.x * points.y * points.t > MOST_COEFFICIENTS) return false;
      tried.add(name);
      const candidate = fit(points, tau);
      ladder.push(`${modelName(candidate)} ${candidate.evidence.toFixed(0)}`);
      if (candidate.evidence <= best.evidence + RICHER) return false;
      best = candidate;
      return true;
    };
    // While richer in time wins, motion is jerky: space, time and stiffness are looked at again.
    for (let round = 0; round < ROUNDS; round++) {
      const before = best.model.points.t;
      const { points, tau } = best.model;
      consider(points, tau * 3);
      consider(points, tau / 3);
      if (this.options.controlPoints !== "auto") break;
      if (round === 0) for (const n of [4, 6, 8]) consider({ x: n, y: n, t: n }, best.model.tau);
      else
        for (const n of [-1, 1]) {
          const { x, y, t } = best.model.points;
          consider({ x: Math.max(4, x + n), y: Math.max(4, y + n), t }, best.model.tau);
        }
      for (let step = 4; ; step *= 2) {
        const { points: p } = best.model;
        if (!consider({ ...p, t: Math.min(p.t + step, this.frames + 2) }, best.model.tau)) break;
      }
      if (best.model.points.t <= Math.max(before, first.model.points.t)) break;
    }
    if (best.evidence >= zero.evidence + LOCAL_WORTH) return { fitted: best, fallbackReason: null };
    return {
      fitted: zero,
      fallbackReason: `Local motion is not supported by the data: it explains ${Math.max(0, best.evidence - zero.evidence).toFixed(0)} nats more than global motion alone, and ${LOCAL_WORTH} are asked for.`,
    };
  }
}

function nameOf({ x, y, t }: ControlPoints, tau: number): string {
  return `${x}x${y}x${t} ${tau.toPrecision(6)}`;
}

/** rms over patches, frames and both axes. */
function fieldDifference(a: PatchField, b: PatchField): number {
  let sum = 0;
  for (let i = 0; i < a.x.length; i++) sum += (a.x[i] - b.x[i]) ** 2 + (a.y[i] - b.y[i]) ** 2;
  return Math.sqrt(sum / Math.max(1, a.x.length));
}

function modelName({ model }: FittedModel): string {
  const { x, y, t } = model.points;
  if (model.count === 0) return "global";
  return `${x}x${y}x${t} (tau ${Number(model.tau.toPrecision(3))})`;
}

/** The field of a fit at any place of the binned frame. */
export function fieldOf(fitted: FittedModel, geometry: LocalGeometry): FieldAt {
  const { layout, x, y, side } = geometry;
  // Places as fractions of the sides: straight lines through the patch centres.
  const last = x.length - 1;
  const scaleU = (layout.u[last] - layout.u[0]) / Math.max(1, x[last] - x[0]);
  const scaleV = (layout.v[last] - layout.v[0]) / Math.max(1, y[last] - y[0]);
  return (px, py) => {
    const u = layout.u[0] + (px - x[0] - (side - 1) / 2) * scaleU;
    const v = layout.v[0] + (py - y[0] - (side - 1) / 2) * scaleV;
    return evaluateFit(fitted, u, v);
  };
}

/** `[t][x, y]` of a fit at a place given as fractions of the sides. */
export function evaluateFit(fitted: FittedModel, u: number, v: number): Float64Array {
  const { model, globalX, globalY, localX, localY } = fitted;
  const at = model.at(u, v);
  const T = model.frames;
  const out = new Float64Array(2 * T);
  const x = at(globalX, localX);
  const y = at(globalY, localY);
  for (let t = 0; t < T; t++) {
    out[2 * t] = x[t];
    out[2 * t + 1] = y[t];
  }
  return out;
}
