import type { MovieRecord } from "#src/domain/records/movieRecord.ts";
import { recordOfV1 } from "#src/domain/records/sessionV1.ts";
import type { MovieV1 } from "#src/domain/records/sessionV1.ts";

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
  const records = old.movies.map(recordOfV1);
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
