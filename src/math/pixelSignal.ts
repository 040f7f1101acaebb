import type { PixelSignal } from "#src/domain/gainEstimate.ts";
import { createRealFft2 } from "./fft.ts";
import type { RealFft2 } from "./fft.ts";
import { median } from "./orderStatistics.ts";

/** A cut of the picture, summed over each of a few consecutive runs of frames. */
export interface SplitPatch {
  readonly width: number;
  readonly height: number;
  /** Relative counts less 1, bad pixels 0, in order of time; `[height, width]` each. */
  readonly runs: readonly Float32Array<ArrayBuffer>[];
}

/** Frequencies that the pixel pattern is read from, cycles/px: beyond this, specimens are weakest. */
const PATTERN_BAND = 0.4;
/** Frequencies that show where the specimen stands, cycles/px. */
const SPECIMEN_BAND = [0.08, 0.3] as const;
/** Displacements that are looked at, px each way; beyond, correlations are noise. */
const REACH = 24;
const NOISE_BEYOND = 40;
/** Around displacement 0 a moved specimen must be gone, px; its peak must lie as far off. */
const NEAR = 2.9;
const MOVED = 2.5;
/** Standard errors above which a peak is a specimen. */
const PEAK = 6;
/** Largest magnitude that noise is expected to show near 0, in standard errors. */
const LARGEST = 2.5;
/**
 * Error of the mean over pairs, in units of what tails near 0 would add up to if they were independent:
 * twice the rms of 40 simulated movies.
 */
const TAILS = 1.2;
const CLIP_SD = 6;
const MAD_TO_SD = 1.4826;

/** A real weight for every bin of a half spectrum, and what it makes of a white pattern. */
interface Band {
  readonly weight: Float32Array;
  /** Mean weight over the full spectrum. */
  readonly share: number;
  /** Correlation of a white pattern of variance 1 at displacements −REACH … REACH. */
  readonly kernel: Float64Array;
}

const SIDE = 2 * REACH + 1;

/** Distances of the displacements of a window from 0. */
const DISTANCE = Float64Array.from({ length: SIDE * SIDE }, (_, i) =>
  Math.hypot((i % SIDE) - REACH, Math.floor(i / SIDE) - REACH),
);
const CENTRE = REACH * SIDE + REACH;

/**
 * Variance of the pattern that stays with the detector from pixel to pixel, without an estimate of it.
 * The movie is summed in a few runs of frames. Two runs have nothing in common but the detector's
 * pattern, which correlates at displacement 0 alone, and the specimen, which correlates where it has
 * moved to: C(l) = s²·K(l) + A(l − D), K the correlation of white noise in the band beyond 0.4
 * cycles/px. C(0) is s²; what the surroundings of 0 hold beyond s²·K is specimen, and in doubt. A pair
 * counts as moved when its peak (in 0.08 … 0.3 cycles/px, else in the pattern's band) lies 2.5 px off or
 * more. Where nothing moved the doubt is the power in the lower band, which no specimen exceeds in the
 * upper one. Rows and columns (the axes of the spectrum) are left out. Pairs are averaged with weight 1/u².
 * @returns null for fewer than two runs or no patch
 */
export function measurePixelSignal(patches: readonly SplitPatch[]): PixelSignal | null {
  const compare = createPairComparison();
  return pixelSignalOf(patches.map(compare));
}

/** What pairs of runs of one patch have in common. */
export interface PatchSignal {
  readonly pairs: readonly PairSignal[];
  readonly pixels: number;
}

/** Compares the runs of a patch, each with each; what depends on the size alone is kept. */
export function createPairComparison(): (patch: SplitPatch) => PatchSignal {
  let tools: { fft: RealFft2; pattern: Band; specimen: Band } | null = null;
  return ({ width, height, runs }) => {
    if (tools?.fft.width !== width || tools.fft.height !== height)
      tools = {
        fft: createRealFft2(width, height),
        pattern: createBand(width, height, PATTERN_BAND, null),
        specimen: createBand(width, height, ...SPECIMEN_BAND),
      };
    const { fft, ...bands } = tools;
    const spectra = runs.map((run) => fft.forward(clipped(run)));
    const pairs: PairSignal[] = [];
    for (let a = 0; a < runs.length; a++)
      for (let b = a + 1; b < runs.length; b++)
        pairs.push(pairSignal(crossSpectrum(spectra[a], spectra[b], width * height), bands, fft));
    return { pairs, pixels: width * height };
  };
}

/** The mean over the pairs of all patches: of those where the specimen moved, or of the others. */
export function pixelSignalOf(patches: readonly PatchSignal[]): PixelSignal | null {
  const pairs = patches.flatMap((patch) => patch.pairs);
  // Pairs where the specimen moved and pairs where it was not seen to do so: whichever tell more.
  const means = [true, false]
    .map((moved) => ({ moved, ...meanOfPairs(pairs.filter((p) => p.moved === moved)) }))
    .filter(({ weight }) => weight > 0 && Number.isFinite(weight))
    .sort((a, b) => a.doubt + 3 * a.noise - (b.doubt + 3 * b.noise));
  const best = means.at(0);
  if (best === undefined) return null;
  return {
    variance: best.variance,
    noise: best.noise,
    doubt: best.doubt,
    specimenMoved: best.moved,
    pixels: patches.reduce((sum, patch) => sum + patch.pixels, 0),
  };
}

/** What two runs have in common. */
export interface PairSignal {
  readonly variance: number;
  readonly noise: number;
  readonly doubt: number;
  readonly moved: boolean;
  /** What the specimen's band holds around 0, and its noise. */
  readonly around: Float64Array;
  readonly aroundNoise: number;
}

/**
 * Mean with weight 1/u². Tails of a specimen that has moved differ from pair to pair; one that stays is
 * the same in all.
 */
function meanOfPairs(pairs: readonly PairSignal[]): {
  weight: number;
  variance: number;
  noise: number;
  doubt: number;
} {
  const sums = { weight: 0, variance: 0, noise: 0, tails: 0, staying: 0, unseen: 0 };
  const around = new Float64Array(pairs.at(0)?.around.length ?? 0);
  for (const { variance, noise, doubt, moved, ...low } of pairs) {
    const w = 1 / (doubt + 3 * noise) ** 2;
    sums.weight += w;
    sums.variance += w * variance;
    sums.noise += (w * noise) ** 2;
    if (moved) sums.tails += (w * doubt) ** 2;
    else {
      sums.staying += w * Math.max(0, doubt - 2 * low.aroundNoise);
      sums.unseen += (w * low.aroundNoise) ** 2;
      for (let i = 0; i < around.length; i++) around[i] += w * low.around[i];
    }
  }
  // A specimen too weak to be seen in one pair may show in their mean.
  const unseen = Math.sqrt(sums.unseen);
  const weak = around.reduce((most, v) => Math.max(most, Math.abs(v)), 0) - LARGEST * unseen;
  const staying = Math.max(sums.staying, weak) + 2 * unseen;
  return {
    weight: sums.weight,
    variance: sums.variance / sums.weight,
    noise: Math.sqrt(sums.noise) / sums.weight,
    doubt: (TAILS * Math.sqrt(sums.tails) + staying) / sums.weight,
  };
}

/** What two runs have in common at displacement 0, and how far the specimen may have a part in it. */
function pairSignal(
  cross: Float32Array,
  bands: { readonly pattern: Band; readonly specimen: Band },
  fft: RealFft2,
): PairSignal {
  const pattern = correlations(cross, bands.pattern, fft);
  const specimen = correlations(cross, bands.specimen, fft);
  const variance = pattern.window[CENTRE];
  const high = withoutPattern(pattern, variance, bands.pattern);
  const low = withoutPattern(specimen, variance, bands.specimen);
  const peak = low.peak > PEAK * specimen.noise ? low : high;
  const moved = peak.distance >= MOVED && (peak === low || high.peak > PEAK * pattern.noise);
  const hidden = Math.max(0, low.near - LARGEST * specimen.noise) + 2 * specimen.noise;
  const around = 2 * Math.sqrt(Math.max(0, high.rms ** 2 - pattern.noise ** 2));
  return {
    variance,
    noise: pattern.noise,
    doubt: moved ? Math.min(around, hidden) : hidden,
    moved,
    around: low.around,
    aroundNoise: specimen.noise,
  };
}

/** Clipped at six robust standard deviations: single pixels must not speak for the pattern. */
function clipped(run: Float32Array): Float32Array {
  const sizes = new Float32Array(run.length);
  for (let i = 0; i < run.length; i++) sizes[i] = Math.abs(run[i]);
  const limit = CLIP_SD * MAD_TO_SD * median(sizes);
  if (!(limit > 0)) return run;
  for (let i = 0; i < run.length; i++) sizes[i] = Math.max(-limit, Math.min(limit, run[i]));
  return sizes;
}

/** Butterworth edges of order 8 in power; the axes, where rows and columns of the detector live, are 0. */
function createBand(width: number, height: number, from: number, to: number | null): Band {
  const half = Math.floor(width / 2) + 1;
  const weight = new Float32Array(half * height);
  let sum = 0;
  for (let ky = 1; ky < height; ky++) {
    const fy = (ky <= (height - 1) / 2 ? ky : ky - height) / height;
    for (let kx = 1; kx < half; kx++) {
      const f = Math.hypot(fy, kx / width);
      const w = 1 / ((1 + (from / f) ** 8) * (to === null ? 1 : 1 + (f / to) ** 8));
      weight[ky * half + kx] = w;
      // Bins between the axes stand for two of the full spectrum, the last of an even width for one.
      sum += 2 * kx === width ? w : 2 * w;
    }
  }
  const flat = new Float32Array(2 * weight.length);
  for (let k = 0; k < weight.length; k++) flat[2 * k] = weight[k];
  const share = sum / (width * height);
  const kernel = windowOf(createRealFft2(width, height).inverse(flat), width, height, share);
  return { weight, share, kernel };
}

/** F_a F_b* per pixel. */
function crossSpectrum(f: Float32Array, g: Float32Array, pixels: number): Float32Array {
  const cross = new Float32Array(f.length);
  for (let k = 0; k < cross.length; k += 2) {
    cross[k] = (f[k] * g[k] + f[k + 1] * g[k + 1]) / pixels;
    cross[k + 1] = (f[k + 1] * g[k] - f[k] * g[k + 1]) / pixels;
  }
  return cross;
}

interface Correlations {
  readonly window: Float64Array;
  /** rms of correlations at displacements that no specimen reaches. */
  readonly noise: number;
}

/** Correlation in a band at small displacements, scaled so that a white pattern shows its variance at 0. */
function correlations(cross: Float32Array, { weight, share }: Band, fft: RealFft2): Correlations {
  const { width, height } = fft;
  const spectrum = new Float32Array(cross.length);
  for (let k = 0; k < weight.length; k++) {
    spectrum[2 * k] = weight[k] * cross[2 * k];
    spectrum[2 * k + 1] = weight[k] * cross[2 * k + 1];
  }
  const map = fft.inverse(spectrum);
  let squares = 0;
  let count = 0;
  for (let y = 0, i = 0; y < height; y++) {
    const dy = Math.min(y, height - y);
    for (let x = 0; x < width; x++, i++) {
      const dx = Math.min(x, width - x);
      if (dx * dx + dy * dy <= NOISE_BEYOND * NOISE_BEYOND) continue;
      squares += map[i] * map[i];
      count++;
    }
  }
  return {
    window: windowOf(map, width, height, share),
    noise: Math.sqrt(squares / Math.max(1, count)) / share,
  };
}

/** Displacements −REACH … REACH of a cyclic correlation map, over `scale`. */
function windowOf(map: Float32Array, width: number, height: number, scale: number): Float64Array {
  return Float64Array.from({ length: SIDE * SIDE }, (_, i) => {
    const x = ((i % SIDE) - REACH + width) % width;
    const y = (Math.floor(i / SIDE) - REACH + height) % height;
    return map[y * width + x] / scale;
  });
}

/** What a window holds beside a white pattern: largest value and its distance, and the most near 0. */
function withoutPattern(
  { window }: Correlations,
  variance: number,
  { kernel }: Band,
): { peak: number; distance: number; near: number; rms: number; around: Float64Array } {
  const around: number[] = [];
  const found = { peak: -Infinity, distance: 0, near: 0, rms: 0 };
  let squares = 0;
  let count = 0;
  for (let i = 0; i < window.length; i++) {
    const rest = window[i] - variance * kernel[i];
    if (rest > found.peak) {
      found.peak = rest;
      found.distance = DISTANCE[i];
    }
    if (DISTANCE[i] >= NEAR) continue;
    found.near = Math.max(found.near, Math.abs(rest));
    around.push(rest);
    if (i === CENTRE) continue;
    squares += rest * rest;
    count++;
  }
  found.rms = Math.sqrt(squares / count);
  return { ...found, around: Float64Array.from(around) };
}

/** The signal of several movies of one detector: means with weight 1/u²; each has a specimen of its own. */
export function combinePixelSignals(signals: readonly PixelSignal[]): PixelSignal | null {
  if (signals.length === 0) return null;
  const weights = signals.map((s) => 1 / (s.doubt + 3 * s.noise) ** 2);
  const total = weights.reduce((a, b) => a + b, 0);
  const mean = (of: (s: PixelSignal) => number): number =>
    signals.reduce((sum, s, i) => sum + weights[i] * of(s), 0) / total;
  return {
    variance: mean((s) => s.variance),
    doubt: mean((s) => s.doubt),
    noise: Math.sqrt(signals.reduce((sum, s, i) => sum + (weights[i] * s.noise) ** 2, 0)) / total,
    specimenMoved: mean((s) => (s.specimenMoved ? 1 : 0)) > 0.5,
    pixels: Math.min(...signals.map((s) => s.pixels)),
  };
}
