import type { Float32Pixels } from "./movie.ts";

/** Exposure of a movie, for dose weighting and plots. */
export interface MovieExposure {
  /** e⁻/Å² for one frame. */
  readonly dosePerFrame: number;
  /** e⁻/Å² before the first frame. */
  readonly preExposure: number;
  readonly voltageKv: number;
}

/** What the correction is to make. */
export interface CorrectionOptions {
  /** Frames of the movie that are summed, from 0, ascending. */
  readonly sumFrames: readonly number[];
  readonly result: "sum" | "mean";
  /** Factor ≥ 1 by which the result is Fourier-cropped. */
  readonly binning: number;
  /** Weights for radiation damage; null = none. */
  readonly exposure: MovieExposure | null;
  readonly evenOdd: boolean;
  /** Also the sum without motion, for comparison. */
  readonly unaligned: boolean;
}

/** What the correction gives: images `[height, width]` of the binned size. */
export interface CorrectedMovie {
  readonly width: number;
  readonly height: number;
  /** Å/px of the images; null = the movie does not say. */
  readonly pixelSizeA: number | null;
  readonly frames: number;
  readonly average: Float32Pixels;
  readonly doseWeighted: Float32Pixels | null;
  /** Sums of the frames with even and odd number, counted from 1. */
  readonly even: Float32Pixels | null;
  readonly odd: Float32Pixels | null;
  readonly unaligned: Float32Pixels | null;
  /** Side of the tiles in which the displacement was constant, px. */
  readonly tile: number;
  /** Sums that stand in for the weighting of single frames, and its error; null without dose weighting. */
  readonly dosePlan: { readonly rank: number; readonly error: number } | null;
  readonly badPixels: number;
}
