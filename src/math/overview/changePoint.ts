import { medianOf, robustSd } from "./movingMedian.ts";

/** A lasting step in a series. */
export interface LevelChange {
  /** First place of the new level, from 0. */
  readonly at: number;
  /** Medians of the two levels. */
  readonly before: number;
  readonly after: number;
  /** Place at which the series changed again, or null: the new level lasts to the end. */
  readonly until: number | null;
  /** It came back to where it was. */
  readonly returned: boolean;
}

/** Standard deviations of the rank statistic from which a split is no chance. */
const SIGNIFICANT = 4;
/** A step of fewer robust standard deviations is real perhaps, but nothing to tell. */
const SMALLEST_STEP = 1.5;
/** Fewer values than this are no level. */
const SHORTEST = 8;
const MOST_CANDIDATES = 24;

/** Ranks with ties shared, 1 … n. */
function ranks(values: readonly number[]): Float64Array {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  const rank = new Float64Array(values.length);
  for (let i = 0; i < order.length;) {
    let end = i + 1;
    while (end < order.length && values[order[end]] === values[order[i]]) end++;
    for (let k = i; k < end; k++) rank[order[k]] = (i + end + 1) / 2;
    i = end;
  }
  return rank;
}

/** The split that parts the ranks best, with its statistic in standard deviations. */
function bestSplit(values: readonly number[]): { at: number; z: number } {
  const n = values.length;
  const rank = ranks(values);
  const mean = (n + 1) / 2;
  let variance = 0;
  for (const r of rank) variance += (r - mean) ** 2;
  const sd = Math.sqrt(variance / n);
  let [sum, at, z] = [0, 0, 0];
  for (let t = 1; t <= n - SHORTEST; t++) {
    sum += rank[t - 1] - mean;
    if (t < SHORTEST) continue;
    const score = sd > 0 ? Math.abs(sum) / (sd * Math.sqrt((t * (n - t)) / n)) : 0;
    if (score > z) [at, z] = [t, score];
  }
  return { at, z };
}

/** Sum of absolute distances from the line through the medians of the outer thirds (Tukey's line). */
function distanceFromLine(values: readonly number[]): number {
  const n = values.length;
  const third = Math.max(1, Math.floor(n / 3));
  const [left, right] = [medianOf(values.slice(0, third)), medianOf(values.slice(n - third))];
  const slope = (right - left) / (n - third);
  const rest = values.map((v, i) => v - slope * i);
  const offset = medianOf(rest);
  return rest.reduce((sum, v) => sum + Math.abs(v - offset), 0);
}

const distanceFrom = (values: readonly number[], level: number): number =>
  values.reduce((sum, v) => sum + Math.abs(v - level), 0);

/** Places of all splits that are no chance, in parts of parts. */
function candidates(values: readonly number[], from: number, found: number[]): number[] {
  if (values.length < 2 * SHORTEST || found.length >= MOST_CANDIDATES) return found;
  const { at, z } = bestSplit(values);
  if (z < SIGNIFICANT) return found;
  found.push(from + at);
  candidates(values.slice(0, at), from, found);
  return candidates(values.slice(at), from + at, found);
}

/** Step between two neighbouring levels in robust standard deviations about them; 0 where it is none. */
function stepSize(left: readonly number[], right: readonly number[]): number {
  const [before, after] = [medianOf(left), medianOf(right)];
  const sd = robustSd([...left.map((v) => v - before), ...right.map((v) => v - after)], 0);
  const step = Math.abs(after - before);
  if (!(step > 0) || step < SMALLEST_STEP * sd) return 0;
  // A slow trend is no step: two levels must describe the values better than a line does.
  const distance = distanceFrom(left, before) + distanceFrom(right, after);
  return distance < distanceFromLine([...left, ...right]) ? step / Math.max(sd, 1e-300) : 0;
}

/**
 * Lasting steps of a series. Candidates are the splits with the largest standardised sum of ranks (a
 * Wilcoxon statistic at every place) above 4 standard deviations, found in parts of parts. Then the weakest
 * goes first until every one left is a step between its neighbours: medians that differ by 1.5 robust
 * standard deviations at least, and two levels that describe the values better than a line. Each level lasts
 * 8 values at least. Noise is taken as independent from value to value; the size of the step and the test
 * against a line keep slow wander from being called a step.
 * @param values  in order, finite
 */
export function findLevelChanges(values: readonly number[]): LevelChange[] {
  let splits = candidates(values, 0, []).sort((a, b) => a - b);
  const level = (i: number): readonly number[] =>
    values.slice(i === 0 ? 0 : splits[i - 1], splits[i] ?? values.length);
  while (splits.length > 0) {
    const sizes = splits.map((_, i) => stepSize(level(i), level(i + 1)));
    const weakest = sizes.indexOf(Math.min(...sizes));
    if (sizes[weakest] > 0) break;
    splits = splits.filter((_, i) => i !== weakest);
  }
  const medians = [...splits, values.length].map((_, i) => medianOf(level(i)));
  return splits.map((at, i) => {
    const [before, after, next] = [medians[i], medians[i + 1], medians.at(i + 2)];
    return {
      at,
      before,
      after,
      until: splits.at(i + 1) ?? null,
      returned: next !== undefined && Math.abs(next - before) < 0.5 * Math.abs(after - before),
    };
  });
}
