import type { FolderNews, MovieFailure } from "./movieFolder.ts";
import type { MovieTurn } from "./movieStage.ts";

/** The movies of a session as its folder shows them now: a path is a movie, or a file that cannot be read. */
export interface MovieList {
  /** In the order in which their files were first seen. */
  readonly turns: () => readonly MovieTurn[];
  readonly unreadable: () => readonly MovieFailure[];
  /** Files that are no movies. */
  readonly skipped: () => readonly string[];
  /** Whether the turn is still that of its file; a file that was written anew has another one. */
  readonly isCurrent: (turn: MovieTurn) => boolean;
  /** Takes what a look at the folder brought; answers the movies among it, which are due. */
  readonly take: (news: FolderNews) => readonly MovieTurn[];
}

export interface MovieListOptions {
  /** Path of a movie as failures and skipped files are named: in the session's folder. */
  readonly nameOf: (path: string) => string;
  /** Base of result names of a movie, by its id. */
  readonly baseOf: (id: string) => string;
  /** The gain of every N-th movie is looked at, from the first. */
  readonly movieStep: number;
}

/**
 * A file that has changed keeps its place: its new turn stands for the old one, and what was said of the
 * old file (that it could not be read, that it was no movie) is forgotten.
 */
export function createMovieList({ nameOf, baseOf, movieStep }: MovieListOptions): MovieList {
  /** By the name in the folder. */
  const turns = new Map<string, MovieTurn>();
  const unreadable = new Map<string, MovieFailure>();
  const skipped = new Set<string>();
  const places = new Map<string, number>();
  let ordered: readonly MovieTurn[] | null = null;

  const forget = (name: string): void => {
    turns.delete(name);
    unreadable.delete(name);
    skipped.delete(name);
    ordered = null;
  };
  const place = (name: string): number => {
    const known = places.get(name) ?? places.size;
    places.set(name, known);
    return known;
  };
  const inOrder = (): readonly MovieTurn[] =>
    (ordered ??= [...turns].sort(([a], [b]) => place(a) - place(b)).map(([, turn]) => turn));

  return {
    turns: inOrder,
    unreadable: () => [...unreadable.values()],
    skipped: () => [...skipped],
    isCurrent: (turn) => turns.get(nameOf(turn.movie.path)) === turn,
    take: (news) => {
      for (const name of news.skipped) {
        forget(name);
        skipped.add(name);
      }
      for (const failure of news.failures) {
        forget(failure.movie);
        unreadable.set(failure.movie, failure);
      }
      return news.movies.map((movie) => {
        const name = nameOf(movie.path);
        forget(name);
        const turn: MovieTurn = {
          movie,
          base: baseOf(movie.id),
          lookAtGain: place(name) % movieStep === 0,
        };
        turns.set(name, turn);
        return turn;
      });
    },
  };
}
