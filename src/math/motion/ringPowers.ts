/**
 * Telling the moving specimen from what is at rest by power alone (alignment recipe, step 3):
 *
 *   m0 = |ΣF/T|² = a·S + P + N/T,  m1 = |ΣF·phase/T|² = S + a·P + N/T,  m = mean|F|² = S + P + N,
 *
 * with a = |Σphase/T|², for each ring of frequencies.
 */
export interface RingPowers {
  /** Power of the specimen, of the pattern at rest, and of white noise, per ring. */
  readonly specimen: Float64Array;
  readonly pattern: Float64Array;
  readonly noise: Float64Array;
}

/** Above this overlap the two cannot be told apart: all counts as specimen. */
const INSEPARABLE = 0.7;

/** Weighted mean of `values` in each ring; 0 where a ring is empty. */
export function ringMeans(
  values: ArrayLike<number>,
  ring: ArrayLike<number>,
  multiplicity: ArrayLike<number>,
  rings: number,
): Float64Array {
  const sum = new Float64Array(rings);
  const count = new Float64Array(rings);
  for (let i = 0; i < values.length; i++) {
    sum[ring[i]] += values[i] * multiplicity[i];
    count[ring[i]] += multiplicity[i];
  }
  return sum.map((v, r) => v / Math.max(count[r], 1e-9));
}

export function separatePowers(
  still: Float64Array,
  aligned: Float64Array,
  single: Float64Array,
  overlap: Float64Array,
  frames: number,
): RingPowers {
  const n = still.length;
  const specimen = new Float64Array(n);
  const pattern = new Float64Array(n);
  const noise = Float64Array.from(single);
  const T = frames;
  if (T < 2) return { specimen, pattern, noise };
  for (let i = 0; i < n; i++) {
    const a = overlap[i];
    if (a < INSEPARABLE) {
      const solved = solve3(a, T, still[i], aligned[i], single[i]);
      if (Math.min(...solved) > 0) {
        [specimen[i], pattern[i], noise[i]] = solved;
        continue;
      }
      if (solved[0] <= 0) {
        pattern[i] = Math.max((still[i] - single[i] / T) / (1 - 1 / T), 0);
        noise[i] = single[i] - pattern[i];
        continue;
      }
    }
    specimen[i] = Math.max((aligned[i] - single[i] / T) / (1 - 1 / T), 0);
    noise[i] = single[i] - specimen[i];
  }
  for (let i = 0; i < n; i++) noise[i] = Math.max(noise[i], 1e-12);
  return { specimen, pattern, noise };
}

/**
 * Log-likelihood of frames that hold a specimen, a pattern at rest and white noise of the powers that
 * {@link separatePowers} finds, at these powers, nats up to a constant of the movie:
 *   −½ Σ n (T log N + log((1 + TS/N)(1 + TP/N) − a T² SP/N²)).
 * The better the frames are told by the two, the less noise is left.
 * @param independent n, coefficients of each ring that are independent; 0 leaves a ring out
 */
export function jointLikelihood(
  { specimen, pattern, noise }: RingPowers,
  overlap: Float64Array,
  frames: number,
  independent: Float64Array,
): number {
  let sum = 0;
  for (let r = 0; r < noise.length; r++) {
    if (independent[r] === 0) continue;
    const s = (frames * specimen[r]) / noise[r];
    const p = (frames * pattern[r]) / noise[r];
    const det = (1 + s) * (1 + p) - overlap[r] * s * p;
    sum -= 0.5 * independent[r] * (frames * Math.log(noise[r]) + Math.log(Math.max(1, det)));
  }
  return sum;
}

/** Solves the three equations above for S, P, N. */
function solve3(a: number, T: number, m0: number, m1: number, m: number): [number, number, number] {
  // With S + P + N = m: m0 − m/T = S(a − 1/T) + P(1 − 1/T), m1 − m/T = S(1 − 1/T) + P(a − 1/T).
  const p = a - 1 / T;
  const q = 1 - 1 / T;
  const u = m0 - m / T;
  const v = m1 - m / T;
  const det = p * p - q * q;
  if (det === 0) return [0, 0, m];
  const specimen = (p * u - q * v) / det;
  const pattern = (p * v - q * u) / det;
  return [specimen, pattern, m - specimen - pattern];
}

/**
 * Pattern over noise that the rings have in common (a pixel gain is white): the median of their unclipped
 * P/N, each weighted by its certainty,
 *   sd(P/N) = √(1/n) √(2/T² + (spread·S/N)²)/(1 − a),
 * 0 where it is below twice its own error, and where no ring tells the two apart.
 * @param moments m0, m1, m, a by ring
 * @param independent n, coefficients of each ring that are independent
 * @param spread sd of a between coefficients of a ring
 */
export function typicalPattern(
  moments: {
    readonly still: Float64Array;
    readonly aligned: Float64Array;
    readonly single: Float64Array;
    readonly overlap: Float64Array;
  },
  frames: number,
  independent: Float64Array,
  spread: number,
): number {
  const { still, aligned, single, overlap } = moments;
  const votes: { value: number; weight: number }[] = [];
  let certainty = 0;
  for (let r = 0; r < still.length; r++) {
    const a = overlap[r];
    if (a >= INSEPARABLE || !(single[r] > 0)) continue;
    const [S, P, N] = solve3(a, frames, still[r], aligned[r], single[r]);
    if (!(N > 0)) continue;
    const sd =
      (Math.sqrt(1 / independent[r]) * Math.hypot(Math.SQRT2 / frames, (spread * S) / N)) / (1 - a);
    votes.push({ value: P / N, weight: 1 / sd });
    certainty += 1 / (sd * sd);
  }
  votes.sort((x, y) => x.value - y.value);
  let left = votes.reduce((sum, { weight }) => sum + weight, 0) / 2;
  for (const { value, weight } of votes) {
    left -= weight;
    if (left <= 0) return value * Math.sqrt(certainty) > 2 ? value : 0;
  }
  return 0;
}
