import type { PictureSummary } from "#src/domain/picture.ts";

/** Standard deviation of a normal distribution over half its interquartile range. */
const SD_OF_QUARTILES = 1 / 1.349;
/** How far from the median the limits lie at most, in robust standard deviations. */
const REACH = 5;

/** Value below which a share of a histogram lies, linear within its bin. */
function quantileOf({ from, to, counts }: PictureSummary["histogram"], share: number): number {
  const step = (to - from) / counts.length;
  let left = share * counts.reduce((a, b) => a + b, 0);
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] > 0 && left <= counts[i]) return from + (i + left / counts[i]) * step;
    left -= counts[i];
  }
  return to;
}

/**
 * Limits of grey for a micrograph: its 0.5 % and 99.5 % values, but no farther than five robust standard deviations
 * (from the quartiles) from the median, so that a piece of ice or carbon does not take all the greys.
 */
export function robustContrast(summary: PictureSummary): {
  readonly low: number;
  readonly high: number;
} {
  const { histogram, low, high } = summary;
  const median = quantileOf(histogram, 0.5);
  const spread =
    REACH * SD_OF_QUARTILES * (quantileOf(histogram, 0.75) - quantileOf(histogram, 0.25));
  if (!(spread > 0)) return { low, high };
  return { low: Math.max(low, median - spread), high: Math.min(high, median + spread) };
}
