import type { MotionOptions } from "#src/domain/motion.ts";
import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { PatchCorrelation } from "#src/compute/motionCompute.ts";
import { expectedError, fitModel } from "#src/math/motion/fitModel.ts";
import type { FittedModel, PatchField, Surfaces } from "#src/math/motion/fitModel.ts";
import { smoothedCurvature, smoothSurfaces } from "#src/math/motion/smoothSurfaces.ts";
import { modelMisfit } from "#src/math/motion/modelMisfit.ts";
import {
  farthest,
  fieldAtPatches,
  fieldDifference,
  fitDifference,
} from "#src/math/motion/patchFields.ts";
import { patchTrust } from "#src/math/motion/patchTrust.ts";
import type { PatchPlace } from "#src/math/motion/patchEngine.ts";
import { patchWeights } from "#src/math/motion/patchWeights.ts";
import type { PatchWeights } from "#src/math/motion/patchWeights.ts";
import { RIGID } from "#src/math/motion/splineModel.ts";
import type { ControlPoints, PatchLayout } from "#src/math/motion/splineModel.ts";
import type { StepContext } from "../stepContext.ts";
import { spreadIndices } from "./fixedPattern.ts";
import type { FieldAt } from "./fixedPattern.ts";
import { fieldOf } from "./fittedField.ts";
import type { LocalGeometry } from "./localGeometry.ts";

/** Patches that measure the signal to noise. */
const WEIGHING_PATCHES = 120;
const PASSES = 3;
/** Without local motion one look at few patches comes before the last. */
const RIGID_PASSES = 2;
/** Patches of the first passes, about: they only have to bring the last one near enough. */
const FIRST_PATCHES = [100, 200];
/** Passes more, while the field still moves by this much (rms, binned px): jerky motion is found late. */
const EXTRA_PASSES = 2;
const UNSETTLED = 0.1;
/** Unknowns of the richest model that is tried. */
const MOST_COEFFICIENTS = 1200;
/** Rounds of {@link LocalAligner.choose} at most. */
const ROUNDS = 4;
/** Fits with patches that do not follow the field trusted less. */
const TRUST_ROUNDS = 2;
/** Widths of the Gaussians through which the first pass looks first, px: large local motion is out of sight else. */
const FAR = [3, 1.5];
/** First passes more, as long as the look from afar finds more. */
const FAR_LOOKS = 3;
/** rms over frames by which two fields must differ somewhere to be told apart, binned px. */
const APART = 1;
/** Nats by which a richer model must win, and local motion over none. */
const RICHER = 1;
export const LOCAL_WORTH = 10;

export interface LocalAlignment {
  readonly fitted: FittedModel;
  readonly weights: PatchWeights;
  readonly surfaces: Surfaces;
  /** Why there is no local part, or null. */
  readonly fallbackReason: string | null;
  /** Motion that the model does not follow ({@link modelMisfit}), binned px. */
  readonly misfit: number;
  /** Local motion that is there, or may be, and is not in the fit: rms over places and frames, binned px. */
  readonly leftOut: number;
  /** Models that were compared, and their evidence, in words. */
  readonly ladder: readonly string[];
}

/** Log-likelihood of the frames under a field, nats up to a constant. */
export type FieldJudge = (field: FieldAt) => Promise<number>;

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
   * (the fixed pattern is then estimated with it), and whether the last comes next; `judge` tells how likely
   * the frames are under a field. Null where the patches show no signal.
   */
  async align(
    between: (field: FieldAt, lastIsNext: boolean) => Promise<void>,
    judge: FieldJudge,
  ): Promise<LocalAlignment | null> {
    const { geometry, context } = this;
    let last: LocalAlignment | null = null;
    const rigid = this.options.patches === "none";
    const usual = rigid ? RIGID_PASSES : PASSES;
    let passes = usual;
    let looks = 0;
    for (let pass = 0; pass < passes; pass++) {
      throwIfCancelled(context.signal);
      const isLast = pass >= usual - 1;
      const used = isLast ? geometry.x.map((_, i) => i) : this.someOf(FIRST_PATCHES[pass]);
      const measured = await this.correlate(used, pass, passes);
      const { weights } = measured;
      let { surfaces } = measured;
      if (weights.curvature <= 0) return null;
      const known: LocalAlignment | null = isLast ? last : null;
      const richer = pass >= usual && known !== null && known.fallbackReason === null;
      const points = rigid
        ? RIGID
        : richer
          ? known.fitted.model.points
          : this.pointsOf(pass, isLast);
      const tau = richer ? known.fitted.model.tau : pass === 0 ? 3 : 10;
      const first = this.fit(used, surfaces, points, tau);
      let fitted = first;
      if (pass === 0 && !rigid)
        fitted = await this.fromAfar(used, surfaces, weights, fitted, judge);
      const far = pass === 0 && fitted !== first;
      if (!rigid && !far)
        for (let round = 0; round < TRUST_ROUNDS; round++) {
          const trust = patchTrust(fitted, surfaces, this.layoutOf(used));
          if (trust.every((share) => share === 1)) break;
          surfaces = { ...surfaces, trust };
          fitted = this.fit(used, surfaces, points, tau);
        }
      let fallbackReason: string | null = null;
      let leftOut = 0;
      const ladder: string[] = [];
      if (rigid) {
        fallbackReason = "Local motion was not asked for.";
        if (isLast) leftOut = doubted(this.likelierLocal(used, surfaces), fitted);
      } else if (isLast)
        ({ fitted, fallbackReason, leftOut } = this.choose(surfaces, fitted, ladder));
      const misfit = isLast && !rigid ? modelMisfit(fitted, surfaces, geometry.layout) : 0;
      last = { fitted, weights, surfaces, fallbackReason, misfit, leftOut, ladder };
      context.log?.(
        `Local pass ${pass + 1}: ${used.length} patches, curvature ${weights.curvature.toFixed(2)}, control points ${modelName(fitted)}, ${fitted.objective.toFixed(0)} nats, ${surfaces.trust?.filter((share) => share < 1).length ?? 0} trusted less, misfit ${misfit.toPrecision(3)}`,
      );
      const field = isLast ? fitted.field : fieldAtPatches(fitted, geometry.layout);
      const moved = fieldDifference(field, this.field);
      this.field = field;
      if (far && looks < FAR_LOOKS) {
        looks++;
        pass--;
        continue;
      }
      if (!isLast) await between(fieldOf(fitted, geometry), pass === usual - 2);
      else if (!rigid && moved > UNSETTLED && passes < PASSES + EXTRA_PASSES) {
        passes++;
        await between(fieldOf(fitted, geometry), false);
      }
    }
    return last;
  }

  /** Every patch, or about `count` of them: every so many columns and rows, those at the edges included. */
  private someOf(count: number): number[] {
    const { columns, rows } = this.geometry;
    const share = Math.sqrt(Math.min(1, count / (columns * rows)));
    const along = (n: number): number[] => spreadIndices(n, Math.max(2, Math.round(n * share)));
    const some = along(columns);
    return along(rows).flatMap((row) => some.map((column) => row * columns + column));
  }

  private layoutOf(used: readonly number[]): PatchLayout {
    const { u, v, times } = this.geometry.layout;
    return {
      u: Float64Array.from(used, (i) => u[i]),
      v: Float64Array.from(used, (i) => v[i]),
      times,
    };
  }

  private fit(
    used: readonly number[],
    surfaces: Surfaces,
    points: ControlPoints,
    tau: number,
    begin?: PatchField,
  ): FittedModel {
    const { frames, field } = this;
    const layout = this.layoutOf(used);
    const from = {
      x: new Float64Array(used.length * frames),
      y: new Float64Array(used.length * frames),
    };
    used.forEach((i, k) => {
      from.x.set(field.x.subarray(i * frames, (i + 1) * frames), k * frames);
      from.y.set(field.y.subarray(i * frames, (i + 1) * frames), k * frames);
    });
    return fitModel(layout, surfaces, from, points, tau, begin);
  }

  /**
   * Fits to surfaces smoothed so that large local motion is in sight. Only frames cut anew can judge
   * between them and the given fit, which is done where they differ by a pixel or more.
   */
  private async fromAfar(
    used: readonly number[],
    surfaces: Surfaces,
    weights: PatchWeights,
    near: FittedModel,
    judge: FieldJudge,
  ): Promise<FittedModel> {
    const { geometry, frames, context } = this;
    const { points, tau } = near.model;
    const { side } = geometry;
    const worth = (fitted: FittedModel): Promise<number> => judge(fieldOf(fitted, geometry));
    let best = near;
    let most: number | null = null;
    let begin: PatchField | undefined;
    for (const sigma of FAR) {
      const curvature = smoothedCurvature(weights, side, frames, sigma);
      const smooth = smoothSurfaces(surfaces, sigma, curvature);
      const far = this.fit(used, smooth, points, tau, begin);
      begin = far.field;
      const apart = farthest(far.field, near.field, frames);
      if (apart < APART) continue;
      most ??= await worth(near);
      const nats = await worth(far);
      context.log?.(
        `Seen through ${sigma} px: ${apart.toFixed(2)} px away, ${(nats - most).toFixed(0)} nats more than the best before`,
      );
      if (nats > most) [best, most] = [far, nats];
    }
    return best;
  }

  /** Of the models of the first and the last pass. */
  private likelierLocal(used: readonly number[], surfaces: Surfaces): FittedModel {
    const stiff = this.fit(used, surfaces, this.pointsOf(0, false), 3);
    const flexible = this.fit(used, surfaces, this.pointsOf(PASSES - 1, true), 10);
    return stiff.evidence > flexible.evidence ? stiff : flexible;
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
    used: readonly number[],
    pass: number,
    passes: number,
  ): Promise<{ weights: PatchWeights; surfaces: Surfaces }> {
    const { geometry, frames, context } = this;
    const { side, radius } = geometry;
    const places = used.map((i) => this.place(i));
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
      trust: null,
    };
    return { weights, surfaces };
  }

  /** Complexity by evidence; global motion alone is the first rung. */
  private choose(
    surfaces: Surfaces,
    first: FittedModel,
    ladder: string[],
  ): Pick<LocalAlignment, "fitted" | "fallbackReason" | "leftOut"> {
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
    // Jumps in every frame: few control points more in time gain nothing, all of them do.
    if (this.options.controlPoints === "auto" && modelMisfit(best, surfaces, layout) > 0)
      for (const stiffer of [1, 1 / 3, 3]) {
        const { x, y } = best.model.points;
        const t = this.frames + 2;
        const n = x * y * t > MOST_COEFFICIENTS ? 4 : x;
        consider({ x: n, y: n, t }, best.model.tau * stiffer);
      }
    if (best.evidence >= zero.evidence + LOCAL_WORTH)
      return { fitted: best, fallbackReason: null, leftOut: 0 };
    return {
      fitted: zero,
      leftOut: doubted(best, zero),
      fallbackReason: `Local motion is not supported by the data: it explains ${Math.max(0, best.evidence - zero.evidence).toFixed(0)} nats more than global motion alone, and ${LOCAL_WORTH} are asked for.`,
    };
  }
}

/**
 * rms of the local motion that a global fit leaves out, as a local one expects it, its own uncertainty included, by
 * the probability that there is any. Evidence is good to {@link LOCAL_WORTH} nats, so it must speak against local
 * motion by as much before that is believed.
 */
function doubted(local: FittedModel, global: FittedModel): number {
  const nats = local.evidence - global.evidence;
  const probability = 1 / (1 + Math.exp(-(nats + LOCAL_WORTH)));
  if (probability < 1e-3) return 0;
  const unsure = expectedError(local).rms ** 2 - expectedError(global).rms ** 2;
  return Math.sqrt(probability * (fitDifference(local, global) ** 2 + Math.max(0, unsure)));
}

function nameOf({ x, y, t }: ControlPoints, tau: number): string {
  return `${x}x${y}x${t} ${tau.toPrecision(6)}`;
}

function modelName({ model }: FittedModel): string {
  const { x, y, t } = model.points;
  if (model.count === 0) return "global";
  return `${x}x${y}x${t} (tau ${Number(model.tau.toPrecision(3))})`;
}
