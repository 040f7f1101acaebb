import type { MovieHeader } from "./movie.ts";

/** Headers that are remembered, the latest. */
const MOST = 16;

/** Movies of a session mostly have equal headers: one object serves them all, page and worker alike. */
export function createHeaderPool(): (header: MovieHeader) => MovieHeader {
  const pool = new Map<string, MovieHeader>();
  return (header) => {
    const text = JSON.stringify(header);
    const known = pool.get(text) ?? header;
    pool.delete(text);
    pool.set(text, known);
    if (pool.size > MOST) {
      const [oldest] = pool.keys();
      pool.delete(oldest);
    }
    return known;
  };
}
