import { METRICS, metricOf, metricText, metricWithUnit } from "#src/domain/records/metrics.ts";
import type {
  MetricId,
  MetricLimit,
  MetricLimits,
  MetricValues,
} from "#src/domain/records/metrics.ts";
import type { SessionThresholds } from "#src/domain/records/movieRecord.ts";

/** Whether a value lies beyond a limit; both sides are inclusive, and what was not measured passes. */
export function isBeyond(value: number | null, limit: MetricLimit | undefined): boolean {
  if (value === null || limit === undefined) return false;
  return (limit.low !== null && value < limit.low) || (limit.high !== null && value > limit.high);
}

/** A limit that is drawn, and its metric. */
interface DrawnLimit extends MetricLimit {
  readonly id: MetricId;
}

const hasLimit = (limit: MetricLimit | undefined): boolean =>
  limit !== undefined && (limit.low !== null || limit.high !== null);

/** Limits as drawn, by the object that holds them: ten thousand movies ask for the same ones. */
const drawn = new WeakMap<MetricLimits, readonly DrawnLimit[]>();

/** The limits that are drawn, in the order of the columns. */
function drawnLimits(limits: MetricLimits): readonly DrawnLimit[] {
  const known = drawn.get(limits);
  if (known !== undefined) return known;
  const made = METRICS.flatMap(({ id }) => {
    const limit = limits[id];
    return limit !== undefined && hasLimit(limit) ? [{ ...limit, id }] : [];
  });
  drawn.set(limits, made);
  return made;
}

/** Most movies are beyond no limit: they share one list. */
const NONE: readonly MetricId[] = [];

/** The metrics of a movie that lie beyond their limits, in the order of the columns. */
export function beyondLimits(values: MetricValues, limits: MetricLimits): readonly MetricId[] {
  let beyond: MetricId[] | null = null;
  for (const limit of drawnLimits(limits))
    if (isBeyond(values[limit.id], limit)) (beyond ??= []).push(limit.id);
  return beyond ?? NONE;
}

/** Whether any limit is drawn at all. */
export function anyLimit(limits: MetricLimits): boolean {
  return drawnLimits(limits).length > 0;
}

/**
 * Whether thresholds put a movie aside: when any limit is exceeded, or only when every limit that is
 * drawn is. Without a limit none is.
 */
export function isFilteredOut(values: MetricValues, thresholds: SessionThresholds): boolean {
  const all = drawnLimits(thresholds.limits);
  if (thresholds.combine === "any") return all.some((limit) => isBeyond(values[limit.id], limit));
  return all.length > 0 && all.every((limit) => isBeyond(values[limit.id], limit));
}

/** Why in words: "sd of G above 0.040, drift above 25.0 Å"; "" where nothing is exceeded. */
export function thresholdReason(values: MetricValues, limits: MetricLimits): string {
  return drawnLimits(limits)
    .flatMap(({ id, low, high }) => {
      const value = values[id];
      if (value === null) return [];
      if (high !== null && value > high)
        return [`${metricOf(id).short} above ${metricWithUnit(id, high)}`];
      if (low !== null && value < low)
        return [`${metricOf(id).short} below ${metricWithUnit(id, low)}`];
      return [];
    })
    .join(", ");
}

/** A limit in short: "≤ 0.040", "≥ 1.47", "0.50 – 2.40"; "" where none is drawn. */
export function limitText(id: MetricId, limit: MetricLimit | undefined): string {
  if (limit === undefined) return "";
  const { low, high } = limit;
  if (low !== null && high !== null) return `${metricText(id, low)} – ${metricText(id, high)}`;
  if (high !== null) return `≤ ${metricText(id, high)}`;
  return low !== null ? `≥ ${metricText(id, low)}` : "";
}

/**
 * A limit as typed, in the unit that is shown: "0.04" on the metric's bad side, "≤ 0.04", "≥ 1.47",
 * "0.5 – 2.4" (also with "to", ".." or a hyphen between spaces), "" for none. undefined = not understood.
 */
export function parseLimit(id: MetricId, text: string): MetricLimit | null | undefined {
  const { scale, bad } = metricOf(id);
  const plain = text.trim().replaceAll(",", ".").replaceAll("−", "-");
  if (plain === "") return null;
  const number = (part: string): number =>
    part.trim() === "" ? Number.NaN : Number((Number(part) / scale).toPrecision(12));
  const sides = plain.split(/\s*(?:–|\.\.+|to|\s-\s)\s*/);
  if (sides.length === 2) {
    const [low, high] = sides.map(number);
    return low <= high ? { low, high } : undefined;
  }
  const match = /^(<=?|≤|>=?|≥)?\s*(\S+)$/.exec(plain);
  const value = match === null ? Number.NaN : number(match[2]);
  if (match === null || !Number.isFinite(value)) return undefined;
  const sign = match[1] as string | undefined;
  const upper = sign === undefined ? bad === "high" : sign.startsWith("<") || sign === "≤";
  return upper ? { low: null, high: value } : { low: value, high: null };
}

/** How many values lie beyond a limit, and how many there are. */
export function countBeyond(
  values: readonly (number | null)[],
  limit: MetricLimit | undefined,
): { readonly out: number; readonly of: number } {
  let [out, of] = [0, 0];
  for (const value of values) {
    if (value === null) continue;
    of++;
    if (isBeyond(value, limit)) out++;
  }
  return { out, of };
}
