import { chirpOf } from "./chirp.ts";
import { createPass, runPass } from "./fftPasses.ts";
import type { Pass } from "./fftPasses.ts";

/**
 * Complex 1-D FFTs of one length, several side by side (*lanes*), in double precision scratch. The
 * caller fills `re` and `im` as `[n, lanes]`, calls `execute`, and reads `outRe` and `outIm` in the
 * same layout. Unnormalised both ways: forward Σ x e^{−2πi·jk/n}, inverse Σ X e^{+2πi·jk/n}.
 */
export interface LaneFft {
  readonly n: number;
  /** Most lanes that fit the scratch. */
  readonly maxLanes: number;
  readonly re: Float64Array;
  readonly im: Float64Array;
  readonly outRe: Float64Array;
  readonly outIm: Float64Array;
  /** Transforms the first `lanes` lanes; the contents of `re` and `im` are lost. */
  execute(lanes: number, inverse: boolean): void;
}

/** Primes up to this one have a pass of their own; lengths with a larger one go by chirp-z. */
export const LARGEST_DIRECT_PRIME = 31;

/** Scratch of about this many complex numbers stays in the second-level cache. */
const SCRATCH_POINTS = 16384;
const MAX_LANES = 16;

/** Radices of the passes for length n (4 before 2, then odd primes), or null where chirp-z serves. */
export function factorize(n: number): number[] | null {
  const radices: number[] = [];
  let rest = n;
  for (const radix of [4, 2, 3, 5]) {
    while (rest % radix === 0) {
      radices.push(radix);
      rest /= radix;
    }
  }
  for (let prime = 7; rest > 1; prime += 2) {
    if (prime > LARGEST_DIRECT_PRIME) return null;
    while (rest % prime === 0) {
      radices.push(prime);
      rest /= prime;
    }
  }
  // Long radices first: later passes have the longer inner loops, which suit the short ones.
  return radices.reverse();
}

/** Smallest length ≥ n whose only prime factors are 2, 3, 5 and 7; with `even`, also even. */
export function nextFastSize(n: number, options: { even?: boolean } = {}): number {
  let size = Math.max(1, Math.ceil(n));
  for (;;) {
    if ((options.even !== true || size % 2 === 0) && isFastSize(size)) return size;
    size++;
  }
}

/** Largest length ≤ n (n ≥ 2) whose only prime factors are 2, 3, 5 and 7; with `even`, also even. */
export function previousFastSize(n: number, options: { even?: boolean } = {}): number {
  let size = Math.floor(n);
  while (size > 2 && !((options.even !== true || size % 2 === 0) && isFastSize(size))) size--;
  return size;
}

function isFastSize(n: number): boolean {
  let rest = n;
  for (const prime of [2, 3, 5, 7]) while (rest % prime === 0) rest /= prime;
  return rest === 1;
}

/** Plans an FFT of length n ≥ 1. */
export function createLaneFft(n: number, atMostLanes = MAX_LANES): LaneFft {
  const radices = factorize(n);
  return radices === null
    ? createChirpFft(n, atMostLanes)
    : createDirectFft(n, radices, atMostLanes);
}

function lanesFor(points: number, atMostLanes: number): number {
  return Math.min(atMostLanes, MAX_LANES, Math.max(4, Math.floor(SCRATCH_POINTS / points)));
}

function createDirectFft(n: number, radices: readonly number[], atMostLanes: number): LaneFft {
  const maxLanes = lanesFor(n, atMostLanes);
  const passes: Pass[] = [];
  let m = n;
  for (const radix of radices) {
    m /= radix;
    passes.push(createPass(radix, m));
  }
  const size = n * maxLanes;
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  const otherRe = new Float64Array(size);
  const otherIm = new Float64Array(size);
  const inPlace = passes.length % 2 === 0;

  const passOver = (
    lanes: number,
    ar: Float64Array,
    ai: Float64Array,
    br: Float64Array,
    bi: Float64Array,
  ): void => {
    let stride = lanes;
    for (let i = 0; i < passes.length; i++) {
      const pass = passes[i];
      if (i % 2 === 0) runPass(pass, stride, ar, ai, br, bi);
      else runPass(pass, stride, br, bi, ar, ai);
      stride *= pass.radix;
    }
  };

  return {
    n,
    maxLanes,
    re,
    im,
    outRe: inPlace ? re : otherRe,
    outIm: inPlace ? im : otherIm,
    execute: (lanes, inverse) => {
      // The inverse is the forward transform with re and im exchanged before and after.
      if (inverse) passOver(lanes, im, re, otherIm, otherRe);
      else passOver(lanes, re, im, otherRe, otherIm);
    },
  };
}

/**
 * Chirp-z (Bluestein 1970): jk = (j² + k² − (j − k)²)/2 turns the transform into a convolution with
 * e^{+πi·k²/n}, done by FFTs of a fast length ≥ 2n − 1. Squares are reduced modulo 2n in integers.
 */
function createChirpFft(n: number, atMostLanes: number): LaneFft {
  const inner = createLaneFft(nextFastSize(2 * n - 1), atMostLanes);
  const { maxLanes } = inner;
  const { cos: chirpCos, sin: chirpSin } = chirpOf(n);
  // Spectrum of the wrapped conjugate chirp, with the 1/m of the inner inverse folded in.
  inner.re.fill(0);
  inner.im.fill(0);
  for (let k = 0; k < n; k++)
    for (const at of k === 0 ? [0] : [k, inner.n - k]) {
      inner.re[at] = chirpCos[k] / inner.n;
      inner.im[at] = -chirpSin[k] / inner.n;
    }
  inner.execute(1, false);
  const kernelRe = inner.outRe.slice(0, inner.n);
  const kernelIm = inner.outIm.slice(0, inner.n);
  const re = new Float64Array(n * maxLanes);
  const im = new Float64Array(n * maxLanes);

  /** data[k] · chirp[k] from a to b over n·lanes values. */
  const chirp = (
    lanes: number,
    ar: Float64Array,
    ai: Float64Array,
    br: Float64Array,
    bi: Float64Array,
  ): void => {
    for (let k = 0, i = 0; k < n; k++) {
      const c = chirpCos[k];
      const d = chirpSin[k];
      for (const end = i + lanes; i < end; i++) {
        const x = ar[i];
        const y = ai[i];
        br[i] = x * c - y * d;
        bi[i] = x * d + y * c;
      }
    }
  };

  const transform = (lanes: number, ar: Float64Array, ai: Float64Array): void => {
    chirp(lanes, ar, ai, inner.re, inner.im);
    inner.re.fill(0, n * lanes, inner.n * lanes);
    inner.im.fill(0, n * lanes, inner.n * lanes);
    inner.execute(lanes, false);
    const { outRe, outIm } = inner;
    for (let k = 0, i = 0; k < inner.n; k++) {
      const c = kernelRe[k];
      const d = kernelIm[k];
      for (const end = i + lanes; i < end; i++) {
        const x = outRe[i];
        const y = outIm[i];
        inner.re[i] = x * c - y * d;
        inner.im[i] = x * d + y * c;
      }
    }
    inner.execute(lanes, true);
    chirp(lanes, inner.outRe, inner.outIm, ar, ai);
  };

  return {
    n,
    maxLanes,
    re,
    im,
    outRe: re,
    outIm: im,
    execute: (lanes, inverse) => (inverse ? transform(lanes, im, re) : transform(lanes, re, im)),
  };
}

const plans = new Map<number, LaneFft>();
const KEPT_PLANS = 12;

/** A plan of length n from a small cache (the least recently used one goes). Not for use across calls. */
export function laneFft(n: number): LaneFft {
  const plan = plans.get(n) ?? createLaneFft(n);
  plans.delete(n);
  plans.set(n, plan);
  if (plans.size > KEPT_PLANS) for (const oldest of plans.keys()) return drop(oldest, plan);
  return plan;
}

function drop(length: number, plan: LaneFft): LaneFft {
  plans.delete(length);
  return plan;
}
