/** Movies that are tried at the most. */
const MOST_MOVIES = 1e6;

/**
 * How many more movies like these bring the expected rms error of log G down to `target`: the noise of
 * every part falls with the counts, ν/M, and the pixels' error is s²ν/(c s² + ν) (gain recipe §1).
 * @returns 0 when it is reached; null when no number would (nothing of the pattern is visible)
 */
export function moviesForPrecision(
  result: {
    readonly noiseVariance: number;
    readonly pixelPrior: number;
    readonly meanVisibility: number;
    readonly expectedError: number;
    readonly lineError: number;
  },
  movies: number,
  target: number,
): number | null {
  if (result.expectedError <= target) return 0;
  const s2 = result.pixelPrior ** 2;
  const errorOf = (total: number): number => {
    const noise = (result.noiseVariance * movies) / total;
    const pixels = s2 > 0 ? (s2 * noise) / (result.meanVisibility * s2 + noise) : 0;
    return Math.sqrt((result.lineError ** 2 * movies) / total + pixels);
  };
  let low = movies;
  let high = movies;
  while (errorOf(high) > target) {
    low = high;
    high *= 2;
    if (high > MOST_MOVIES) return null;
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (errorOf(middle) > target) low = middle;
    else high = middle;
  }
  return high - movies;
}
