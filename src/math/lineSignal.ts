import type { LineSignal } from "#src/domain/gainEstimate.ts";

/** Segments that lines are cut into, at the most, and their least length, px. */
const SEGMENTS = 16;
const LEAST_SEGMENT = 16;
/** Lines on either side that a line is held against: slower structure may be the specimen's. */
const REACH = 16;

/** Profiles of one direction: for each segment, the mean of every line over it. */
interface Profiles {
  /** Σ and counts of good pixels, `[segments, lines]`. */
  readonly sums: Float64Array;
  readonly counts: Float64Array;
  readonly lines: number;
  readonly segments: number;
}

const segmentsOf = (length: number): number =>
  Math.min(SEGMENTS, Math.floor(length / LEAST_SEGMENT));

/**
 * Variance of what whole rows and whole columns of a detector have in common, without an estimate of
 * them. Lines are cut into segments, k = 1 … K; p_k(y) is the mean of line y over its segment k, over
 * the mean of p_k within 16 lines on either side, less 1. What p_a and p_b have in common for segments
 * that are no neighbours, Σ_y p_a p_b / n, is the line's: noise and specimen of one segment are not in the
 * other, and slow waves, which ice makes too, are taken off. The standard error is a jackknife over segments.
 * @param sum  Σ_t R_t·C, `[height, width]`
 * @param bad  1 = left out
 * @returns null for pictures too small for four segments a line
 */
export function measureLineSignal(
  sum: Float32Array,
  bad: Uint8Array,
  width: number,
  height: number,
): LineSignal | null {
  const across = segmentsOf(width);
  const down = segmentsOf(height);
  if (Math.min(across, down) < 4) return null;
  const profiles = (lines: number, segments: number): Profiles => ({
    sums: new Float64Array(segments * lines),
    counts: new Float64Array(segments * lines),
    lines,
    segments,
  });
  const rows = profiles(height, across);
  const columns = profiles(width, down);
  for (let y = 0; y < height; y++) {
    const band = Math.floor((y * down) / height) * width;
    for (let k = 0; k < across; k++) {
      const end = Math.ceil(((k + 1) * width) / across);
      let total = 0;
      let count = 0;
      for (let x = Math.ceil((k * width) / across), i = y * width + x; x < end; x++, i++) {
        if (bad[i] !== 0) continue;
        const v = sum[i];
        total += v;
        count++;
        columns.sums[band + x] += v;
        columns.counts[band + x]++;
      }
      rows.sums[k * height + y] = total;
      rows.counts[k * height + y] = count;
    }
  }
  const [inRows, inColumns] = [rows, columns].map(common);
  return {
    variance: inRows.variance + inColumns.variance,
    noise: Math.hypot(inRows.noise, inColumns.noise),
  };
}

/** What the segments have in common, and the standard error of that. */
function common(profiles: Profiles): LineSignal {
  const { segments, lines } = profiles;
  const fast = Array.from({ length: segments }, (_, k) => fastPart(profiles, k));
  const mean = (left: number): number => {
    let total = 0;
    let pairs = 0;
    for (let a = 0; a < segments; a++)
      for (let b = a + 2; b < segments; b++)
        if (a !== left && b !== left) {
          total += products[a * segments + b];
          pairs++;
        }
    return total / pairs;
  };
  const products = new Float64Array(segments * segments);
  for (let a = 0; a < segments; a++)
    for (let b = a + 2; b < segments; b++) {
      let total = 0;
      for (let y = 0; y < lines; y++) total += fast[a][y] * fast[b][y];
      products[a * segments + b] = total / lines;
    }
  const variance = mean(-1);
  let squares = 0;
  for (let k = 0; k < segments; k++) squares += (mean(k) - variance) ** 2;
  return { variance, noise: Math.sqrt(((segments - 1) / segments) * squares) };
}

/** Lines of a segment over the mean of their neighbourhood, less 1, scaled so that white lines keep their variance. */
function fastPart({ sums, counts, lines }: Profiles, segment: number): Float64Array {
  const at = segment * lines;
  const fast = new Float64Array(lines);
  let total = 0;
  let count = 0;
  const take = (y: number, sign: number): void => {
    if (y < 0 || y >= lines || counts[at + y] === 0) return;
    total += (sign * sums[at + y]) / counts[at + y];
    count += sign;
  };
  for (let y = 0; y < REACH; y++) take(y, 1);
  for (let y = 0; y < lines; y++) {
    take(y + REACH, 1);
    take(y - REACH - 1, -1);
    if (counts[at + y] === 0 || count < 2 || !(total > 0)) continue;
    const value = sums[at + y] / counts[at + y];
    fast[y] = ((value * count) / total - 1) / Math.sqrt(1 - 1 / count);
  }
  return fast;
}

/** The signal of several movies of one detector: means with weight 1/u². */
export function combineLineSignals(signals: readonly LineSignal[]): LineSignal | null {
  if (signals.length === 0) return null;
  const weights = signals.map(({ noise }) => 1 / Math.max(noise, 1e-9) ** 2);
  const total = weights.reduce((a, b) => a + b, 0);
  return {
    variance: signals.reduce((sum, { variance }, i) => sum + weights[i] * variance, 0) / total,
    noise: 1 / Math.sqrt(total),
  };
}

/** Several movies of one detector: how many, and the mean variance of G in the estimates of each. */
export interface MovieSpread {
  readonly movies: number;
  readonly variance: number;
}

/**
 * What stays from movie to movie is no specimen either, slow structure included. Of the variance V̄ of
 * single estimates and V of all together, u = (V̄ − V)/(m − 1) is what specimens and noise leave in V, so
 * V − u is the detector's; its error is about u, for specimens of few large features.
 * @returns the surer of this and of what repeats along lines
 */
export function surerSignal(
  lines: LineSignal | null,
  spread: MovieSpread,
  variance: number,
): LineSignal | null {
  if (lines === null || spread.movies < 2) return lines;
  const noise = Math.max(0, spread.variance - variance) / (spread.movies - 1);
  const repeated = { variance: variance - noise, noise };
  const least = (s: LineSignal): number => s.variance - 2 * s.noise;
  return least(repeated) > least(lines) ? repeated : lines;
}
