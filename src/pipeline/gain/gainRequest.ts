import type { Gain } from "#src/domain/gain.ts";
import type { GainEstimate, GainParameters, KnownMotion } from "#src/domain/gainEstimate.ts";
import type { Float32Pixels, MovieReader } from "#src/domain/movie.ts";
import type { StepContext } from "../stepContext.ts";

/** One movie whose gain is to be estimated. */
export interface GainRequest {
  readonly reader: MovieReader;
  /** Name of the estimate: the movie's base name. */
  readonly name: string;
  /** The reference whose residual is wanted, in the frames' size and pose; null = none. */
  readonly reference: Gain | null;
  /** The reference's values as they stand in its file, for parity: scaling would move them by roundings. */
  readonly rawReference: Float32Pixels | null;
  readonly parameters: GainParameters;
  /** Also make the estimate of Afanasyev et al. 2015, for comparison. */
  readonly deviations: boolean;
  /** Motion of the movie where it is known already; null = to be found. */
  readonly motion: KnownMotion | null;
  /** Keep what is needed to combine this estimate with those of other movies. */
  readonly keepSums: boolean;
}

/** A method of estimation. */
export type GainEstimator = (request: GainRequest, context: StepContext) => Promise<GainEstimate>;
