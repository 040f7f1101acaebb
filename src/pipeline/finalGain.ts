import { CryoloupeError } from "#src/domain/errors.ts";
import type { Gain, GainOrientation } from "#src/domain/gain.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import type { GainEstimate } from "#src/domain/gainEstimate.ts";
import type { FinalGain } from "#src/domain/gainProtocol.ts";
import type { OrientationResult } from "#src/domain/orientation.ts";
import { orientReference } from "#src/math/orientReference.ts";
import { canonicalPose } from "#src/math/pose.ts";
import { poseName } from "#src/math/poseDecision.ts";
import { fitGain, gainFromReference } from "#src/math/referenceGain.ts";
import { countMarked } from "#src/math/statistics.ts";
import type { OrientReference } from "./orientGain.ts";

/** What a final gain may be chosen from. */
export interface GainCandidates {
  readonly reference: OrientReference | null;
  /** What the pose search found; null = it was not run. */
  readonly orientation: OrientationResult | null;
  /** The oriented gain as the original's search writes it, displaced and repaired: parity; null = ours. */
  readonly written?: {
    readonly width: number;
    readonly height: number;
    readonly values: Float32Pixels;
  } | null;
  /** Pose in which a reference is taken when none was found; the file's own by default. */
  readonly pose?: GainOrientation;
  /** Of all movies together. */
  readonly estimated: Pick<GainEstimate, "gain" | "name"> | null;
  /** Movies behind the estimate. */
  readonly estimatedFrom: readonly string[];
  /** Size of the movies. */
  readonly width: number;
  readonly height: number;
}

const AS_STORED: GainOrientation = { rotation90: 0, flip: "none", inverted: false };

/** The pose in which a reference is taken: what a search is certain of, else the one given. */
export function poseInUse(
  orientation: OrientationResult | null,
  given?: GainOrientation,
): GainOrientation {
  const found = orientation?.confident === true ? orientation.best : null;
  if (found === null) return given ?? AS_STORED;
  return { ...canonicalPose(found), inverted: found.inverted };
}

/**
 * The gain that the movies are given, by the protocol's order: oriented reference, reference as it is,
 * estimate; null when there is none of them. A pose that is not certain is not taken. References and
 * estimates are never changed.
 * @param normalise  mean 1 over good pixels; otherwise C keeps the scale of its file
 */
export function chooseFinalGain(candidates: GainCandidates, normalise: boolean): FinalGain | null {
  const { reference, orientation, estimated, estimatedFrom, width, height } = candidates;
  const size = `${width} × ${height} px`;
  const reasons: string[] = [];
  if (reference !== null) {
    const found = orientation?.confident === true ? orientation.best : null;
    if (orientation !== null && found === null)
      reasons.push(`The pose of ${reference.name} is not certain.`);
    const pose = poseInUse(orientation, candidates.pose);
    const written = found === null ? null : (candidates.written ?? null);
    const posed =
      written === null
        ? orientReference(reference, pose)
        : gainFromReference(written.values, written.width, written.height, "correction");
    const gain = fitGain(posed, width, height);
    if (gain !== null && gain.bad.some((b) => b === 0)) {
      const why =
        found === null
          ? [...reasons, `${reference.name} is used ${inWords(candidates.pose)}.`].join(" ")
          : `${reference.name} is used as ${written === null ? "the pose search" : "the original's search"} found it: ${poseName(pose)}${pose.inverted ? ", inverted" : ""}.`;
      const mean =
        written === null ? meanCorrection(reference, posed, pose) : meanOf(written.values);
      return {
        gain: normalise ? gain : scaled(gain, mean),
        provenance: {
          source: found === null ? "external" : "oriented",
          why,
          reference: reference.name,
          pose,
          movies: found === null ? [] : (orientation?.movies ?? []),
          normalised: normalise,
          meanBefore: mean,
          badPixels: countMarked(gain.bad),
        },
      };
    }
    reasons.push(
      gain === null
        ? `${reference.name} is ${posed.width} × ${posed.height} px ${inWords(candidates.pose)}, the movies are ${size}: it cannot be applied.`
        : `${reference.name} holds no positive value: it cannot be applied.`,
    );
  }
  if (estimated === null) {
    if (reference !== null)
      throw new CryoloupeError(
        "size-mismatch",
        `${reasons.join(" ")} No gain was estimated either.`,
        {
          file: reference.name,
        },
      );
    return null;
  }
  reasons.push(
    reference === null
      ? `No reference was given: the final gain is the one estimated from ${counted(estimatedFrom.length)}.`
      : `The gain estimated from ${counted(estimatedFrom.length)} is used instead.`,
  );
  return {
    gain: estimated.gain,
    provenance: {
      source: "estimated",
      why: reasons.join(" "),
      reference: null,
      pose: null,
      movies: estimatedFrom,
      normalised: true,
      meanBefore: 1,
      badPixels: countMarked(estimated.gain.bad),
    },
  };
}

function counted(movies: number): string {
  return movies === 1 ? "1 movie" : `${movies} movies`;
}

function inWords(pose: GainOrientation | undefined): string {
  return pose === undefined ? "as it is stored" : `in the pose chosen (${poseName(pose)})`;
}

function meanOf(values: Float32Pixels): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

function scaled(gain: Gain, factor: number): Gain {
  return { ...gain, correction: gain.correction.map((c) => c * factor) };
}

/** Mean of C over good pixels in the scale of the reference's file. */
function meanCorrection(reference: OrientReference, posed: Gain, pose: GainOrientation): number {
  // Turning moves no value in or out: bad pixels are the same ones, so a sum over the file serves.
  const good = posed.bad.length - countMarked(posed.bad);
  if (good === 0) return NaN;
  const unturned = orientReference(reference, { ...AS_STORED, inverted: pose.inverted });
  let sum = 0;
  for (let i = 0; i < unturned.bad.length; i++)
    if (unturned.bad[i] === 0) sum += pose.inverted ? 1 / reference.values[i] : reference.values[i];
  return sum / good;
}

/** C with its rows reversed: the order of programs that do not reverse the rows of TIFF files. */
export function reverseGainRows(gain: Gain): Gain {
  const { width, height } = gain;
  const correction = new Float32Array(gain.correction.length);
  const bad = new Uint8Array(gain.bad.length);
  for (let y = 0; y < height; y++) {
    const [from, to] = [y * width, (height - 1 - y) * width];
    correction.set(gain.correction.subarray(from, from + width), to);
    bad.set(gain.bad.subarray(from, from + width), to);
  }
  return { width, height, correction, bad };
}
