import { CryoloupeError } from "#src/domain/errors.ts";
import type { Gain } from "#src/domain/gain.ts";
import type { GainEstimate, GainParameters } from "#src/domain/gainEstimate.ts";
import type { MovieReader } from "#src/domain/movie.ts";
import type { StepContext } from "#src/pipeline/stepContext.ts";

/** The one place where the worker calls the gain estimation. */
export function estimateMovies(
  _name: string,
  _movies: readonly MovieReader[],
  _reference: Gain | null,
  _parameters: GainParameters,
  _context: StepContext,
): Promise<GainEstimate> {
  return Promise.reject(new CryoloupeError("internal", "The gain cannot be estimated yet."));
}
