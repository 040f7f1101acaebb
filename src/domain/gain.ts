import type { Float32Pixels } from "./movie.ts";

/**
 * A gain as a multiplicative correction `C`: ideal = recorded · C, mean 1 over good pixels, 0 at bad
 * ones. The paper's pixel gain is `G = 1/C` (Sorzano et al. 2018, Eq. 1).
 */
export interface Gain {
  readonly width: number;
  readonly height: number;
  /** C, `[height, width]`, row 0 first. */
  readonly correction: Float32Pixels;
  /** 1 = bad pixel, `[height, width]`. */
  readonly bad: Uint8Array<ArrayBuffer>;
}

/**
 * Pose of a reference against the movie: `rotation90` quarter turns clockwise as displayed with row 0
 * on top, then the flip, then the inversion. Exact index permutations, never interpolation.
 */
export interface GainOrientation {
  readonly rotation90: 0 | 1 | 2 | 3;
  readonly flip: "none" | "upside-down" | "left-right";
  readonly inverted: boolean;
}

/** Statistics of an image over its good pixels; percentiles by linear interpolation (numpy's default). */
export interface GainStatistics {
  readonly mean: number;
  /** Population standard deviation. */
  readonly std: number;
  readonly min: number;
  readonly max: number;
  readonly p2_5: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly p97_5: number;
}

/** The alarm limits of Sorzano et al. 2018, §3, on the residual pixel gain G. */
export const GAIN_LIMITS = { std: 0.04, spread: 1.15, peak: 4.5 } as const;
