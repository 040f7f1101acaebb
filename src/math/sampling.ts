import { CryoloupeError } from "#src/domain/errors.ts";
import type { DefocusStatistics } from "#src/domain/ctf.ts";
import type { Random } from "./random.ts";

/**
 * Bin edges as `numpy.linspace(from, to, bins + 1)`: from + k·((to − from)/bins), the last one exactly `to`.
 * @returns [bins + 1] in the unit of the values
 */
export function binEdges(from: number, to: number, bins: number): number[] {
  const step = (to - from) / bins;
  const edges = Array.from({ length: bins + 1 }, (_, k) => from + k * step);
  edges[bins] = to;
  return edges;
}

/**
 * Bin of each value: (number of edges ≤ value) − 1, from 0 to bins − 1. A value on an inner edge belongs to
 * the upper bin, values beyond the ends to the end bins; if all edges are equal, everything is in the last bin.
 * NaN values go to the first bin: callers leave them out before.
 */
export function assignBins(values: ArrayLike<number>, edges: readonly number[]): Int32Array {
  const last = edges.length - 2;
  const bins = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    let low = 0;
    let high = edges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (edges[middle] <= values[i]) low = middle + 1;
      else high = middle;
    }
    bins[i] = Math.min(Math.max(low - 1, 0), last);
  }
  return bins;
}

/** Indices of the values in each bin, ascending. */
export function binMembers(assigned: Int32Array, bins: number): number[][] {
  const members = Array.from({ length: bins }, (): number[] => []);
  assigned.forEach((bin, i) => members[bin].push(i));
  return members;
}

/** Draws `count` of the items without replacement, in the order drawn (first steps of a Fisher–Yates shuffle). */
export function drawWithoutReplacement<T>(items: readonly T[], count: number, random: Random): T[] {
  const pool = items.slice();
  const wanted = Math.min(count, pool.length);
  for (let i = 0; i < wanted; i++) {
    const j = i + random.integer(pool.length - i);
    const held = pool[i];
    pool[i] = pool[j];
    pool[j] = held;
  }
  return pool.slice(0, wanted);
}

/**
 * `balanced_sampling` of Xmipp's protocol_mics_defocus_balancer, step by step: equal bins from minimum to
 * maximum, quota max(1, ⌊count/bins⌋) from each bin at random, the rest from all that are left, the first
 * `count` of the list. Its quirks are kept: it fails on an empty input and when more are wanted than there are.
 * @param values  defoci in Å, finite
 * @returns       indices in the order drawn: low defocus first, then the fill-up
 */
export function balancedSamplingParity(
  values: readonly number[],
  count: number,
  random: Random,
  bins = 10,
): number[] {
  if (values.length === 0)
    throw new CryoloupeError(
      "not-enough-data",
      "The original procedure has no answer for an empty list of defoci.",
    );
  const { min, max } = extremes(values);
  const members = binMembers(assignBins(values, binEdges(min, max, bins)), bins);
  const quota = Math.max(1, Math.floor(count / bins));
  const chosen = members.flatMap((m) =>
    m.length > quota ? drawWithoutReplacement(m, quota, random) : m,
  );
  if (chosen.length < count) {
    const taken = new Set(chosen);
    const left = values.map((_, i) => i).filter((i) => !taken.has(i));
    const missing = count - chosen.length;
    if (missing > left.length)
      throw new CryoloupeError(
        "not-enough-data",
        `${count} micrographs were wanted and ${values.length} are there: the original procedure fails here. Without parity all ${values.length} are taken.`,
      );
    chosen.push(...drawWithoutReplacement(left, missing, random));
  }
  return chosen.slice(0, count);
}

/** `wanted` of `available` positions, spread evenly: the middles of equal parts. */
export function spreadEvenly(wanted: number, available: number): number[] {
  return Array.from({ length: wanted }, (_, i) =>
    Math.floor(((2 * i + 1) * available) / (2 * wanted)),
  );
}

/**
 * How many to take from each bin so that the sample is as even as the bins allow: the emptiest bins in turn
 * (round-robin) until `count` is reached; when a turn cannot serve all, the served ones are spread evenly over
 * defocus. No other choice of the same size that holds the locked ones has a higher entropy over the bins.
 * @param capacity  members of each bin
 * @param locked    already chosen in each bin
 * @returns         chosen in each bin, locked ones included
 */
export function evenQuotas(
  capacity: readonly number[],
  locked: readonly number[],
  count: number,
): number[] {
  const quota = locked.slice();
  let left = count - locked.reduce((a, b) => a + b, 0);
  while (left > 0) {
    let lowest = Infinity;
    for (let b = 0; b < quota.length; b++)
      if (quota[b] < capacity[b] && quota[b] < lowest) lowest = quota[b];
    if (lowest === Infinity) break;
    const open: number[] = [];
    for (let b = 0; b < quota.length; b++)
      if (quota[b] === lowest && quota[b] < capacity[b]) open.push(b);
    const served =
      left >= open.length ? open : spreadEvenly(left, open.length).map((place) => open[place]);
    for (const b of served) quota[b]++;
    left -= served.length;
  }
  return quota;
}

export interface BalancedChoice {
  readonly values: readonly number[];
  /** [bins + 1]; values beyond the ends belong to the end bins. */
  readonly edges: readonly number[];
  readonly count: number;
  readonly remainder: "round-robin" | "random";
  /** Indices that are chosen in any case. */
  readonly locked: readonly number[];
}

/**
 * The repaired balanced sampling: never more than there are, evenly over the bins ({@link evenQuotas}), or, with
 * remainder "random", with the original's quota and fill-up.
 * @returns indices, ascending; all locked ones, even if they are more than `count`
 */
export function balancedSampling(choice: BalancedChoice, random: Random): number[] {
  const { values, edges, locked } = choice;
  const bins = edges.length - 1;
  const count = Math.min(choice.count, values.length);
  const assigned = assignBins(values, edges);
  const members = binMembers(assigned, bins);
  const isLocked = new Set(locked);
  const lockedCounts = new Array<number>(bins).fill(0);
  for (const i of isLocked) lockedCounts[assigned[i]]++;

  const capacity = members.map((m) => m.length);
  const quota = Math.floor(count / bins);
  const caps =
    choice.remainder === "random" && quota > 0
      ? capacity.map((c, b) => Math.max(Math.min(c, quota), lockedCounts[b]))
      : capacity;
  const quotas = evenQuotas(caps, lockedCounts, count);
  const chosen = new Set(isLocked);
  members.forEach((m, b) => {
    const free = m.filter((i) => !isLocked.has(i));
    for (const i of drawWithoutReplacement(free, quotas[b] - lockedCounts[b], random))
      chosen.add(i);
  });
  if (chosen.size < count) {
    const left = values.map((_, i) => i).filter((i) => !chosen.has(i));
    for (const i of drawWithoutReplacement(left, count - chosen.size, random)) chosen.add(i);
  }
  return [...chosen].sort((a, b) => a - b);
}

/**
 * Shannon entropy of counts over bins in nats: −Σ p ln p.
 * NaN rule: empty bins add nothing; no counts at all give 0.
 */
export function binEntropy(counts: readonly number[]): number {
  const total = counts.reduce((a, b) => a + b, 0);
  if (total === 0) return 0;
  let sum = 0;
  for (const c of counts) if (c > 0) sum -= (c / total) * Math.log(c / total);
  return sum;
}

/** Entropy of the chosen counts as a share of ln(min(size, filled bins)); 1 = as even as can be, also for at most one bin. */
export function binBalance(selected: readonly number[], population: readonly number[]): number {
  const size = selected.reduce((a, b) => a + b, 0);
  const reachable = Math.min(size, population.filter((p) => p > 0).length);
  return reachable > 1 ? binEntropy(selected) / Math.log(reachable) : 1;
}

function extremes(values: readonly number[]): { min: number; max: number } {
  let min = Infinity;
  let max = -Infinity;
  for (const v of values) {
    if (v < min) min = v;
    if (v > max) max = v;
  }
  return { min, max };
}

/** Linear interpolation between order statistics (numpy's default), q from 0 to 1; NaN for no values. */
export function percentileOf(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) return NaN;
  const place = q * (sorted.length - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
}

/**
 * `compute_statistics` of the protocol: variance and standard deviation with n − 1.
 * NaN rule: everything is NaN for no values, sd and variance for one value.
 */
export function defocusStatistics(values: readonly number[]): DefocusStatistics {
  const count = values.length;
  const sorted = Float64Array.from(values).sort();
  const min = count > 0 ? sorted[0] : NaN;
  const max = count > 0 ? sorted[count - 1] : NaN;
  let sum = 0;
  for (const v of sorted) sum += v;
  const mean = count > 0 ? sum / count : NaN;
  let squares = 0;
  for (const v of sorted) squares += (v - mean) ** 2;
  const variance = count > 1 ? squares / (count - 1) : NaN;
  return {
    count,
    min,
    max,
    range: max - min,
    mean,
    median: percentileOf(sorted, 0.5),
    sd: Math.sqrt(variance),
    variance,
  };
}
