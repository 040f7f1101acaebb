import { createHeaderPool } from "#src/domain/headerPool.ts";
import type { MovieReader } from "#src/domain/movie.ts";

/** Readers that are open at once; the tables of frames of the others are read again when they are needed. */
const MOST_AWAKE = 24;

/**
 * Readers that cost next to nothing while nobody reads: of a session of thousands of movies only the
 * latest hold the tables of their frames.
 */
export function createDormitory(most = MOST_AWAKE): {
  /** A reader like `open`, which `again` opens anew when it has been put to sleep. */
  readonly dormant: (open: MovieReader, again: () => Promise<MovieReader>) => MovieReader;
} {
  const pooled = createHeaderPool();
  // A Map keeps insertion order: the first has not been read for longest.
  const awake = new Map<symbol, Promise<MovieReader>>();
  const wake = (name: symbol, reader: Promise<MovieReader>): Promise<MovieReader> => {
    awake.delete(name);
    awake.set(name, reader);
    reader.catch(() => awake.delete(name));
    for (const old of awake.keys()) {
      if (awake.size <= most) break;
      // A frame that is being read keeps what it needs by itself.
      awake.delete(old);
    }
    return reader;
  };
  return {
    dormant: (open, again) => {
      const { name, size } = open;
      const header = pooled(open.header);
      const key = Symbol(name);
      void wake(key, Promise.resolve(open));
      return {
        ...{ name, size, header },
        readEncoded: async (index, signal) =>
          await (await wake(key, awake.get(key) ?? again())).readEncoded(index, signal),
        close: async () => {
          const reader = awake.get(key);
          awake.delete(key);
          await (await reader)?.close();
        },
      };
    },
  };
}
