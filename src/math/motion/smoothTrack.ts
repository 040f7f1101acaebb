/** A displacement over time whose errors are known, made likelier by what tracks have in common: they are smooth. */
export interface SmoothTrack {
  /** One array per axis, mean 0 over time, px. */
  readonly axes: readonly Float64Array[];
  /** sd of what is left of the error, all axes together, px. */
  readonly errorPx: number;
}

/** Powers of ten of the variances that are tried, over the variance of the error; and none. */
const FIRST_POWER = -3;
const LAST_POWER = 3;
/** Stands for "nothing is known before the first frame": variance over that of the data. */
const DIFFUSE = 1e7;
const NATS = 1e-6;
/** Variance of a jitter that stages and specimens have, px². */
const USUAL_JITTER = 0.3 ** 2;
/** The variance of errors is at most so many times more than it was said to be. */
const MOST_EXCESS = 8;

/**
 * Posterior mean of a track measured with independent normal errors of variance `noise` (px², one axis), under
 *   level(t+1) = level(t) + velocity(t) + N(0, walk),  velocity(t+1) = velocity(t) + N(0, bend),
 *   position(t) = level(t) + N(0, jitter),
 * the local linear trend of Harvey, Forecasting, Structural Time Series Models and the Kalman Filter (1989),
 * §2.3, with the three variances of each axis by maximum likelihood: a drift that bends slowly is averaged
 * over many frames, a jump or a jitter that the data show is left as it is. Exact, by a Kalman filter and the
 * smoother of Rauch, Tung and Striebel: O(frames) for each set of variances.
 *
 * Errors and jitter are told apart by `noise` alone, which knows the curvature of a maximum but not that the
 * wrong one may be the highest: where errors are large, a jitter beyond the usual counts as error too.
 * @param axes   measured displacements, px; frames named in `missing` say nothing
 * @param noise  variance of the error of one frame and axis, px²; not positive: the axes come back as they are
 */
export function smoothTrack(
  axes: readonly Float64Array[],
  noise: number,
  missing: readonly number[] = [],
): SmoothTrack {
  const T = axes[0].length;
  if (!(noise > 0) || T - missing.length < 4)
    return {
      axes: axes.map(withoutMean),
      errorPx: Math.sqrt(axes.length * Math.max(0, noise)),
    };
  const seen = new Uint8Array(T).fill(1);
  for (const t of missing) seen[t] = 0;
  let variance = 0;
  const smooth = axes.map((axis) => {
    const likely = likeliestTrend(axis, seen, noise);
    const excess = Math.min(
      Math.max(0, likely.jitter - USUAL_JITTER),
      (MOST_EXCESS * noise * noise) / (noise + USUAL_JITTER),
    );
    const trend = { ...likely, jitter: likely.jitter - excess, noise: noise + excess };
    const share = trend.jitter / (trend.jitter + trend.noise);
    const { level, levelVariance } = smoothed(axis, seen, trend);
    for (let t = 0; t < T; t++)
      variance +=
        (seen[t]
          ? (1 - share) ** 2 * levelVariance[t] + share * trend.noise
          : levelVariance[t] + trend.jitter) / T;
    return withoutMean(level.map((l, t) => (seen[t] ? l + share * (axis[t] - l) : l)));
  });
  return { axes: smooth, errorPx: Math.sqrt(variance) };
}

/** Maximum likelihood over decades, then half decades beside the best. */
function likeliestTrend(axis: Float64Array, seen: Uint8Array, noise: number): Trend {
  // The largest spread of the data bounds the variances that can be meant.
  let spread = noise;
  withoutMean(axis).forEach((v, t) => {
    if (seen[t]) spread = Math.max(spread, v * v);
  });
  const most = Math.max(LAST_POWER, Math.ceil(Math.log10(spread / noise)));
  const decades = [0];
  for (let p = FIRST_POWER; p <= most; p++) decades.push(noise * 10 ** p);
  let best: Trend = { walk: noise * 10 ** most, bend: 0, jitter: 0, noise, spread };
  let highest = -Infinity;
  const search = (walks: number[], bends: number[], jitters: number[]): void => {
    for (const walk of walks)
      for (const bend of bends)
        for (const jitter of jitters) {
          const trend = { walk, bend, jitter, noise, spread };
          const logLikelihood = likelihood(axis, seen, trend);
          if (logLikelihood > highest + NATS) [best, highest] = [trend, logLikelihood];
        }
  };
  search(decades, decades, decades);
  const near = (v: number): number[] => [v / Math.sqrt(10), v, v * Math.sqrt(10)];
  search(near(best.walk), near(best.bend), near(best.jitter));
  return best;
}

interface Trend {
  readonly walk: number;
  readonly bend: number;
  readonly jitter: number;
  readonly noise: number;
  readonly spread: number;
}

/** State of the filter: level, velocity and the three different entries of their covariance. */
interface Filter {
  l: number;
  v: number;
  ll: number;
  lv: number;
  vv: number;
}

function started({ spread }: Trend): Filter {
  return { l: 0, v: 0, ll: DIFFUSE * spread, lv: 0, vv: DIFFUSE * spread };
}

function predict(f: Filter, { walk, bend }: Trend): void {
  f.l += f.v;
  f.ll += 2 * f.lv + f.vv + walk;
  f.lv += f.vv;
  f.vv += bend;
}

/** Takes one value in; the nats of its surprise. */
function update(f: Filter, y: number, error: number): number {
  const S = f.ll + error;
  const e = y - f.l;
  const kl = f.ll / S;
  const kv = f.lv / S;
  f.l += kl * e;
  f.v += kv * e;
  f.vv -= kv * f.lv;
  // In this form the variance of the level keeps its digits when it falls from diffuse to small.
  f.lv = (f.lv * error) / S;
  f.ll = (f.ll * error) / S;
  return -0.5 * (Math.log(S) + (e * e) / S);
}

/** Log-likelihood of all values but the first two, which only tell where the track begins. */
function likelihood(axis: Float64Array, seen: Uint8Array, trend: Trend): number {
  let sum = 0;
  let count = 0;
  const f = started(trend);
  for (let t = 0; t < axis.length; t++) {
    if (t > 0) predict(f, trend);
    if (seen[t] === 0) continue;
    const nats = update(f, axis[t], trend.jitter + trend.noise);
    if (++count > 2) sum += nats;
  }
  return sum;
}

/** Filter forwards, smoother backwards: mean and variance of the level in every frame. */
function smoothed(
  axis: Float64Array,
  seen: Uint8Array,
  trend: Trend,
): { level: Float64Array; levelVariance: Float64Array } {
  const T = axis.length;
  const before: Filter[] = [];
  const after: Filter[] = [];
  const f = started(trend);
  for (let t = 0; t < T; t++) {
    if (t > 0) predict(f, trend);
    before.push({ ...f });
    if (seen[t] !== 0) update(f, axis[t], trend.jitter + trend.noise);
    after.push({ ...f });
  }
  const level = new Float64Array(T);
  const levelVariance = new Float64Array(T);
  let s = after[T - 1];
  level[T - 1] = s.l;
  levelVariance[T - 1] = s.ll;
  for (let t = T - 2; t >= 0; t--) {
    const a = after[t];
    const p = before[t + 1];
    const det = p.ll * p.vv - p.lv * p.lv;
    // Gain C = A Fᵀ P⁻¹ with F = [[1, 1], [0, 1]].
    const al = a.ll + a.lv;
    const av = a.lv + a.vv;
    const c11 = (al * p.vv - a.lv * p.lv) / det;
    const c12 = (a.lv * p.ll - al * p.lv) / det;
    const c21 = (av * p.vv - a.vv * p.lv) / det;
    const c22 = (a.vv * p.ll - av * p.lv) / det;
    const dl = s.l - p.l;
    const dv = s.v - p.v;
    const e11 = s.ll - p.ll;
    const e12 = s.lv - p.lv;
    const e22 = s.vv - p.vv;
    s = {
      l: a.l + c11 * dl + c12 * dv,
      v: a.v + c21 * dl + c22 * dv,
      ll: a.ll + c11 * c11 * e11 + 2 * c11 * c12 * e12 + c12 * c12 * e22,
      lv: a.lv + c11 * c21 * e11 + (c11 * c22 + c12 * c21) * e12 + c12 * c22 * e22,
      vv: a.vv + c21 * c21 * e11 + 2 * c21 * c22 * e12 + c22 * c22 * e22,
    };
    level[t] = s.l;
    levelVariance[t] = Math.max(0, s.ll);
  }
  return { level, levelVariance };
}

function withoutMean(axis: Float64Array): Float64Array {
  let sum = 0;
  for (const v of axis) sum += v;
  return axis.map((v) => v - sum / axis.length);
}
