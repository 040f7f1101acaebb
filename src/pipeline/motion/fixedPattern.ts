import type { CancelSignal } from "#src/domain/cancel.ts";
import type { PatchCorrelation } from "#src/compute/motionCompute.ts";
import { patchSideBelow, sineWindow } from "#src/math/motion/patchEngine.ts";
import type { PatchPlace } from "#src/math/motion/patchEngine.ts";
import { separatePowers } from "#src/math/motion/ringPowers.ts";
import type { RingPowers } from "#src/math/motion/ringPowers.ts";

/** Side of the patches in which what is at rest is estimated, binned px. */
const SIDE = 128;
/** Patches that decide whether there is a pattern at all. */
const SAMPLES = 24;
/** A ring shows a pattern when T·P/N exceeds this, and 5 sd of its own noise. */
const LEAST = 0.05;
/**
 * Pull of the pattern on the correlations against the specimen's ({@link FixedPattern.pull}) from which
 * it is taken out before, or after, local motion is known: unknown local motion looks like a pattern.
 */
export const STRONG_PULL = 0.3;
export const LEAST_PULL = 0.03;
/** sd of |Σphase/T|² between coefficients of a ring, at most. */
const OVERLAP_SPREAD = 0.4;

/** Displacements of the specimen at a place of the binned frame, `[t][x, y]`. */
export type FieldAt = (x: number, y: number) => Float64Array;

export function evenPositions(size: number, side: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) =>
    count === 1 ? Math.round((size - side) / 2) : Math.round((i * (size - side)) / (count - 1)),
  );
}

/** Every (n−1)/(count−1)-th of n indices, without repeats. */
export function spreadIndices(n: number, count: number): number[] {
  const m = Math.min(n, count);
  return [
    ...new Set(Array.from({ length: m }, (_, i) => Math.floor((i * (n - 1)) / Math.max(1, m - 1)))),
  ];
}

export interface FixedPattern {
  /** What is at rest, `[height, width]` of the binned frame; null where it pulls less than `leastPull`. */
  readonly image: Float32Array | null;
  /**
   * Curvature that the pattern gives to correlations over that of the specimen:
   * Σ m f² w P / Σ m f² w S, w = S/(N²(1 + T S/N)). 0 where no ring shows a pattern.
   */
  readonly pull: number;
  /** sd of the pattern over that of the noise in a binned frame, from the patches that decide. */
  readonly overNoise: number;
  /** rms error of displacements by what is left of it where the two are not told apart, binned px. */
  readonly bias: number;
}

const NONE: FixedPattern = { image: null, pull: 0, overNoise: 0, bias: 0 };

/**
 * Joint Wiener estimate of what is at rest on the detector while the specimen moves by `field`
 * (alignment recipe, step 3). A few patches decide whether it is worth taking out.
 */
export async function estimateFixedPattern(
  patches: PatchCorrelation,
  width: number,
  height: number,
  frames: number,
  field: FieldAt,
  leastPull: number,
  signal?: CancelSignal,
): Promise<FixedPattern> {
  const side = patchSideBelow(Math.min(SIDE, width, height));
  if (side < 16 || frames < 2) return NONE;
  const positions = (size: number): number[] =>
    evenPositions(size, side, Math.max(2, Math.ceil((size - side) / (side / 2)) + 1));
  const xs = positions(width);
  const ys = positions(height);
  const places: PatchPlace[] = ys.flatMap((y) =>
    xs.map((x) => ({ x, y, displacement: field(x + (side - 1) / 2, y + (side - 1) / 2) })),
  );
  const sample = spreadIndices(places.length, SAMPLES).map((i) => places[i]);
  const moments = await patches.restMoments(side, sample);
  const counts = ringCounts(side);
  const energy = (side * side) / 4;
  const [still, aligned, single, overlap] = moments.map((m, which) =>
    m.map((v, r) => {
      const mean = v / (Math.max(1, counts[r]) * sample.length);
      if (which === 3) return mean / (frames * frames);
      return mean / energy / (which === 2 ? frames : frames * frames);
    }),
  );
  const powers = separatePowers(still, aligned, single, overlap, frames);
  const rest = new Float64Array(still.length);
  const moving = new Float64Array(still.length);
  let pulling = 0;
  let holding = 0;
  let patternPower = 0;
  let noisePower = 0;
  for (let r = 0; r < rest.length; r++) {
    const N = powers.noise[r];
    const S = powers.specimen[r];
    const independent = Math.max(1e-9, counts[r] * sample.length * 0.2);
    const limit = Math.max(LEAST, 5 * Math.sqrt(2 / independent));
    // The overlap differs from coefficient to coefficient: so far may a strong specimen be taken for a pattern.
    const mistaken = (5 * OVERLAP_SPREAD * S) / Math.sqrt(independent);
    const shown = powers.pattern[r] > mistaken && (powers.pattern[r] * frames) / N > limit;
    const P = shown ? powers.pattern[r] : 0;
    const weight = (counts[r] * r * r * S) / (N * N * (1 + (frames * S) / N));
    pulling += weight * P;
    holding += weight * S;
    patternPower += counts[r] * P;
    noisePower += counts[r] * N;
    rest[r] = P > 0 ? frames + N / P : Infinity;
    moving[r] = frames + N / Math.max(S, 1e-6 * N);
  }
  const overNoise = Math.sqrt(patternPower / Math.max(noisePower, 1e-30));
  // Nothing that holds against the pattern: it pulls as strongly as can be.
  const pull = patternPower > 0 ? (holding > 0 ? pulling / holding : Infinity) : 0;
  if (patternPower === 0) return NONE;
  const taken = pull >= leastPull;
  // The middle, and the middles of the quarters.
  const corners = [0.5, 0.25, 0.75].flatMap((v) =>
    (v === 0.5 ? [0.5] : [0.25, 0.75]).map((u) => field(u * (width - 1), v * (height - 1))),
  );
  const squares = corners.map((d) => biasOf(powers, rest, side, d, taken) ** 2);
  const bias = Math.sqrt(squares.reduce((x, y) => x + y, 0) / squares.length);
  if (!taken) return { image: null, pull, overNoise, bias };
  const sum = await patches.restPattern(side, places, rest, moving, signal);
  const window = sineWindow(side);
  const cover = (size: number, at: readonly number[]): Float64Array => {
    const out = new Float64Array(size);
    for (const start of at) for (let i = 0; i < side; i++) out[start + i] += window[i] ** 2;
    return out;
  };
  const coverX = cover(width, xs);
  const coverY = cover(height, ys);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) sum[y * width + x] /= 1e-3 + coverX[x] * coverY[y];
  return { image: sum, pull, overNoise, bias };
}

/**
 * Error that the pattern that is left makes, to first order: at each frame the slope of its correlation
 * with the others over the curvature of the specimen's and its own,
 *   Σ m 2πk w P' Im(e_t conj(A)) / Σ m (2πk)² w (T S + P' |A|²/T), e_t = e^{2πi k·d_t}, A = Σ_t e_t.
 * P' = P where nothing was taken out, else the posterior variance of the joint estimate,
 *   P' = (1/S + T/N) / ((1/S + T/N)(1/P + T/N) − |A|²/N²).
 * Rings in which the two were not told apart are taken to have the noise-relative pattern of those in
 * which they were (median): pixel gains are white. rms over frames, both axes, px.
 * @param rest T + N/P by ring, Infinity where nothing was taken out
 */
function biasOf(
  { specimen, pattern, noise }: RingPowers,
  rest: Float64Array,
  side: number,
  displacements: Float64Array,
  taken: boolean,
): number {
  const T = displacements.length / 2;
  const shown = Array.from(rest, (v, r) => (Number.isFinite(v) ? pattern[r] / noise[r] : 0))
    .filter((v) => v > 0)
    .sort((a, b) => a - b);
  const typical = shown[shown.length >> 1];
  const kept = side / 2 - 1;
  const slope = new Float64Array(2 * T);
  const curvature = [0, 0];
  const re = new Float64Array(T);
  const im = new Float64Array(T);
  for (let k = -kept; k <= kept; k++)
    for (let i = 0; i <= kept; i++) {
      const r = Math.min(Math.floor(Math.hypot(k, i) / 2), rest.length - 1);
      const told = Number.isFinite(rest[r]);
      const N = noise[r];
      const P = told ? pattern[r] : typical * N;
      const S = Math.max(specimen[r] - (told ? 0 : P), 0.05 * specimen[r], 1e-6 * N);
      let sumRe = 0;
      let sumIm = 0;
      for (let t = 0; t < T; t++) {
        const angle =
          (2 * Math.PI * (i * displacements[2 * t] + k * displacements[2 * t + 1])) / side;
        re[t] = Math.cos(angle);
        im[t] = Math.sin(angle);
        sumRe += re[t];
        sumIm += im[t];
      }
      const overlap = sumRe * sumRe + sumIm * sumIm;
      const a = 1 / S + T / N;
      const left = taken && told ? a / (a * (1 / P + T / N) - overlap / (N * N)) : P;
      const weight = ((i === 0 ? 1 : 2) * S) / (N * N * (1 + (T * S) / N));
      const f = [(2 * Math.PI * i) / side, (2 * Math.PI * k) / side];
      for (const axis of [0, 1]) {
        curvature[axis] += weight * f[axis] ** 2 * (T * S + (left * overlap) / T);
        const step = weight * f[axis] * left;
        for (let t = 0; t < T; t++) slope[2 * t + axis] += step * (im[t] * sumRe - re[t] * sumIm);
      }
    }
  let square = 0;
  for (let t = 0; t < T; t++)
    for (const axis of [0, 1])
      if (curvature[axis] > 0) square += (slope[2 * t + axis] / curvature[axis]) ** 2;
  return Math.sqrt(square / T);
}

/** Coefficients of each ring of PatchEngine.restMoments. */
function ringCounts(side: number): Float64Array {
  const rings = side / 4 + 1;
  const out = new Float64Array(rings);
  const kept = side / 2 - 1;
  for (let k = -kept; k <= kept; k++)
    for (let i = 0; i <= kept; i++)
      out[Math.min(Math.floor(Math.hypot(k, i) / 2), rings - 1)] += i === 0 ? 1 : 2;
  return out;
}
