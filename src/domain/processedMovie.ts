import type { CorrectedMovie } from "./correction.ts";
import type { MotionEstimate } from "./motion.ts";
import type { MovieSpectra } from "./powerSpectrum.ts";

/** Seconds of each stage of a movie's processing. */
export interface StageSeconds {
  readonly estimate: number;
  readonly correct: number;
  readonly spectra: number;
}

/** What motion correction makes of one movie. */
export interface ProcessedMovie {
  readonly estimate: MotionEstimate;
  readonly corrected: CorrectedMovie;
  readonly spectra: MovieSpectra | null;
  /** Bad pixels that no file lists: [x, y] in px from 0. */
  readonly hotPixels: readonly (readonly [number, number])[];
  readonly seconds: StageSeconds;
  /** Sentences for the user. */
  readonly flags: readonly string[];
}
