import { PART_NAMES } from "#src/domain/gainParts.ts";
import type { GainPartName, GainParts } from "#src/domain/gainParts.ts";
import { partPicture } from "#src/math/gainParts/parts.ts";
import type { SimulatedMovie } from "./simulatedMovie.ts";
import { squaredCorrelation } from "./score.ts";

/** How an estimated gain compares with the simulation's, over pixels good in both. */
export interface GainScore {
  /** Squared correlation of G with the true one. */
  readonly r2: number;
  /** Rms error of log G. */
  readonly error: number;
  /** Regression of the error of log G on the specimen, mean over the movies. */
  readonly leak: number;
  /** The same of each part of the estimate; the truth's own chance share is not taken off. */
  readonly leaks: Readonly<Record<GainPartName, number>>;
}

/** What no estimate of one detector exceeds: see {@link gainBounds}. */
export interface GainBounds {
  /** R² with all lines, chips and slopes known, and pixels by Wiener. */
  readonly structure: number;
  /** R² where rows and columns have their shot noise besides. */
  readonly lines: number;
}

/** Standard deviations of the simulated camera's pixels and lines. */
const PIXELS = 0.03;
const LINES = 0.02;

/**
 * Largest R² with the true gain at `electrons` a pixel in all: what is not known of pixels is
 * s²ν/(s² + ν), ν = 1/electrons, and of lines of n pixels p²ν'/(p² + ν'), ν' = ν/n.
 */
export function gainBounds(movie: SimulatedMovie, electrons: number): GainBounds {
  const { pixelGain } = movie.truth;
  const { width, height } = movie.options;
  const noise = 1 / electrons;
  const unknown = (deviation: number, variance: number): number =>
    (deviation ** 2 * variance) / (deviation ** 2 + variance);
  const log = [...pixelGain.keys()].filter((i) => pixelGain[i] > 0);
  let sum = 0;
  let squares = 0;
  for (const i of log) {
    sum += Math.log(pixelGain[i]);
    squares += Math.log(pixelGain[i]) ** 2;
  }
  const variance = squares / log.length - (sum / log.length) ** 2;
  const pixels = unknown(PIXELS, noise);
  const lines = unknown(LINES, noise / height) + unknown(LINES, noise / width);
  return { structure: 1 - pixels / variance, lines: 1 - (pixels + lines) / variance };
}

/** Mean over the frames of what a movie would show without a gain and without noise, minus 1. */
function meanSpecimen(movie: SimulatedMovie): Float64Array {
  const { width, height, frames } = movie.options;
  const mean = new Float64Array(width * height);
  for (let t = 0; t < frames; t++)
    movie.expectation(t).forEach((value, i) => (mean[i] += value / frames));
  const level = mean.reduce((a, b) => a + b, 0) / mean.length;
  return mean.map((v) => v / level - 1);
}

/** Scores an estimate of the gain that all of `movies` were recorded with. */
export function scoreGain(
  { correction, bad }: { readonly correction: Float32Array; readonly bad: ArrayLike<number> },
  parts: GainParts | null,
  movies: readonly SimulatedMovie[],
): GainScore {
  const { pixelGain } = movies[0].truth;
  const use = Uint8Array.from(pixelGain, (g, i) => (g > 0 && bad[i] === 0 ? 1 : 0));
  const good = [...use.keys()].filter((i) => use[i] !== 0);
  const estimate = Float32Array.from(correction, (c) => (c > 0 ? 1 / c : 0));
  const difference = new Float64Array(correction.length);
  let mean = 0;
  for (const i of good) {
    difference[i] = Math.log(estimate[i] / pixelGain[i]);
    mean += difference[i] / good.length;
  }
  let squares = 0;
  for (const i of good) squares += (difference[i] - mean) ** 2;
  const slopes = { all: 0, plane: 0, chips: 0, columns: 0, rows: 0, pixels: 0 };
  const pictures = parts === null ? [] : PART_NAMES.map((n) => [n, partPicture(parts, n)] as const);
  for (const movie of movies) {
    const specimen = meanSpecimen(movie);
    let [level, power] = [0, 0];
    for (const i of good) level += specimen[i] / good.length;
    for (const i of good) power += (specimen[i] - level) ** 2;
    const slope = (of: ArrayLike<number>): number => {
      let product = 0;
      for (const i of good) product += (specimen[i] - level) * of[i];
      return product / power / movies.length;
    };
    slopes.all += slope(difference);
    for (const [name, picture] of pictures) slopes[name] += slope(picture);
  }
  const { all, ...leaks } = slopes;
  return {
    r2: squaredCorrelation(
      estimate,
      pixelGain,
      use.map((u) => 1 - u),
    ),
    error: Math.sqrt(squares / good.length),
    leak: all,
    leaks,
  };
}
