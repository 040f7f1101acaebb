import type {
  GainCaution,
  GainEstimate,
  GainPartsReport,
  KnownMotion,
} from "#src/domain/gainEstimate.ts";
import type { Gain } from "#src/domain/gain.ts";
import type { MovieReader } from "#src/domain/movie.ts";
import { defaultMotionOptions } from "#src/domain/motion.ts";
import { driftOf, LEAST_DRIFT_PX } from "#src/math/motionGain/drift.ts";
import { moviesForPrecision } from "#src/math/gainParts/precision.ts";
import { partDeviations } from "#src/math/gainParts/parts.ts";
import { estimateMotion } from "../estimateMotion.ts";
import { estimateMotionGain } from "../motionGain.ts";
import type { MotionGainMovie, MotionGainResult } from "../motionGain.ts";
import type { StepContext } from "../stepContext.ts";
import { finishEstimate } from "./finishEstimate.ts";
import { planFrames } from "./framePlan.ts";
import type { FramePlan } from "./framePlan.ts";
import type { GainRequest } from "./gainRequest.ts";

/** Variance of specimen in the plain mean of one movie (gain recipe §5). */
const SPECIMEN_VARIANCE = 0.02;

/**
 * Standard deviation of the plane that a wedge of ice may have put into one movie's estimate: 5 % across
 * the field, as real movies show. One movie cannot tell it from the detector's plane.
 */
const ICE_WEDGE = 0.015;

const SCOPES = {
  mean: "rows, columns, chips and slow structure",
  motion: "rows, columns, chips, slow structure and single pixels",
} as const;

/** Gain by structured parts, of one or several movies of one detector: methods `mean` and `motion`. */
export async function estimateByParts(
  requests: readonly GainRequest[],
  context: StepContext,
): Promise<GainEstimate> {
  const start = performance.now();
  const [{ parameters, reference }] = requests;
  const method = parameters.method === "motion" ? "motion" : "mean";
  const chosen: string[] = [];
  const plans: FramePlan[] = [];
  const movies: MotionGainMovie[] = [];
  let drift: number | null = null;
  const motions: (KnownMotion | null)[] = [];
  for (const { reader, motion: known } of requests) {
    const plan = await planFrames(reader, { ...parameters, frameStep: 1 }, context);
    plans.push(plan);
    const motion =
      method === "motion"
        ? (fitting(known, reader) ?? (await findMotion(reader, reference, context)))
        : null;
    if (motion !== null) {
      const moved = driftOf(motion.field);
      drift = Math.max(drift ?? 0, moved);
      chosen.push(
        `${reader.name}: the specimen moves by ${moved.toFixed(1)} px, known to ${motion.expectedErrorPx.toFixed(2)} px.`,
      );
    }
    motions.push(motion);
    movies.push({
      reader,
      field: motion?.field ?? null,
      unitsPerElectron: plan.unitsPerElectron,
    });
  }
  const result = await estimateMotionGain(movies, context, reference);
  const structure = report(result, drift, movies.length);
  const single = movies.length === 1;
  const structured = structure.parts.filter((p) => p.name !== "pixels");
  const framesUsed = plans.flatMap((p) => p.frames);
  return finishEstimate({
    name: single ? requests[0].name : "combined",
    parameters,
    residual: reference !== null,
    width: result.parts.width,
    height: result.parts.height,
    pixelGain: result.gain,
    bad: result.good.map((g) => 1 - g),
    halves: null,
    variances: {
      noise: result.noiseVariance,
      signal:
        structured.reduce((s, p) => s + p.deviation ** 2, 0) +
        (method === "motion" ? result.pixelPrior ** 2 : 0),
    },
    // The verdict itself counts specimen that leaks as a share of the noise; the mean has all of it.
    doubtVariance: method === "motion" ? 0 : SPECIMEN_VARIANCE / movies.length,
    structure,
    parts: result.parts,
    motion: single ? motions[0] : null,
    badSources: result.badSources,
    ownCautions: cautions(method, drift, single, structure.expectedError),
    iterations: [],
    sigmas: [],
    counts: {
      framesUsed,
      framesInMovie: requests.reduce((s, r) => s + r.reader.header.frames, 0),
      framesPerGroup: 1,
      groups: framesUsed.length,
      unitsPerElectron: plans[0].unitsPerElectron,
      unitsSource: plans[0].unitsSource,
      perFrame: result.electrons / framesUsed.length,
      total: result.electrons,
    },
    afanasyev: null,
    sums: null,
    chosen: [
      ...chosen,
      ...(method === "mean" && single
        ? ["The pixel pattern of a single movie is left out: it cannot be told from the specimen."]
        : []),
      ...(structure.chipColumns.length + structure.chipRows.length > 0
        ? [
            `${(structure.chipColumns.length + 1) * (structure.chipRows.length + 1)} chips were found.`,
          ]
        : []),
    ],
    scope: SCOPES[method],
    seconds: (performance.now() - start) / 1000,
  });
}

/** A motion that was found of this very movie: one read differently since has other frames. */
function fitting(known: KnownMotion | null, { header }: MovieReader): KnownMotion | null {
  if (known === null) return null;
  const { width, height, frameIndices } = known.field;
  const same = width === header.width && height === header.height;
  return same && frameIndices.length === header.frames ? known : null;
}

async function findMotion(
  reader: MovieReader,
  gain: Gain | null,
  context: StepContext,
): Promise<KnownMotion> {
  const { frames, pixelSizeA } = reader.header;
  const options = defaultMotionOptions(frames, pixelSizeA);
  const { field, quality } = await estimateMotion(reader, { gain, dark: null }, options, context);
  return { field, expectedErrorPx: quality.expectedErrorPx };
}

function report(result: MotionGainResult, driftPx: number | null, movies: number): GainPartsReport {
  const deviations = partDeviations(result.parts);
  const { columnEdges, rowEdges } = result.parts.chips;
  return {
    parts: [
      { name: "plane", deviation: deviations.plane, share: null },
      { name: "chips", deviation: deviations.chips, share: null },
      { name: "columns", deviation: deviations.columns, share: result.shares.columns },
      { name: "rows", deviation: deviations.rows, share: result.shares.rows },
      { name: "pixels", deviation: deviations.pixels, share: result.shares.pixels },
    ],
    chipColumns: columnEdges,
    chipRows: rowEdges,
    expectedError: Math.hypot(result.expectedError, ICE_WEDGE / Math.sqrt(movies)),
    pixelPrior: result.pixelPrior,
    moviesForTwoPercent: moviesForPrecision(result, movies, 0.02),
    driftPx,
  };
}

function cautions(
  method: "mean" | "motion",
  drift: number | null,
  single: boolean,
  expectedError: number,
): GainCaution[] {
  if (method === "motion" && drift !== null && drift < LEAST_DRIFT_PX)
    return [
      {
        code: "not-separable",
        text: `Not separable: the specimen drifts by ${drift.toFixed(1)} px, and what moves by less than ${LEAST_DRIFT_PX} px cannot be told from the detector. The pixel pattern is left out, rows and columns are shrunk, and the gain is known to ${(100 * expectedError).toFixed(1)} % only. Add movies with more drift, or of other places.`,
      },
    ];
  if (method === "mean" && single)
    return [
      {
        code: "specimen",
        text: "The mean of a single movie holds its specimen. Add movies of other places, or use the method that follows the motion.",
      },
    ];
  return [];
}
