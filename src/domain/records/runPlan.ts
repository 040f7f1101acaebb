import type { StepName } from "./movieRecord.ts";

/** What is done with the movies of a session. Parameters of a step live with the step. */
export interface RunPlan {
  readonly steps: Readonly<Record<StepName, boolean>>;
  /** The gain of every N-th movie is looked at, from the first; motion is for every movie. */
  readonly movieStep: number;
  /** Power spectra before and after the correction. */
  readonly spectra: boolean;
  /** CTF estimates before the sampler begins. */
  readonly minimumForSampling: number;
  /** The content of every input is hashed (SHA-256) for the provenance of written results. */
  readonly hashes: boolean;
}

export const DEFAULT_RUN_PLAN: RunPlan = {
  steps: { orientation: true, gain: true, motion: true, preprocess: false, sampling: false },
  movieStep: 250,
  spectra: true,
  minimumForSampling: 100,
  hashes: true,
};
