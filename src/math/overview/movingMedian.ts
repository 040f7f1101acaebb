/** Median absolute deviation of a normal distribution to its standard deviation. */
export const MAD_TO_SD = 1.4826;

/** Median of values in any order; NaN of none. The mean of the middle two for an even number. */
export function medianOf(values: Iterable<number>): number {
  return middleOf(Float64Array.from(values).sort());
}

/** Robust standard deviation: 1.4826 times the median absolute deviation from `centre`. */
export function robustSd(values: Iterable<number>, centre: number): number {
  return MAD_TO_SD * medianOf(Array.from(values, (v) => Math.abs(v - centre)));
}

function middleOf(sorted: ArrayLike<number>, count = sorted.length): number {
  if (count === 0) return Number.NaN;
  const half = count >> 1;
  return count % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** First place in `sorted[0 … count)` whose value is not below `value`. */
function lowerBound(sorted: Float64Array, count: number, value: number): number {
  let [from, to] = [0, count];
  while (from < to) {
    const half = (from + to) >> 1;
    if (sorted[half] < value) from = half + 1;
    else to = half;
  }
  return from;
}

/** Median distance from `centre` of sorted values: taken from both sides inwards to outwards, O(count). */
function medianDistance(sorted: Float64Array, count: number, centre: number): number {
  let right = lowerBound(sorted, count, centre);
  let left = right - 1;
  const wanted = (count - 1) >> 1;
  let [last, before] = [0, 0];
  for (let taken = 0; taken <= wanted + (count % 2 === 0 ? 1 : 0); taken++) {
    const a = left >= 0 ? centre - sorted[left] : Infinity;
    const b = right < count ? sorted[right] - centre : Infinity;
    before = last;
    last = Math.min(a, b);
    if (a <= b) left--;
    else right++;
  }
  return count % 2 === 1 ? last : (before + last) / 2;
}

export interface RunningSpread {
  /** Median of the window about each value. */
  readonly median: Float64Array;
  /** Robust standard deviation in the same window (1.4826 MAD). */
  readonly sd: Float64Array;
}

/**
 * Running median and robust standard deviation of a series. The window holds `width` values (odd), as many
 * on both sides; at the ends it is shifted inwards, so that every window is full. A window longer than the
 * series holds all of it. O(n · width). No NaN among the values.
 */
export function runningMedian(values: ArrayLike<number>, width: number): RunningSpread {
  const n = values.length;
  const size = Math.min(n, Math.max(1, width));
  const median = new Float64Array(n);
  const sd = new Float64Array(n);
  const sorted = new Float64Array(size);
  let [from, held] = [0, 0];
  const insert = (value: number): void => {
    const at = lowerBound(sorted, held, value);
    sorted.copyWithin(at + 1, at, held);
    sorted[at] = value;
    held++;
  };
  const remove = (value: number): void => {
    const at = lowerBound(sorted, held, value);
    sorted.copyWithin(at, at + 1, held);
    held--;
  };
  for (let i = 0; i < size; i++) insert(values[i]);
  for (let i = 0; i < n; i++) {
    const wanted = Math.max(0, Math.min(n - size, i - (size >> 1)));
    while (from < wanted) {
      remove(values[from]);
      insert(values[from + size]);
      from++;
    }
    median[i] = middleOf(sorted, held);
    sd[i] = MAD_TO_SD * medianDistance(sorted, held, median[i]);
  }
  return { median, sd };
}

/** Window of a trend: a twentieth of the series, odd, between 11 and 101 values. */
export function trendWindow(n: number): number {
  return Math.max(11, Math.min(101, Math.floor(n / 20))) | 1;
}
