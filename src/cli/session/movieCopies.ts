import { open } from "node:fs/promises";
import type { MovieRecord } from "#src/domain/records/movieRecord.ts";
import { moviePrint, printedPieces } from "#src/math/contentPrint.ts";
import type { ListedMovie } from "./movieFolder.ts";
import { pagePath } from "./pageTerms.ts";
import type { PageSession } from "./pageResults.ts";
import type { SessionJournal } from "./sessionJournal.ts";
import { pageMovieId } from "./sessionRecords.ts";

/**
 * Movies whose files have another time and the same content, as copies have: by path, size and print they are
 * known again in the journal and in what the page has left.
 */
export interface MovieCopies {
  /** Looks at movies that come: copies keep what was made of them. */
  readonly meet: (movies: readonly ListedMovie[]) => Promise<void>;
  /** What the page has left of a movie, by its id or as of a copy. */
  readonly recordOf: (movie: ListedMovie) => MovieRecord | undefined;
  /** Notes what a movie holds, once something was made of it. */
  readonly note: (movie: ListedMovie) => Promise<void>;
  /** What is noted of a movie; null = nothing. */
  readonly printOf: (movie: ListedMovie) => string | null;
}

async function printFile({ path, size }: ListedMovie): Promise<string | null> {
  try {
    const file = await open(path, "r");
    try {
      const pieces: Uint8Array[] = [];
      for (const [from, to] of printedPieces(size)) {
        const piece = new Uint8Array(to - from);
        const { bytesRead } = await file.read(piece, 0, piece.length, from);
        pieces.push(piece.subarray(0, bytesRead));
      }
      return moviePrint(size, pieces);
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}

/** Path and size of a movie from its id, without the time. */
const withoutTime = (id: string): string => id.slice(0, id.lastIndexOf("/"));

export function createMovieCopies(
  directory: string,
  journal: SessionJournal,
  earlier: PageSession,
  say: (line: string) => void,
): MovieCopies {
  const prints = new Map<string, string>();
  /** By path and size: ids of the journal whose content is known, the latest last. */
  const noted = new Map<string, string>();
  for (const line of journal.all())
    if (line.step === "print") {
      prints.set(line.movie, line.print);
      noted.set(withoutTime(line.movie), line.movie);
    }
  const records = new Map(
    [...earlier.records.values()].map((record) => [`${record.path}\n${record.size}`, record]),
  );
  const met = new Map<string, MovieRecord>();
  return {
    recordOf: (movie) => earlier.records.get(pageMovieId(movie, directory)) ?? met.get(movie.id),
    printOf: ({ id }) => prints.get(id) ?? null,
    note: async (movie) => {
      if (prints.has(movie.id)) return;
      const print = await printFile(movie);
      if (print === null) return;
      prints.set(movie.id, print);
      noted.set(withoutTime(movie.id), movie.id);
      await journal.add({ step: "print", movie: movie.id, at: Date.now(), print });
    },
    meet: async (movies) => {
      let copies = 0;
      for (const movie of movies) {
        const { id, size } = movie;
        const older = prints.has(id) ? undefined : noted.get(withoutTime(id));
        const record =
          earlier.records.has(pageMovieId(movie, directory)) || earlier.records.size === 0
            ? undefined
            : records.get(`${pagePath(movie.path, directory)}\n${size}`);
        if (older === undefined && record?.print === undefined) continue;
        const print = await printFile(movie);
        if (print === null) continue;
        if (record?.print === print) met.set(id, record);
        if (older !== undefined && prints.get(older) === print) {
          await journal.add({ step: "moved", movie: id, from: older, at: Date.now() });
          prints.delete(older);
          prints.set(id, print);
          noted.set(withoutTime(id), id);
        }
        if (prints.has(id) || met.has(id)) copies++;
      }
      if (copies > 0)
        say(
          `${copies === 1 ? "1 movie has" : `${copies} movies have`} another time than before and the same content, as copies do: what was made of them stays.`,
        );
    },
  };
}
