import type { CancelSignal } from "#src/domain/cancel.ts";
import type { PatchCorrelation } from "#src/compute/motionCompute.ts";
import { patchSideBelow, sineWindow } from "#src/math/motion/patchEngine.ts";
import type { PatchPlace } from "#src/math/motion/patchEngine.ts";
import { patternBias } from "#src/math/motion/patternBias.ts";
import { jointLikelihood, separatePowers, typicalPattern } from "#src/math/motion/ringPowers.ts";

/** Side of the patches in which what is at rest is estimated, binned px. */
const SIDE = 128;
/** Patches that decide whether there is a pattern at all. */
const SAMPLES = 24;
/** Patches in which fields are compared. */
const JUDGES = 64;
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
/** Independent coefficients of a windowed patch, of all of them. */
const INDEPENDENT = 0.2;

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
  /** Pattern over noise in rings where the two are not told apart ({@link typicalPattern}). */
  readonly typical: number;
}

const NONE: FixedPattern = { image: null, pull: 0, overNoise: 0, bias: 0, typical: 0 };

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
  const tiling = tile(width, height, frames, field);
  if (tiling === null) return NONE;
  const { side, xs, ys, places } = tiling;
  const sample = spreadIndices(places.length, SAMPLES).map((i) => places[i]);
  const { still, aligned, single, overlap, independent } = await measureRest(
    patches,
    side,
    sample,
    frames,
  );
  const counts = ringCounts(side);
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
    const limit = Math.max(LEAST, 5 * Math.sqrt(2 / independent[r]));
    // The overlap differs from coefficient to coefficient: so far may a strong specimen be taken for a pattern.
    const mistaken = (5 * OVERLAP_SPREAD * S) / Math.sqrt(independent[r]);
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
  const typical = typicalPattern(
    { still, aligned, single, overlap },
    frames,
    independent,
    OVERLAP_SPREAD,
  );
  if (patternPower === 0 && typical === 0) return NONE;
  const taken = patternPower > 0 && pull >= leastPull;
  // The middle, and the middles of the quarters.
  const corners = [0.5, 0.25, 0.75].flatMap((v) =>
    (v === 0.5 ? [0.5] : [0.25, 0.75]).map((u) => field(u * (width - 1), v * (height - 1))),
  );
  const squares = corners.map((d) => patternBias(powers, rest, typical, side, d, taken) ** 2);
  const bias = Math.sqrt(squares.reduce((x, y) => x + y, 0) / squares.length);
  if (!taken) return { image: null, pull, overNoise, bias, typical };
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
  return { image: sum, pull, overNoise, bias, typical };
}

/**
 * Log-likelihood of the frames as they are, nats up to a constant of the movie, if the specimen moves by
 * `field` and something else is at rest ({@link jointLikelihood}); null where frames are too small or few.
 */
export async function fieldLikelihood(
  patches: PatchCorrelation,
  width: number,
  height: number,
  frames: number,
  field: FieldAt,
): Promise<number | null> {
  const tiling = tile(width, height, frames, field);
  if (tiling === null) return null;
  const { side, places } = tiling;
  const sample = spreadIndices(places.length, JUDGES).map((i) => places[i]);
  const { still, aligned, single, overlap, independent } = await measureRest(
    patches,
    side,
    sample,
    frames,
  );
  const powers = separatePowers(still, aligned, single, overlap, frames);
  // The lowest ring is ice and illumination.
  return jointLikelihood(
    powers,
    overlap,
    frames,
    independent.map((n, r) => (r === 0 ? 0 : n)),
  );
}

interface Tiling {
  readonly side: number;
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  readonly places: readonly PatchPlace[];
}

/** Patches at half overlap over the whole frame. */
function tile(width: number, height: number, frames: number, field: FieldAt): Tiling | null {
  const side = patchSideBelow(Math.min(SIDE, width, height));
  if (side < 16 || frames < 2) return null;
  const positions = (size: number): number[] =>
    evenPositions(size, side, Math.max(2, Math.ceil((size - side) / (side / 2)) + 1));
  const xs = positions(width);
  const ys = positions(height);
  const centre = (corner: number): number => corner + (side - 1) / 2;
  const places = ys.flatMap((y) =>
    xs.map((x) => ({ x, y, displacement: field(centre(x), centre(y)) })),
  );
  return { side, xs, ys, places };
}

/** m0, m1, m and a of {@link separatePowers} by ring, and coefficients of each ring that are independent. */
async function measureRest(
  patches: PatchCorrelation,
  side: number,
  sample: readonly PatchPlace[],
  frames: number,
): Promise<Record<"still" | "aligned" | "single" | "overlap" | "independent", Float64Array>> {
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
  const independent = counts.map((n) => Math.max(1e-9, n * sample.length * INDEPENDENT));
  return { still, aligned, single, overlap, independent };
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
