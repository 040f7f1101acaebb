import { CryoloupeError } from "#src/domain/errors.ts";
import { PROTOCOL_GAIN_PARAMETERS } from "#src/domain/gainEstimate.ts";
import type { GainParameters } from "#src/domain/gainEstimate.ts";
import type { Float32Pixels, MovieReader } from "#src/domain/movie.ts";
import type { OrientationResult, PoseCandidate } from "#src/domain/orientation.ts";
import { bin2 } from "#src/math/gainPattern.ts";
import { samePose } from "#src/math/pose.ts";
import { BOARD_POSES, poseName } from "#src/math/poseDecision.ts";
import {
  cyclicExtremes,
  poseOfTransform,
  repairAsProtocol,
  standardized,
  transformAsXmipp,
  XMIPP_TRANSFORMS,
  xmippArtefact,
} from "#src/math/xmippOrientation.ts";
import type { Extremes, XmippTransform } from "#src/math/xmippOrientation.ts";
import { estimateGain } from "./estimateGain.ts";
import type { OrientReference } from "./orientGain.ts";
import type { StepContext } from "./stepContext.ts";

/** What the reference protocol finds, and the gain that it writes. */
export interface XmippOrientation extends OrientationResult {
  /** `orientedGain.mrc` of the protocol: displaced cyclically, repaired, not normalised; null without a best. */
  readonly oriented: {
    readonly width: number;
    readonly height: number;
    readonly values: Float32Pixels;
  } | null;
}

/** What a search has found: ours, or in parity the original's with the gain that it writes. */
export type FoundOrientation = OrientationResult | XmippOrientation;

/** The gain that the original's search writes; null of ours. */
export function writtenGain(found: FoundOrientation | null): XmippOrientation["oriented"] {
  return found !== null && "oriented" in found ? found.oriented : null;
}

/**
 * The orientation step of the Scipion protocol (Sorzano's `match_orientation`): the gain estimated from
 * the first movie, one SME pass, is correlated with the reference in eight transforms over every cyclic
 * displacement, by Fourier transforms; the extreme furthest from 0 wins, however small it is. A reference
 * of twice or half the size is brought to the movie's first; the original wraps it into it.
 */
export async function orientAsXmipp(
  movie: MovieReader,
  given: OrientReference,
  context: StepContext,
  parameters: GainParameters = PROTOCOL_GAIN_PARAMETERS,
): Promise<XmippOrientation> {
  const { width, height } = movie.header;
  const { reference, notes } = adapted(given, movie);
  const estimate = await estimateGain(movie, null, { ...parameters, parity: "xmipp" }, context);
  const pattern = standardized(estimate.gain.correction);
  if (pattern === null)
    throw new CryoloupeError(
      "not-enough-data",
      `The gain estimated from ${movie.name} has no structure to compare with a reference. Take a movie with more counts.`,
      { file: movie.name },
    );
  const size = { width, height };
  const { fourier } = context.backend;
  const target = await fourier.forward(pattern, size, context.signal);
  const found: { transform: XmippTransform; extremes: Extremes }[] = [];
  for (const [i, transform] of XMIPP_TRANSFORMS.entries()) {
    const candidate = standardized(
      transformAsXmipp(reference.values, reference.width, reference.height, transform, size),
    );
    if (candidate === null)
      throw new CryoloupeError(
        "not-enough-data",
        `${reference.name} is flat: it has no pattern to match with a movie. Load a measured gain reference.`,
        { file: reference.name },
      );
    const spectrum = await fourier.forward(candidate, size, context.signal);
    multiplyByConjugate(spectrum, target);
    const correlation = await fourier.inverse(spectrum, size, context.signal);
    const pixels = width * height;
    const { min, max, atMin, atMax } = cyclicExtremes(correlation, width);
    found.push({ transform, extremes: { min: min / pixels, max: max / pixels, atMin, atMax } });
    context.onProgress?.({ step: "Comparing poses", done: i + 1, total: XMIPP_TRANSFORMS.length });
  }
  const result = decide(found, movie, reference, estimate.counts.total);
  return { ...result, findings: [...result.findings, ...notes] };
}

/** The reference on the movie's grid: as it is, 2 × 2 means, or every value four times. */
function adapted(
  reference: OrientReference,
  movie: MovieReader,
): { readonly reference: OrientReference; readonly notes: readonly string[] } {
  const { width, height, values } = reference;
  const { header, name } = movie;
  const fits = (w: number, h: number): boolean =>
    (w === header.width && h === header.height) || (w === header.height && h === header.width);
  if (fits(width, height)) return { reference, notes: [] };
  const says = (what: string): string[] => [
    `${reference.name} ${what} to compare it; the original would wrap it into the frames' size, which means nothing.`,
  ];
  if (fits(width / 2, height / 2)) {
    const { data, ...size } = bin2(values, width, height);
    return { reference: { ...reference, ...size, values: data }, notes: says("was binned by 2") };
  }
  if (fits(2 * width, 2 * height)) {
    const large = new Float32Array(4 * values.length);
    for (let y = 0, i = 0; y < 2 * height; y++)
      for (let x = 0; x < 2 * width; x++, i++) large[i] = values[(y >> 1) * width + (x >> 1)];
    const size = { width: 2 * width, height: 2 * height };
    return {
      reference: { ...reference, ...size, values: large },
      notes: says("was repeated 2 × 2"),
    };
  }
  throw new CryoloupeError(
    "size-mismatch",
    `${reference.name} is ${width} × ${height} px, ${name} is ${header.width} × ${header.height} px. No turn or binning by 2 makes it fit: choose the reference of this camera.`,
    { file: reference.name },
  );
}

/** a ← a · conj(b), complex numbers interleaved. */
function multiplyByConjugate(a: Float32Array, b: Float32Array): void {
  for (let i = 0; i < a.length; i += 2) {
    const re = a[i] * b[i] + a[i + 1] * b[i + 1];
    a[i + 1] = a[i + 1] * b[i] - a[i] * b[i + 1];
    a[i] = re;
  }
}

function decide(
  found: readonly { readonly transform: XmippTransform; readonly extremes: Extremes }[],
  movie: MovieReader,
  reference: OrientReference,
  electrons: number,
): XmippOrientation {
  const { width, height } = movie.header;
  const standardError = 1 / Math.sqrt(width * height);
  let best = 0;
  let winner: { transform: XmippTransform; at: { x: number; y: number } } | null = null;
  // First the smallest, then the largest of each transform; only a strictly larger one takes over.
  for (const { transform, extremes } of found) {
    if (Math.abs(extremes.min) > Math.abs(best)) {
      best = extremes.min;
      winner = { transform, at: extremes.atMin };
    }
    if (Math.abs(extremes.max) > Math.abs(best)) {
      best = extremes.max;
      winner = { transform, at: extremes.atMax };
    }
  }
  const candidates = BOARD_POSES.flatMap((pose): PoseCandidate[] => {
    const match = found.find(({ transform }) => samePose(poseOfTransform(transform), pose));
    return [false, true].map((inverted) => {
      const r = match === undefined ? 0 : inverted ? -match.extremes.min : match.extremes.max;
      return { ...pose, inverted, score: r / standardError, correlation: r, reason: null };
    });
  });
  if (winner === null) throw new CryoloupeError("internal", "No transform was correlated.");
  const { transform, at } = winner;
  const inverted = best < 0;
  const pose = poseOfTransform(transform);
  const chosen = candidates.find((c) => samePose(c, pose) && c.inverted === inverted) ?? null;
  const others = candidates
    .filter((c) => !samePose(c, pose))
    .map((c) => Math.abs(c.correlation ?? 0));
  // The pixel by which even sizes are displaced is no finding.
  const artefact = xmippArtefact(transform, movie.header);
  const moved = { x: artefact.x - at.x, y: artefact.y - at.y };
  const displaced = moved.x !== 0 || moved.y !== 0;
  const size = { width, height };
  const values = transformAsXmipp(
    reference.values,
    reference.width,
    reference.height,
    transform,
    size,
    {
      x: -at.x,
      y: -at.y,
    },
  );
  repairAsProtocol(values, width);
  if (inverted) for (let i = 0; i < values.length; i++) values[i] = 1 / values[i];
  const findings = [
    `The original's search takes ${poseName(pose)}, ${inverted ? "divided by" : "multiplied"}: correlation ${best.toFixed(4)}, whatever its size.`,
    ...(displaced
      ? [
          `It displaces the reference by (${moved.x}, ${moved.y}) px cyclically, which no camera does: a false match is likely.`,
        ]
      : []),
  ];
  return {
    best: chosen,
    candidates,
    standardError,
    margin: (Math.abs(best) - Math.max(0, ...others)) / standardError,
    // The protocol has no threshold: what comes out is taken.
    confident: true,
    slope: null,
    displacement: displaced ? { ...moved, score: Math.abs(best) / standardError } : null,
    findings,
    movies: [movie.name],
    countsPerPixel: electrons,
    moviesNeeded: null,
    oriented: { width, height, values },
  };
}
