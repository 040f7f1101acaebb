import { smoothTrack } from "#src/math/motion/smoothTrack.ts";
import type { SmoothTrack } from "#src/math/motion/smoothTrack.ts";
import type { MotionFindings } from "./describeMotion.ts";
import { FAINT } from "./faintMotion.ts";

/** A smooth track with what is told of its error beside what it may be refused for, binned px. */
export interface LikelyTrack extends SmoothTrack {
  readonly toldPx: number;
}

/**
 * How much more than told faint movies are off: a likelihood's curvature is a lower bound of the error (Cramér
 * and Rao), which holds where the error is small against the peak. 1 up to 0.1 binned px, from 0.2 on the
 * constant that movies of known truth ask for (docs/adr/0141).
 */
const faintExcess = (error: number): number =>
  1 + FAINT_EXCESS * Math.min(1, Math.max(0, error / FAINT - 1));
const FAINT_EXCESS = 0.25;

/** A pull by what is at rest and motion that no model follows: no errors of single frames, binned px. */
export const lastingError = ({ local }: Pick<MotionFindings, "local">): number =>
  Math.hypot(local?.patternBias ?? 0, local?.aligned?.misfit ?? 0);

/** What is told of an expected error of which `lasting` is no error of frames, binned px. */
export function toldError(expected: number, lasting: number): number {
  const ofFrames = Math.sqrt(Math.max(0, expected ** 2 - lasting ** 2));
  return Math.hypot(faintExcess(ofFrames) * ofFrames, lasting);
}

/** Share of the variance that smoothing a faint track gains which is believed in what is told. */
const BELIEVED = 0.25;

/**
 * Global motion alone, made likelier by what tracks of specimens have in common: where the signal is faint,
 * errors of frames average over their neighbours; where it is strong, nothing changes.
 */
export function likelyTrack(findings: MotionFindings): LikelyTrack {
  const { local, global, error, prepared } = findings;
  const aligned = local?.aligned ?? null;
  const shifts = local?.shifts ?? global.alignment.shifts;
  const ofAxis = (which: number): Float64Array =>
    Float64Array.from({ length: shifts.length / 2 }, (_, t) => shifts[2 * t + which]);
  const axes =
    aligned === null ? [ofAxis(0), ofAxis(1)] : [aligned.fitted.globalX, aligned.fitted.globalY];
  const lasting = lastingError(findings);
  const whole = error?.rms ?? globalError(findings);
  const ofFrames = Math.max(0, whole ** 2 - lasting ** 2) / 2;
  const track = smoothTrack(axes, ofFrames, prepared.blank);
  // Neighbours share a part of their errors, which does not average.
  const shared = Math.sqrt(BELIEVED * track.errorPx ** 2 + (1 - BELIEVED) * 2 * ofFrames);
  return {
    ...track,
    errorPx: Math.hypot(track.errorPx, lasting),
    toldPx: Math.hypot(
      faintExcess(Math.sqrt(2 * ofFrames)) * Math.max(track.errorPx, shared),
      lasting,
    ),
  };
}

/** Expected error where there are no patches: from the curvature of the global likelihood, binned px. */
export function globalError({
  global,
  prepared,
}: Pick<MotionFindings, "global" | "prepared">): number {
  const { aligner, alignment } = global;
  const { rings, spectra } = aligner;
  const { specimen, noise } = alignment.likelihood.powers;
  const T = spectra.frames.length;
  const { width, height } = prepared.transform.shape;
  let curvature = 0;
  rings.ring.forEach((r, i) => {
    if (rings.highPass[i] === 0) return;
    const alpha = specimen[r] / noise[r];
    const w = alpha / (noise[r] * (1 + T * alpha));
    curvature +=
      (rings.multiplicity[i] *
        w *
        specimen[r] *
        (T - 1) *
        (2 * Math.PI * rings.frequency[i]) ** 2) /
      2;
  });
  // Coefficients of a windowed, padded frame are not independent: as many as there are pixels under the window.
  curvature *= prepared.transform.windowEnergy / (width * height);
  return curvature > 0 ? Math.sqrt((2 * (1 - 1 / T)) / curvature) : Infinity;
}
