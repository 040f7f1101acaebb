import type { ByteSource } from "#src/domain/byteSource.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { MovieReader } from "#src/domain/movie.ts";
import { openMovie } from "#src/formats/openMovie.ts";

/** The one place where the worker turns files into readers. */
export function openReader(source: ByteSource): Promise<MovieReader> {
  return openMovie(source);
}

/** The movie of the simulator, frames made when asked for. */
export function openDemo(_seed: number): Promise<MovieReader> {
  return Promise.reject(
    new CryoloupeError("unsupported-format", "The demo movie cannot be made yet."),
  );
}
