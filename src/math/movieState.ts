import { MOVIE_STEP_NAMES, STEP_VERSIONS } from "#src/domain/records/movieRecord.ts";
import type {
  MovieRecord,
  MovieState,
  MovieStepName,
  OverviewRow,
  SessionThresholds,
  StepKeys,
  StepName,
} from "#src/domain/records/movieRecord.ts";
import type { RunPlan } from "#src/domain/records/runPlan.ts";
import { beyondLimits, isFilteredOut, thresholdReason } from "./overview/thresholds.ts";

/**
 * Steps that a plan asks of the movie at a place in the order of arrival, from 0: the gain of every
 * N-th from the first, everything else of all.
 */
export function stepsAskedFor(plan: RunPlan, place: number): readonly MovieStepName[] {
  return MOVIE_STEP_NAMES.filter(
    (step) =>
      plan.steps[step] &&
      (step !== "gain" || place % Math.max(1, Math.round(plan.movieStep)) === 0),
  );
}

/** Steps of a movie that have still to be run: asked for, and without a result or failure of that key. */
export function stepsDue(
  record: MovieRecord,
  plan: RunPlan,
  keys: StepKeys,
): readonly MovieStepName[] {
  if (record.failure !== null || record.hand === "rejected") return [];
  return stepsAskedFor(plan, record.order).filter((step) => record.steps[step]?.key !== keys[step]);
}

/** Why the first outdated result of a movie is so, in words; "" where none is. */
export function outdatedReason({ steps }: MovieRecord, keys: StepKeys): string {
  for (const step of MOVIE_STEP_NAMES) {
    const made = steps[step];
    if (made?.failure !== null || made.key === keys[step]) continue;
    const { version = 1, terms = [] } = made;
    const now = STEP_VERSIONS[step];
    if (version !== now)
      return `${step} made by version ${version} of the step; this program has version ${now}`;
    return terms.length > 0
      ? `${step} made by the command with ${terms.join(", ")}, which the page does not set`
      : `${step} made with other settings`;
  }
  return "";
}

/** What decides a movie's row besides its record. */
export interface RowContext {
  /** Place shown, from 1. */
  readonly order: number;
  readonly plan: RunPlan;
  readonly thresholds: SessionThresholds;
  readonly keys: StepKeys;
  readonly running: StepName | null;
}

/**
 * A movie as the overview shows it. Its state is derived, never stored: rejected by hand before
 * everything; outdated when a result has another key than one made now would have; filtered out when
 * thresholds leave it out and no hand has accepted it; processed when every step of the plan is done.
 */
export function overviewRow(record: MovieRecord, context: RowContext): OverviewRow {
  const { plan, thresholds, keys, running, order } = context;
  const { steps, metrics, hand } = record;
  const made = MOVIE_STEP_NAMES.filter((step) => steps[step]?.failure === null);
  const failed = MOVIE_STEP_NAMES.find((step) => {
    const failure = steps[step]?.failure ?? null;
    return failure !== null && steps[step]?.key === keys[step];
  });
  const filtered = isFilteredOut(metrics, thresholds);
  const state = ((): MovieState => {
    if (hand === "rejected") return "deselected";
    if (made.some((step) => steps[step]?.key !== keys[step])) return "outdated";
    if (filtered && hand !== "accepted") return "filtered";
    const asked = stepsAskedFor(plan, record.order);
    return made.length > 0 && asked.every((step) => made.includes(step))
      ? "processed"
      : "unprocessed";
  })();
  const stepFailure = failed === undefined ? null : (steps[failed]?.failure ?? null);
  const failure =
    record.failure !== null
      ? { step: "reading" as const, text: record.failure.message }
      : failed !== undefined && stepFailure !== null
        ? { step: failed, text: stepFailure.message }
        : null;
  return {
    id: record.id,
    name: record.name,
    path: record.path,
    order,
    acquiredAt: record.lastModified,
    state,
    running,
    failure,
    hand,
    reason:
      hand === "rejected"
        ? "rejected by hand"
        : state === "filtered"
          ? thresholdReason(metrics, thresholds.limits)
          : state === "outdated"
            ? outdatedReason(record, keys)
            : "",
    beyond: beyondLimits(metrics, thresholds.limits),
    flags: made.flatMap((step) => steps[step]?.flags ?? []),
    metrics,
    track: record.track,
    sampled: record.sampled,
  };
}
