/** About `count` round values (1, 2, 2.5 or 5 times a power of ten) within `from … to`, ascending. */
export function niceTicks(from: number, to: number, count: number): number[] {
  const span = to - from;
  if (!(span > 0) || !Number.isFinite(span)) return [from];
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5].find((m) => m * power >= rough * 0.999) ?? 10) * power;
  const ticks: number[] = [];
  for (let k = Math.ceil(from / step - 1e-9); k * step <= to + 1e-9 * span; k++)
    ticks.push(Number((k * step).toPrecision(12)));
  return ticks;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 4, 6, 12, 24, 48, 168].map((hours) => hours * HOUR),
];

/**
 * Round times of day within `from … to` (milliseconds since 1970), at most `count` of them.
 * @param zone  minutes that the local clock is behind UTC (`Date.getTimezoneOffset`)
 */
export function timeTicks(from: number, to: number, count: number, zone: number): number[] {
  const step = STEPS.find((s) => (to - from) / s <= count) ?? 30 * 24 * HOUR;
  const offset = zone * MINUTE;
  const ticks: number[] = [];
  for (let k = Math.ceil((from - offset) / step); k * step + offset <= to; k++)
    ticks.push(k * step + offset);
  return ticks;
}

/**
 * Range of a trend's axis: all values, and the limits that lie no farther from them than their span. A
 * twelfth of the span is left free on both sides; equal values get a tenth of their size.
 */
export function trendRange(
  values: readonly number[],
  limits: readonly (number | null)[],
): [from: number, to: number] {
  let [low, high] = [Infinity, -Infinity];
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (low > high) return [0, 1];
  const span = high > low ? high - low : Math.abs(high) * 0.1 || 1;
  const [first, last] = [low, high];
  for (const limit of limits)
    if (limit !== null && limit > first - span && limit < last + span) {
      low = Math.min(low, limit);
      high = Math.max(high, limit);
    }
  // A single value stands in the middle of a tenth of itself, so that its ticks are round.
  const pad = high > low ? Math.max(high - low, span) / 12 : span / 2;
  return [low - pad, high + pad];
}
