import type {
  LocalMotion,
  MotionDiagnostics,
  MotionEstimate,
  MotionField,
  MotionOptions,
} from "#src/domain/motion.ts";
import type { MovieReader } from "#src/domain/movie.ts";
import { splineBasis } from "#src/math/bspline.ts";
import { centreLocalMotion } from "#src/math/motionGauge.ts";
import { surfaceSum } from "#src/math/motion/fitModel.ts";
import type { expectedError, FittedModel, Surfaces } from "#src/math/motion/fitModel.ts";
import type { GlobalOutcome, LocalOutcome } from "../estimateMotion.ts";
import type { LocalGeometry } from "./localGeometry.ts";
import { bridge, overFrames } from "./groupTracks.ts";
import { globalError, lastingError, likelyTrack, toldError } from "./likelyTrack.ts";
import { knobNotes } from "./knobNotes.ts";
import type { PreparedMovie } from "./prepareMovie.ts";

/** Displacements beyond these are worth a look, Å (limits of Scipion's movie protocols). */
const JUMP_A = 10;
const TOTAL_A = 45;
/**
 * Nats that motion must explain to be believed, with T groups of frames. Noise alone, with and without a
 * pattern at rest, gives up to 18 nats at T = 8, 22 at 20, 31 at 40 and 54 at 100. Where a pattern is seen
 * beside a signal as faint as that, it hides in the sum of the others and pulls further than its error
 * tells: more is asked for (record 0124).
 */
function believed(groups: number, local: LocalOutcome | null): number {
  return (local?.patternBias ?? 0) > 0 ? 15 * groups : 20 + 1.5 * groups;
}
/** Expected errors above it are told as large, binned px; beyond this part of the motion's rms they are refused. */
const LARGE_ERROR = 1;
const OF_USE = 0.4;
/** Pattern over noise above which the error estimate knows too little. */
const STRONG_PATTERN = 0.1;

/** "No motion", with the reason. */
export function unmoved(
  movie: MovieReader,
  frameIndices: readonly number[],
  options: MotionOptions,
  reason: string,
): MotionEstimate {
  const T = frameIndices.length;
  return {
    field: {
      width: movie.header.width,
      height: movie.header.height,
      frameIndices,
      referenceFrame: Math.min(T - 1, Math.max(0, options.referenceFrame)),
      globalX: new Float64Array(T),
      globalY: new Float64Array(T),
      local: null,
    },
    quality: { expectedErrorPx: NaN, gainNats: 0, fallbackReason: reason, flags: [reason] },
    diagnostics: null,
    hotPixels: [],
    chosen: { estimator: "recipe" },
  };
}

export interface MotionFindings {
  readonly movie: MovieReader;
  readonly frameIndices: readonly number[];
  readonly options: MotionOptions;
  readonly prepared: PreparedMovie;
  readonly group: number;
  readonly global: GlobalOutcome;
  readonly geometry: LocalGeometry | null;
  readonly local: LocalOutcome | null;
  readonly error: ReturnType<typeof expectedError> | null;
}

/** Turns what was found into a field of the unbinned movie, with its quality; refuses what is not to be believed. */
export function describeMotion(findings: MotionFindings): MotionEstimate {
  const { movie, frameIndices, options, prepared, group, geometry, local, error } = findings;
  const { binning } = prepared;
  const gainNats = local?.gainNats ?? findings.global.gainNats;
  const groups = prepared.middles.length;
  const refuse = (reason: string): MotionEstimate => {
    const none = unmoved(movie, frameIndices, options, reason);
    return {
      ...none,
      quality: { ...none.quality, gainNats },
      hotPixels: prepared.hotPixels,
      chosen: chosenOf(findings),
    };
  };
  const asked = believed(groups, local);
  if (gainNats < asked)
    return refuse(
      `No common moving signal was found (${gainNats.toFixed(0)} nats, ${asked.toFixed(0)} are asked for): nothing is corrected.`,
    );
  const aligned = local?.aligned ?? null;
  if (geometry !== null && aligned === null)
    return refuse("The patches show no signal above the noise: nothing is corrected.");
  const isLocal = aligned !== null && aligned.fallbackReason === null;
  const track = isLocal ? null : likelyTrack(findings);
  const errorBinned = track?.errorPx ?? error?.rms ?? globalError(findings);
  if (errorBinned > Math.max(LARGE_ERROR, track === null ? 0 : OF_USE * spreadOf(track.axes)))
    return refuse(
      `The expected error of the motion is ${(errorBinned * binning).toFixed(1)} px, too much to be of use: nothing is corrected.`,
    );

  const axis = (which: 0 | 1): Float64Array => {
    const g =
      track?.axes[which] ??
      (which === 0 ? aligned?.fitted.globalX : aligned?.fitted.globalY) ??
      new Float64Array(groups);
    return overFrames(bridge(g, prepared.blank), prepared.middles, frameIndices.length).map(
      (v) => v * binning,
    );
  };
  const field = centreLocalMotion({
    width: movie.header.width,
    height: movie.header.height,
    frameIndices,
    referenceFrame: Math.min(frameIndices.length - 1, Math.max(0, options.referenceFrame)),
    globalX: axis(0),
    globalY: axis(1),
    local: isLocal ? localPart(aligned.fitted, binning) : null,
  });
  // No reason to refuse: it is left as it was.
  const leftOut = aligned?.leftOut ?? 0;
  const tracked = track?.toldPx ?? toldError(errorBinned, lastingError(findings));
  const toldBinned = Math.hypot(tracked, leftOut);
  const expectedErrorPx = toldBinned * binning;
  return {
    field,
    quality: {
      expectedErrorPx,
      gainNats,
      fallbackReason:
        aligned === null
          ? "The frames are too small to be cut into patches: global motion only."
          : aligned.fallbackReason,
      flags: [
        ...(tracked > LARGE_ERROR
          ? [
              `The signal is faint: the expected error of ${(tracked * binning).toFixed(1)} px blurs fine detail, though less than the motion did.`,
            ]
          : []),
        ...(leftOut > tracked
          ? [
              options.patches === "none"
                ? `Local motion of about ${(leftOut * binning).toFixed(2)} px (rms) is left in: only global motion was asked for.`
                : `Local motion of about ${(leftOut * binning).toFixed(2)} px (rms) may be left in: the signal is too faint to tell.`,
            ]
          : []),
        ...flagsOf(field, findings),
      ],
    },
    diagnostics:
      geometry === null || aligned === null || error === null
        ? null
        : diagnosticsOf(
            field,
            geometry,
            aligned.fitted,
            aligned.surfaces,
            // A track that was made likelier lowers the error everywhere alike.
            { ...error, map: error.map.map((v) => (v * toldBinned) / error.rms) },
            prepared,
          ),
    hotPixels: prepared.hotPixels,
    chosen: { ...chosenOf(findings), group },
  };
}

/** rms of tracks about their mean, px. */
function spreadOf(axes: readonly Float64Array[]): number {
  return Math.hypot(...axes.map((axis) => Math.hypot(...axis) / Math.sqrt(axis.length)));
}

/** Coefficients `[t][y][x]` of the unbinned movie whose field has mean 0 over time at every place. */
function localPart({ model, localX, localY }: FittedModel, binning: number): LocalMotion {
  const { points, layout, places } = model;
  const K = points.t;
  // Σ_k Bk(t) = 1: taking Σ_k c_k·mean(Bk) from every c_k takes out the mean over time.
  const mean = new Float64Array(K);
  const w = new Float64Array(4);
  for (const time of layout.times) {
    const first = splineBasis(time, K, w);
    for (let k = 0; k < 4; k++) mean[first + k] += w[k] / layout.times.length;
  }
  const convert = (c: Float64Array): Float64Array => {
    const out = new Float64Array(c.length);
    for (let a = 0; a < places; a++) {
      let offset = 0;
      for (let k = 0; k < K; k++) offset += c[a * K + k] * mean[k];
      for (let k = 0; k < K; k++) out[k * places + a] = binning * (c[a * K + k] - offset);
    }
    return out;
  };
  return { controlPoints: points, coefficientsX: convert(localX), coefficientsY: convert(localY) };
}

function flagsOf(
  field: MotionField,
  { options, local, prepared, group, geometry }: MotionFindings,
): string[] {
  const flags = knobNotes(options, geometry, prepared.binning);
  const pixel = options.pixelSizeA ?? 1;
  const unit = options.pixelSizeA === null ? "px" : "Å";
  if (options.pixelSizeA === null)
    flags.push("The pixel size is not known: lengths in Å were taken as px.");
  let jump = 0;
  let at = 0;
  let total = 0;
  const { globalX: x, globalY: y } = field;
  for (let t = 0; t < x.length; t++) {
    if (t > 0) {
      const d = Math.hypot(x[t] - x[t - 1], y[t] - y[t - 1]) * pixel;
      if (d > jump) [jump, at] = [d, t];
    }
    for (let s = 0; s < t; s++)
      total = Math.max(total, Math.hypot(x[t] - x[s], y[t] - y[s]) * pixel);
  }
  if (jump > JUMP_A)
    flags.push(
      `The specimen jumps by ${jump.toFixed(1)} ${unit} between frames ${field.frameIndices[at - 1] + 1} and ${field.frameIndices[at] + 1}.`,
    );
  if (total > options.maxShiftA)
    flags.push(
      `The specimen drifts by ${total.toFixed(1)} ${unit}, more than the maximum shift of ${options.maxShiftA} ${unit}: raise it, or leave out the first frames.`,
    );
  else if (total > TOTAL_A)
    flags.push(`The specimen drifts by ${total.toFixed(1)} ${unit} in all.`);
  if ((local?.patternOverNoise ?? 0) > STRONG_PATTERN)
    flags.push(
      `The frames carry a fixed pattern of ${(100 * (local?.patternOverNoise ?? 0)).toFixed(0)} % of their noise: is the gain missing or in another pose? The expected error allows for it.`,
    );
  const lost = new Set(prepared.damaged.map(({ position }) => position));
  const names = prepared.blank.flatMap((g) =>
    group === 1 && lost.has(g) ? [] : [field.frameIndices[g * group] + 1],
  );
  if (names.length > 0) {
    flags.push(
      `Blank: ${names.length === 1 ? "frame" : "frames"} ${names.join(", ")}; the motion there is interpolated.`,
    );
  }
  return flags;
}

function chosenOf({
  prepared,
  geometry,
  local,
  group,
  global,
}: MotionFindings): Record<string, number | string | boolean> {
  const aligned = local?.aligned ?? null;
  return {
    estimator: "recipe",
    measuredAtBinning: prepared.binning,
    group,
    badPixels: prepared.badPixels,
    hotPixels: prepared.hotPixels.length,
    globalStart: global.alignment.start,
    patternOverNoise: Number((local?.patternOverNoise ?? 0).toPrecision(3)),
    patternBiasPx: Number(((local?.patternBias ?? 0) * prepared.binning).toPrecision(3)),
    ...(geometry === null
      ? {}
      : {
          patchesX: geometry.columns,
          patchesY: geometry.rows,
          patchSidePx: geometry.side * prepared.binning,
        }),
    ...(aligned === null
      ? {}
      : {
          ...(aligned.fitted.model.count === 0
            ? { controlPoints: "none" }
            : {
                controlPoints: `${aligned.fitted.model.points.x}x${aligned.fitted.model.points.y}x${aligned.fitted.model.points.t}`,
                tau: Number(aligned.fitted.model.tau.toPrecision(3)),
              }),
          patchesTrustedLess: aligned.surfaces.trust?.filter((share) => share < 1).length ?? 0,
          models: aligned.ladder.join("; "),
        }),
  };
}

/** Residual of a patch: its surfaces' slope at the field over the expected curvature, smoothed over nine frames. */
function diagnosticsOf(
  field: MotionField,
  geometry: LocalGeometry,
  fitted: FittedModel,
  surfaces: Surfaces,
  error: ReturnType<typeof expectedError>,
  { binning, middles }: PreparedMovie,
): MotionDiagnostics {
  const { frames: T, patches: n, curvature } = surfaces;
  const gx = new Float64Array(n * T);
  const gy = new Float64Array(n * T);
  surfaceSum({ ...surfaces, trust: null }, fitted.field, fitted.started, gx, gy);
  const reach = Math.min(4, Math.floor((T - 1) / 2));
  const residual: number[] = [];
  const tracks: { x: number[][]; y: number[][] } = { x: [], y: [] };
  for (let p = 0; p < n; p++) {
    let square = 0;
    const x: number[] = [];
    const y: number[] = [];
    for (let t = 0; t < T; t++) {
      let sx = 0;
      let sy = 0;
      let count = 0;
      for (let s = Math.max(0, t - reach); s <= Math.min(T - 1, t + reach); s++) {
        sx += gx[p * T + s];
        sy += gy[p * T + s];
        count++;
      }
      square += (sx * sx + sy * sy) / (count * curvature) ** 2;
      // The slope leads uphill: from the field to the patch's own peak.
      x.push((binning * sx) / (count * curvature));
      y.push((binning * sy) / (count * curvature));
    }
    tracks.x.push(x);
    tracks.y.push(y);
    residual.push(binning * Math.sqrt(square / T));
  }
  const places = (size: number): number[] => error.places.map((u) => u * size);
  return {
    errorX: places(field.width),
    errorY: places(field.height),
    errorPx: error.map.map((v) => v * binning),
    patchX: geometry.x.map((x) => (x + geometry.side / 2) * binning - 0.5),
    patchY: geometry.y.map((y) => (y + geometry.side / 2) * binning - 0.5),
    patchSidePx: geometry.side * binning,
    patchResidualPx: residual,
    patchTrust: Array.from(surfaces.trust ?? new Float64Array(n).fill(1)),
    residualTracks: { frames: middles, ...tracks },
  };
}
