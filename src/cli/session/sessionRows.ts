import { basename } from "node:path";
import type { CtfEstimate } from "#src/domain/ctf.ts";
import { NO_METRICS } from "#src/domain/records/metrics.ts";
import type { MetricValues } from "#src/domain/records/metrics.ts";
import type { OverviewRow, SessionThresholds } from "#src/domain/records/movieRecord.ts";
import { gainMetrics } from "#src/math/movieMetrics.ts";
import { beyondLimits, isFilteredOut, thresholdReason } from "#src/math/overview/thresholds.ts";
import type { MovieFailure } from "./movieFolder.ts";
import type { MovieTurn } from "./movieStage.ts";
import type { FailedLine, MotionLine, MovieGainLine } from "./sessionJournal.ts";

/** What is known of the movies of a session. */
export interface SessionFacts {
  readonly turns: readonly MovieTurn[];
  /** Movies that could not be read. */
  readonly unreadable: readonly MovieFailure[];
  readonly gains: readonly MovieGainLine[];
  readonly motions: ReadonlyMap<string, MotionLine>;
  /** Movies are aligned at all. */
  readonly aligning: boolean;
  /** The last failure of a movie that was not mended since. */
  readonly failed: ReadonlyMap<string, FailedLine>;
  /** CTF estimates by the base of their micrographs. */
  readonly ctf: ReadonlyMap<string, CtfEstimate>;
  readonly sampled: ReadonlySet<string>;
  readonly thresholds: SessionThresholds;
}

/** Base of the movie behind a micrograph's name: without folder, extension and our own endings. */
export function movieBase(micrograph: string): string {
  return basename(micrograph)
    .replace(/\.[^.]+$/, "")
    .replace(/_aligned(_DW)?$/, "");
}

/** The movies as overview, `movies.csv` and report show them, in the order of acquisition. */
export function sessionRows(facts: SessionFacts): OverviewRow[] {
  const gains = new Map<string, MovieGainLine>();
  for (const line of facts.gains)
    // What the final gain leaves says more than what is without it.
    if (line.estimate.residual || !gains.has(line.movie)) gains.set(line.movie, line);
  const rows = facts.turns.map(({ movie, base }): Omit<OverviewRow, "order"> => {
    const gain = gains.get(movie.id);
    const motion = facts.motions.get(movie.id);
    const failed = facts.failed.get(movie.id);
    const ctf = facts.ctf.get(base);
    const metrics: MetricValues = {
      ...NO_METRICS,
      ...(gain === undefined ? {} : gainMetrics(gain.estimate)),
      ...motion?.metrics,
      defocusA: ctf === undefined ? null : (ctf.defocusU + ctf.defocusV) / 2,
      resolutionA: finiteOrNull(ctf?.resolutionA),
    };
    const done = facts.aligning ? motion !== undefined : gain !== undefined;
    const filtered = done && isFilteredOut(metrics, facts.thresholds);
    return {
      id: movie.id,
      name: basename(movie.path),
      path: movie.path,
      acquiredAt: movie.modified,
      state: !done ? "unprocessed" : filtered ? "filtered" : "processed",
      running: null,
      failure: failed === undefined ? null : { step: failed.of, text: failed.failure.message },
      hand: null,
      reason: filtered ? thresholdReason(metrics, facts.thresholds.limits) : "",
      beyond: beyondLimits(metrics, facts.thresholds.limits),
      flags: motion?.flags ?? [],
      metrics,
      track: motion?.track ?? null,
      sampled: facts.sampled.has(base),
    };
  });
  const broken = facts.unreadable.map((failure): Omit<OverviewRow, "order"> => ({
    id: failure.id,
    name: basename(failure.path),
    path: failure.path,
    acquiredAt: null,
    state: "unprocessed",
    running: null,
    failure: { step: "reading", text: failure.message },
    hand: null,
    reason: "",
    beyond: [],
    flags: [],
    metrics: NO_METRICS,
    track: null,
    sampled: false,
  }));
  const collator = new Intl.Collator("en", { numeric: true });
  return [...rows, ...broken]
    .sort((a, b) => collator.compare(a.path, b.path))
    .map((row, i) => ({ ...row, order: i + 1 }));
}

/** No ring at all stands as Infinity in tables of fits. */
function finiteOrNull(value: number | null | undefined): number | null {
  return value != null && Number.isFinite(value) ? value : null;
}
