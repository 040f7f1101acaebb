import { astigmatismA, samplingDefocus } from "#src/domain/ctf.ts";
import type {
  CtfEstimate,
  CtfFilters,
  DefocusSample,
  LeftOut,
  SampleOptions,
} from "#src/domain/ctf.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import { createRandom } from "./random.ts";
import {
  assignBins,
  balancedSampling,
  balancedSamplingParity,
  binBalance,
  binEdges,
  defocusStatistics,
  percentileOf,
} from "./sampling.ts";

/** Why filters leave an estimate out, or null. Values that the table lacks pass every filter. */
export function filterReason(estimate: CtfEstimate, filters: CtfFilters): string | null {
  const above = (value: number | null, limit: number | null): boolean =>
    value !== null && limit !== null && value > limit;
  const below = (value: number | null, limit: number | null): boolean =>
    value !== null && limit !== null && value < limit;
  if (above(estimate.resolutionA, filters.maxResolutionA))
    return `resolution worse than ${filters.maxResolutionA} Å`;
  if (above(astigmatismA(estimate), filters.maxAstigmatismA))
    return `astigmatism above ${filters.maxAstigmatismA} Å`;
  if (below(estimate.figureOfMerit, filters.minFigureOfMerit))
    return `figure of merit below ${filters.minFigureOfMerit}`;
  if (below(estimate.phaseShiftDeg, filters.minPhaseShiftDeg))
    return `phase shift below ${filters.minPhaseShiftDeg}°`;
  if (above(estimate.phaseShiftDeg, filters.maxPhaseShiftDeg))
    return `phase shift above ${filters.maxPhaseShiftDeg}°`;
  if (above(estimate.iceDensity, filters.maxIceDensity))
    return `ice above ${filters.maxIceDensity}`;
  return null;
}

/**
 * Why each estimate is left out of the population, or null where it is in it. Failed fits come first, then what
 * the table disables, repeated micrographs, exclusions by hand (which locking does not undo) and filters.
 * In parity mode only estimates without a finite defocus U are left out, as the original knows none of these.
 */
export function leftOutReasons(
  estimates: readonly CtfEstimate[],
  options: SampleOptions,
): (string | null)[] {
  if (options.parity)
    return estimates.map((e) => (Number.isFinite(e.defocusU) ? null : "no finite defocus"));
  const excluded = new Set(options.excluded);
  const locked = new Set(options.locked);
  const repeated = repeatedRows(estimates);
  const filtered = Object.values(options.filters).some((limit) => limit !== null);
  return estimates.map((e, i) => {
    if (e.failure !== null) return e.failure;
    if (e.disabled !== null) return e.disabled;
    if (repeated[i] === 1) return "listed again";
    if (excluded.size > 0 && excluded.has(e.micrograph)) return "left out by hand";
    if (!filtered || locked.has(e.micrograph)) return null;
    return filterReason(e, options.filters);
  });
}

const repeatedOf = new WeakMap<readonly CtfEstimate[], Uint8Array>();

/** 1 where a usable estimate of the same micrograph stands further up. Kept for each list, as it is asked for at every drag. */
function repeatedRows(estimates: readonly CtfEstimate[]): Uint8Array {
  const known = repeatedOf.get(estimates);
  if (known !== undefined) return known;
  const repeated = new Uint8Array(estimates.length);
  const seen = new Set<string>();
  estimates.forEach((e, i) => {
    if (e.failure !== null || e.disabled !== null) return;
    if (seen.has(e.micrograph)) repeated[i] = 1;
    else seen.add(e.micrograph);
  });
  repeatedOf.set(estimates, repeated);
  return repeated;
}

function countReasons(reasons: readonly (string | null)[]): LeftOut[] {
  const counts = new Map<string, number>();
  for (const r of reasons) if (r !== null) counts.set(r, (counts.get(r) ?? 0) + 1);
  return [...counts].map(([reason, count]) => ({ reason, count }));
}

/**
 * Edges of the bins in Å for the values of a population. "robust": inner edges divide the span from the 1st to
 * the 99th percentile equally, and the end bins reach to minimum and maximum, so that one absurd value widens
 * nothing. Edges by hand are inner edges; those outside the values are kept.
 */
export function edgesFor(values: readonly number[], options: SampleOptions): number[] {
  const sorted = Float64Array.from(values).sort();
  const min = sorted[0];
  const max = sorted[sorted.length - 1];
  if (options.innerEdges !== null) {
    const inner = options.innerEdges;
    return [Math.min(min, inner[0] ?? min), ...inner, Math.max(max, inner.at(-1) ?? max)];
  }
  if (options.parity || options.range === "all") return binEdges(min, max, options.bins);
  const edges = binEdges(percentileOf(sorted, 0.01), percentileOf(sorted, 0.99), options.bins);
  edges[0] = min;
  edges[options.bins] = max;
  return edges;
}

/** Refuses options that make no sense, naming the value. */
export function checkSampleOptions(options: SampleOptions): void {
  const whole = (name: string, value: number, low: number, high: number): void => {
    if (!Number.isInteger(value) || value < low || value > high)
      throw new CryoloupeError(
        "bad-arguments",
        `${name} is a whole number from ${low} to ${high}, not ${value}.`,
      );
  };
  whole("The number of micrographs", options.count, 1, 1e7);
  whole("The number of bins", options.bins, 1, 1000);
  whole("The smallest number to wait for", options.minImages, 0, 1e7);
  whole("The seed", options.seed, 0, 0xffffffff);
  const inner = options.innerEdges ?? [];
  for (let i = 0; i < inner.length; i++)
    if (!Number.isFinite(inner[i]) || (i > 0 && inner[i] <= inner[i - 1]))
      throw new CryoloupeError("bad-arguments", "Bin edges are finite and ascend.");
}

/** Chooses the sample: who may be drawn, bins, draw, and the numbers to judge it by. The same seed gives the same sample everywhere. */
export function sampleEstimates(
  estimates: readonly CtfEstimate[],
  options: SampleOptions,
  reasons: readonly (string | null)[] = leftOutReasons(estimates, options),
): DefocusSample {
  checkSampleOptions(options);
  const members = estimates.filter((_, i) => reasons[i] === null);
  const leftOut = countReasons(reasons);
  if (members.length === 0)
    throw new CryoloupeError(
      "not-enough-data",
      estimates.length === 0
        ? "The table holds no CTF estimate to sample from."
        : `None of ${estimates.length} CTF estimates is left to sample from: ${leftOut.map((l) => `${l.count} ${l.reason}`).join(", ")}. Loosen the limits.`,
    );
  const values = members.map(options.parity ? storedDefocus : samplingDefocus);
  const edges = edgesFor(values, options);
  const random = createRandom(options.seed);
  const chosen = options.parity
    ? balancedSamplingParity(values, options.count, random, options.bins)
    : balancedSampling(
        {
          values,
          edges,
          count: options.count,
          remainder: options.remainder,
          locked: lockedIndices(members, options.locked),
        },
        random,
      );

  return describeSample(members, values, edges, chosen, {
    leftOut,
    notes: notesOf(members, options, chosen.length),
  });
}

const storedDefocus = (e: CtfEstimate): number => e.defocusU;

/**
 * The population by bins before anything is drawn from it, to be shown while more is waited for; null where there
 * is none. Nothing is selected in it.
 */
export function undrawnSample(
  estimates: readonly CtfEstimate[],
  options: SampleOptions,
  reasons: readonly (string | null)[] = leftOutReasons(estimates, options),
): DefocusSample | null {
  checkSampleOptions(options);
  const members = estimates.filter((_, i) => reasons[i] === null);
  if (members.length === 0) return null;
  const values = members.map(options.parity ? storedDefocus : samplingDefocus);
  const leftOut = countReasons(reasons);
  return describeSample(members, values, edgesFor(values, options), [], { leftOut, notes: [] });
}

/** Bins, balance and statistics of what was chosen (places in `members`). */
function describeSample(
  members: readonly CtfEstimate[],
  values: readonly number[],
  edges: readonly number[],
  chosen: readonly number[],
  said: Pick<DefocusSample, "leftOut" | "notes">,
): DefocusSample {
  const assigned = assignBins(values, edges);
  const population = new Array<number>(edges.length - 1).fill(0);
  const selected = population.slice();
  for (const bin of assigned) population[bin]++;
  for (const i of chosen) selected[assigned[i]]++;
  return {
    rows: chosen.map((i) => members[i].row),
    populationRows: members.map((m) => m.row),
    bins: population.map((count, b) => ({
      from: edges[b],
      to: edges[b + 1],
      population: count,
      selected: selected[b],
    })),
    balance: binBalance(selected, population),
    population: defocusStatistics(values),
    sample: defocusStatistics(chosen.map((i) => values[i])),
    ...said,
    summary: `From ${members.length} micrographs extract a balanced defocus sample of: ${chosen.length} micrographs`,
  };
}

/** Whether a growing table is ready to be sampled: enough estimates that can be used, or no more to come. */
export function sampleReadiness(
  usable: number,
  minImages: number,
  closed: boolean,
): { readonly ready: boolean; readonly note: string | null } {
  if (usable >= minImages) return { ready: true, note: null };
  if (!closed) return { ready: false, note: `${usable} of ${minImages} arrived` };
  return {
    ready: true,
    note: `Fewer estimates than the ${minImages} to wait for: ${usable}. The table is closed, so they were sampled.`,
  };
}

function lockedIndices(members: readonly CtfEstimate[], locked: readonly string[]): number[] {
  if (locked.length === 0) return [];
  const names = new Set(locked);
  return members.flatMap((m, i) => (names.has(m.micrograph) ? [i] : []));
}

function notesOf(
  members: readonly CtfEstimate[],
  options: SampleOptions,
  chosen: number,
): string[] {
  const notes: string[] = [];
  const swapped = members.filter((m) => m.defocusV > m.defocusU).length;
  if (swapped > 0 && !options.parity)
    notes.push(
      `In ${swapped} of ${members.length} rows V is larger than U; the larger one counts in sampling.`,
    );
  const failed = members.filter((m) => m.failure !== null).length;
  if (failed > 0)
    notes.push(`${failed} failed fits are in the population, as in the original procedure.`);
  if (chosen < options.count)
    notes.push(
      `${options.count} were wanted, ${members.length} can be drawn from: all were taken.`,
    );
  if (chosen > options.count)
    notes.push(`${chosen} are locked, more than the ${options.count} wanted.`);
  return notes;
}
