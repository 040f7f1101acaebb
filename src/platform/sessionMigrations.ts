import { NO_METRICS } from "#src/domain/records/metrics.ts";
import type { MetricId } from "#src/domain/records/metrics.ts";
import type { MovieRecord, MovieStepName, StepResult } from "#src/domain/records/movieRecord.ts";

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

/** A session in schema 1. */
export interface SessionV1 {
  readonly id: string;
  readonly name: string;
  readonly opened: number;
  readonly folder: FileSystemDirectoryHandle | null;
  readonly movies: readonly MovieV1[];
}

/** A session of schema 1 in the shape of schema 2; nothing that was known is lost. */
export function recordsOfV1(old: SessionV1): {
  readonly row: {
    readonly id: string;
    readonly name: string;
    readonly created: number;
    readonly opened: number;
    readonly folders: readonly FileSystemDirectoryHandle[];
    readonly results: null;
    readonly movies: number;
    readonly processed: number;
    readonly settings: null;
  };
  readonly records: readonly MovieRecord[];
} {
  const records = old.movies.map((movie, order): MovieRecord => ({
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
  }));
  const { id, name, opened, folder } = old;
  return {
    row: {
      ...{ id, name, opened, created: opened, results: null, settings: null },
      folders: folder === null ? [] : [folder],
      movies: records.length,
      processed: records.filter(({ steps }) => Object.keys(steps).length > 0).length,
    },
    records,
  };
}
