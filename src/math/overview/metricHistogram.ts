/** Counts of values in equal bins; what lies outside the range counts in the end bins. */
export interface MetricHistogram {
  readonly from: number;
  readonly to: number;
  readonly counts: readonly number[];
  /** Square root of each count over that of the fullest bin: 0 … 1, so that single values are seen. */
  readonly heights: readonly number[];
}

/**
 * Histogram of the values that are there. The range spans all of them, and the limits; a part of a tenth
 * more on either side leaves room to move a limit beyond the values. Equal values get a range of their own
 * size. null without a value.
 */
export function metricHistogram(
  values: readonly (number | null)[],
  limits: readonly (number | null)[],
  bins = 48,
): MetricHistogram | null {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value === null) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return null;
  for (const limit of limits) {
    if (limit === null) continue;
    low = Math.min(low, limit);
    high = Math.max(high, limit);
  }
  const span = high > low ? high - low : Math.abs(high) || 1;
  const positive = low >= 0;
  const from = positive ? Math.max(0, low - 0.06 * span) : low - 0.06 * span;
  const to = high + 0.1 * span;
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    if (value === null) continue;
    const bin = Math.floor(((value - from) / (to - from)) * bins);
    counts[Math.max(0, Math.min(bins - 1, bin))]++;
  }
  const most = Math.sqrt(Math.max(1, ...counts));
  return { from, to, counts, heights: counts.map((count) => Math.sqrt(count) / most) };
}
