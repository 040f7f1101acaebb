import type {
  OrientationResult,
  PoseCandidate,
  PoseDisplacement,
} from "#src/domain/orientation.ts";
import { canonicalPose, posedSize } from "./pose.ts";
import type { Pose } from "./pose.ts";
import { NEAR } from "./poseScores.ts";
import type { PoseCorrelation } from "./poseScores.ts";
import type { OwnPattern } from "./ownPattern.ts";

/** Board order: rotation 0–3 without flip, then upside-down. Eight distinct poses. */
export const BOARD_POSES: readonly Pose[] = (["none", "upside-down"] as const).flatMap((flip) =>
  ([0, 1, 2, 3] as const).map((rotation90) => ({ rotation90, flip })),
);

/** Evidence and lead over the second pose that make a pose certain, standard errors. */
export const CONFIDENT_Z = 6;
/** Measured s.e. of the correlation of two such patterns over 1/√pixels (recipe §6: 1.01–1.03). */
const SE_FACTOR = 1.03;
const CENTRE = (NEAR.length - 1) / 2;

/** What is said when no pose stands out and nothing more is known. */
const NONE_STANDS_OUT =
  "No pose stands out: the movie is already corrected, the reference is another camera's, or the counts are too few.";

/**
 * The same result with the reason why no pose stands out, where the movie's own pattern tells it: none of
 * its own = corrected; one as strong as the reference's, but not the same = another camera. A moving
 * specimen leaves a little, so both are told well apart or not at all.
 */
export function explainNone(result: OrientationResult, own: OwnPattern): OrientationResult {
  const at = result.findings.indexOf(NONE_STANDS_OUT);
  if (at < 0) return result;
  const { share, uncertainty, expected } = own;
  const wouldShow = `with ${Math.round(result.countsPerPixel)} electrons per pixel this reference would show with about ${Math.round(expected)} standard errors`;
  const finding =
    expected < 2 * CONFIDENT_Z
      ? `No pose stands out: ${wouldShow} only. Add movies.`
      : share + 3 * uncertainty < 0.3
        ? `No pose stands out, and the movie shows no pattern of a camera, though ${wouldShow}: the movie is already corrected. Go back to the raw movie.`
        : share - 3 * uncertainty > 0.6
          ? `No pose stands out, but the movie has a pattern of its own as strong as the reference's: the reference is another camera's. Choose the reference of this camera and mode.`
          : NONE_STANDS_OUT;
  return { ...result, findings: result.findings.with(at, finding) };
}

/** Whether {@link explainNone} has something to explain. */
export function isUnexplained(result: OrientationResult): boolean {
  return result.findings.includes(NONE_STANDS_OUT);
}

/** One movie's correlations in board order; null where the pose has the wrong shape. */
export type MovieEvidence = readonly (PoseCorrelation | null)[];

interface Combined {
  readonly pose: Pose;
  readonly near: Float64Array;
  readonly slope: number;
}

/** s.e. of a movie's correlations: the expected one, or what far displacements show when that is more. */
function standardErrorOf(evidence: MovieEvidence): number {
  let sum = 0;
  let n = 0;
  let pixels = 1;
  for (const c of evidence) {
    if (c === null) continue;
    pixels = Math.max(pixels, c.pixels);
    for (const r of c.far) {
      sum += r * r;
      n++;
    }
  }
  const expected = SE_FACTOR / Math.sqrt(pixels);
  // A few dozen far values know their sd to about 10 %: only a clear excess counts.
  const measured = n > 0 ? Math.sqrt(sum / n) : 0;
  return measured > 1.3 * expected ? measured : expected;
}

/** Inverse-variance mean over movies, pose by pose. */
function combine(movies: readonly MovieEvidence[]): {
  poses: (Combined | null)[];
  standardError: number;
} {
  const weights = movies.map((m) => 1 / standardErrorOf(m) ** 2);
  const total = weights.reduce((a, b) => a + b, 0);
  const poses = BOARD_POSES.map((pose, i) => {
    const near = new Float64Array(NEAR.length);
    let slope = 0;
    for (let m = 0; m < movies.length; m++) {
      const c = movies[m][i];
      if (c === null) return null;
      const w = weights[m] / total;
      for (let k = 0; k < near.length; k++) near[k] += w * c.near[k];
      slope += w * c.slope;
    }
    return { pose, near, slope };
  });
  return { poses, standardError: 1 / Math.sqrt(total) };
}

/** How a pose is called in the findings. */
export function poseName(pose: Pose): string {
  const turn = pose.rotation90 === 0 ? "not turned" : `turned ${pose.rotation90 * 90}° clockwise`;
  const flip = pose.flip === "none" ? "not flipped" : `flipped ${pose.flip}`;
  return `${turn}, ${flip}`;
}

/**
 * The verdict over all movies (gain recipe §6, 3–5). A multiplicative reference C = 1/G correlates
 * negatively with the movies' pattern, a pixel gain G positively ("inverted").
 */
export function decidePose(
  movies: readonly {
    readonly name: string;
    readonly electrons: number;
    readonly evidence: MovieEvidence;
  }[],
  reference: { readonly width: number; readonly height: number; readonly notes: readonly string[] },
): OrientationResult {
  const { poses, standardError } = combine(movies.map((m) => m.evidence));
  const candidates = poses.flatMap((c, i) =>
    candidatesOf(c, BOARD_POSES[i], standardError, reference),
  );
  const ranked = poses
    .filter((c) => c !== null)
    .sort((a, b) => Math.abs(b.near[CENTRE]) - Math.abs(a.near[CENTRE]));
  const countsPerPixel = movies.reduce((s, m) => s + m.electrons, 0);
  const names = movies.map((m) => m.name);
  if (ranked.length === 0)
    return undecidedPose(candidates, [...reference.notes], names, countsPerPixel);

  const z = (c: Combined, k = CENTRE): number => Math.abs(c.near[k]) / standardError;
  const best = ranked[0];
  const bestZ = z(best);
  const secondZ = ranked.length > 1 ? z(ranked[1]) : 0;
  const margin = bestZ - secondZ;
  const inverted = best.near[CENTRE] > 0;
  let confident = bestZ > CONFIDENT_Z && margin > CONFIDENT_Z;
  const findings: string[] = [];

  const displaced = bestDisplacement(ranked, standardError);
  const displacement =
    displaced !== null && displaced.score > 7 && displaced.score > bestZ + 6 ? displaced : null;
  if (displacement !== null) {
    confident = false;
    findings.push(
      `The reference fits when displaced by (${displacement.x}, ${displacement.y}) px (x, y), with ${displacement.score.toFixed(0)} standard errors: it was shifted after it was recorded. Load the original.`,
    );
  }
  if (
    bestZ > CONFIDENT_Z &&
    secondZ > CONFIDENT_Z &&
    margin < CONFIDENT_Z &&
    best.near[CENTRE] * ranked[1].near[CENTRE] < 0
  )
    findings.push(
      "Two poses stand out with opposite signs: the movie was already corrected with this reference in the wrong pose. Go back to the raw movie.",
    );
  const slope = Math.abs(best.slope);
  if (confident && slope < 0.4) confident = false;
  if (bestZ > CONFIDENT_Z && margin > CONFIDENT_Z && (slope < 0.6 || slope > 1.4))
    findings.push(
      `The pattern of the movie is ${best.slope < 0 ? "−" : ""}${slope.toFixed(2)} times that of the reference where 1 is expected: the reference is noisy, or the movie is already corrected with it.`,
    );
  if (!confident && findings.length === 0) findings.push(NONE_STANDS_OUT);
  const chosen = candidates.find(
    (c) =>
      c.rotation90 === best.pose.rotation90 && c.flip === best.pose.flip && c.inverted === inverted,
  );
  if (confident)
    findings.unshift(
      `The reference fits ${poseName(canonicalPose(best.pose))}${inverted ? ", and it divides (a pixel gain G): it has to be inverted" : ""}.`,
    );
  return {
    best: chosen ?? null,
    candidates,
    standardError,
    margin,
    confident,
    slope: best.slope,
    displacement,
    findings: [...findings, ...reference.notes],
    movies: names,
    countsPerPixel,
    moviesNeeded: confident ? null : moviesNeeded(bestZ, margin, movies.length),
  };
}

function candidatesOf(
  c: Combined | null,
  pose: Pose,
  standardError: number,
  reference: { readonly width: number; readonly height: number },
): PoseCandidate[] {
  return [false, true].map((inverted) => {
    if (c === null) {
      const { width, height } = posedSize(reference.width, reference.height, pose);
      return {
        ...pose,
        inverted,
        score: null,
        correlation: null,
        reason: `size: ${width} × ${height} px in this pose`,
      };
    }
    const r = c.near[CENTRE];
    return {
      ...pose,
      inverted,
      score: ((inverted ? 1 : -1) * r) / standardError,
      correlation: r,
      reason: null,
    };
  });
}

function bestDisplacement(
  poses: readonly Combined[],
  standardError: number,
): PoseDisplacement | null {
  let best: PoseDisplacement | null = null;
  for (const c of poses)
    for (let k = 0; k < NEAR.length; k++) {
      const score = Math.abs(c.near[k]) / standardError;
      if (k !== CENTRE && (best === null || score > best.score))
        best = { x: 0 - NEAR[k][0], y: 0 - NEAR[k][1], score };
    }
  return best;
}

/** z grows with the square root of the number of movies; no promise below a first hint of 2 s.e. */
function moviesNeeded(z: number, margin: number, movies: number): number | null {
  const lead = Math.min(z, margin);
  if (lead < 2 || lead > CONFIDENT_Z) return null;
  return Math.max(1, Math.ceil(movies * (CONFIDENT_Z / lead) ** 2) - movies);
}

/** The result when nothing could be compared. */
export function undecidedPose(
  candidates: readonly PoseCandidate[],
  findings: readonly string[],
  movies: readonly string[],
  countsPerPixel: number,
): OrientationResult {
  return {
    best: null,
    candidates,
    standardError: null,
    margin: null,
    confident: false,
    slope: null,
    displacement: null,
    findings,
    movies,
    countsPerPixel,
    moviesNeeded: null,
  };
}
