import { stat } from "node:fs/promises";
import { basename, relative, resolve } from "node:path";
import { toFailure } from "#src/domain/errors.ts";
import type { Failure } from "#src/domain/errors.ts";
import type { MovieHeader, MovieReader } from "#src/domain/movie.ts";
import type { CommandContext } from "../command.ts";
import { listPaths, watchPaths } from "../watchPaths.ts";
import type { PathStream, PathWishes } from "../watchPaths.ts";

/** A movie of the folder that can be read. */
export interface ListedMovie {
  /** Path in the folder, bytes and time of change: another file is another movie. */
  readonly id: string;
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  readonly header: MovieHeader;
}

export interface MovieFailure extends Failure {
  /** Path in the folder. */
  readonly movie: string;
  /** Path as other movies have it. */
  readonly path: string;
  readonly id: string;
}

/** What a look at the folder brought. */
export interface FolderNews {
  readonly movies: readonly ListedMovie[];
  readonly failures: readonly MovieFailure[];
  /** Images of a single frame: references, micrographs. */
  readonly skipped: readonly string[];
}

export interface FolderOptions {
  /** Files that are not looked at: references. */
  readonly files: readonly string[];
  /** Folder that is passed over: where results go. */
  readonly except: string;
  readonly open: (path: string) => Promise<MovieReader>;
}

const MOVIE_NAMES = /\.(?:mrcs?|st|tiff?|eer|dm[34])$/i;

/**
 * Movies of a folder, to the bottom, in natural order of their names within each folder, which is that of
 * acquisition: those that are there, or with `watch` also what comes, each when it has held still. A file
 * that changes afterwards is another movie.
 */
export function openMovieFolder(
  directory: string,
  watch: boolean,
  options: FolderOptions,
  context: CommandContext,
): { readonly news: AsyncIterable<FolderNews>; stop(): void } {
  const told = new Set<string>();
  const wishes: PathWishes = {
    ...{ wanted: MOVIE_NAMES, except: options.except, noResults: true },
    passedOver: (folder, reason) => {
      if (!told.has(folder)) context.say(`${folder} is passed over: ${reason}.`);
      told.add(folder);
    },
  };
  const own: CommandContext = { ...context, files: [directory] };
  const stream: PathStream = watch
    ? watchPaths(own, wishes)
    : { batches: once(listPaths([directory], wishes)), stop: () => undefined };
  async function* news(): AsyncGenerator<FolderNews> {
    for await (const paths of stream.batches) yield await openAll(directory, paths, options);
  }
  return { news: news(), stop: () => stream.stop() };
}

async function* once<T>(value: Promise<T>): AsyncGenerator<T> {
  yield await value;
}

async function openAll(
  directory: string,
  paths: readonly string[],
  { files, open }: FolderOptions,
): Promise<FolderNews> {
  const references = new Set(files.map((path) => resolve(path)));
  const movies: ListedMovie[] = [];
  const failures: MovieFailure[] = [];
  const skipped: string[] = [];
  for (const path of paths) {
    if (references.has(resolve(path))) continue;
    const name = relative(directory, path);
    let id = name;
    try {
      const { size, mtimeMs } = await stat(path);
      id = `${name}/${size}/${Math.round(mtimeMs)}`;
      const reader = await open(path);
      await reader.close();
      const { header } = reader;
      if (header.frames < 2) skipped.push(name);
      else movies.push({ id, path, size, modified: mtimeMs, header });
    } catch (error) {
      const failure = toFailure(error, { file: basename(path) });
      if (failure.code === "cancelled" || failure.code === "bad-arguments") throw error;
      failures.push({ ...failure, movie: name, path, id });
    }
  }
  return { movies, failures, skipped };
}
