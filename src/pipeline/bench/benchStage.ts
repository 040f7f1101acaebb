import type { MovieReader } from "#src/domain/movie.ts";
import type { StepContext } from "../stepContext.ts";

/** What a stage handled and how long it took. */
export interface BenchFigures {
  /** Wall time. */
  readonly seconds: number;
  /** Bytes of pixels that went in. */
  readonly bytes: number;
  readonly megapixels: number;
}

export interface BenchResult extends BenchFigures {
  readonly name: string;
}

export interface BenchRequest {
  /** The movie that whole steps are timed on. */
  readonly movie: MovieReader;
}

/** One or several lines of the table. */
export interface BenchStage {
  readonly name: string;
  /** The work is set up and warmed up inside, outside of the time that is returned. */
  run(request: BenchRequest, context: StepContext): Promise<readonly BenchResult[]>;
}

/** Wall seconds of a piece of work. */
export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
