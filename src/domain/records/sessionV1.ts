import { NO_METRICS } from "./metrics.ts";
import type { MetricId } from "./metrics.ts";
import type { MovieRecord, MovieStepName, StepResult } from "./movieRecord.ts";

/** A movie in schema 1: kept inside its session, results without files and backend. */
export interface MovieV1 {
  readonly id: string;
  readonly path: string;
  readonly size: number;
  readonly lastModified: number | null;
  readonly deselected: boolean;
  readonly metrics: Readonly<Partial<Record<MetricId, number>>>;
  readonly steps: Readonly<
    Partial<
      Record<
        MovieStepName,
        { readonly key: string; readonly at: number; readonly flags: readonly string[] }
      >
    >
  >;
}

/** A movie of schema 1 as a record; nothing that was known is lost. */
export function recordOfV1(movie: MovieV1, order: number): MovieRecord {
  return {
    id: movie.id,
    path: movie.path,
    name: movie.path.slice(movie.path.lastIndexOf("/") + 1),
    size: movie.size,
    lastModified: movie.lastModified,
    order,
    hand: movie.deselected ? "rejected" : null,
    failure: null,
    metrics: { ...NO_METRICS, ...movie.metrics },
    track: null,
    steps: Object.fromEntries(
      Object.entries(movie.steps).map(([step, made]): [string, StepResult] => [
        step,
        { ...made, seconds: 0, backend: "", files: [], failure: null },
      ]),
    ),
    sampled: false,
    image: null,
  };
}
