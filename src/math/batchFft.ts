import { applyStage, factorise, makeStages, rootOfUnity } from "./fftStages.ts";
import type { Stage } from "./fftStages.ts";

/**
 * Complex transforms of one length over `lanes` lanes at once, in buffers of its own: value k of lane b
 * stands at `re[k·lanes + b]`, `im[…]`. `forward` has exponent −2πi and no factor; `inverse` +2πi and no
 * factor either (divide by n where wanted). Any n: factors 2, 3, 4, 5, 7, 11, 13 directly, others by the
 * chirp-z algorithm (Bluestein 1970). Double precision throughout.
 */
export interface BatchFft {
  readonly n: number;
  readonly lanes: number;
  re: Float64Array;
  im: Float64Array;
  forward(): void;
  inverse(): void;
}

const stageCache = new Map<number, Stage[]>();

function stagesOf(n: number, factors: readonly number[]): Stage[] {
  let stages = stageCache.get(n);
  if (stages === undefined) {
    stages = makeStages(n, factors);
    stageCache.set(n, stages);
  }
  return stages;
}

/** Makes the plan and its buffers (32 bytes a value, 4 times as many for the chirp-z lengths). */
export function createBatchFft(n: number, lanes: number): BatchFft {
  const factors = factorise(n);
  return factors === null ? chirpFft(n, lanes) : directFft(n, lanes, stagesOf(n, factors));
}

function directFft(n: number, lanes: number, stages: readonly Stage[]): BatchFft {
  const size = n * lanes;
  let spareRe = new Float64Array(size);
  let spareIm = new Float64Array(size);
  const plan: BatchFft = {
    n,
    lanes,
    re: new Float64Array(size),
    im: new Float64Array(size),
    forward() {
      let s = lanes;
      for (const stage of stages) {
        applyStage(stage, s, plan.re, plan.im, spareRe, spareIm);
        s *= stage.radix;
        [plan.re, spareRe] = [spareRe, plan.re as Float64Array<ArrayBuffer>];
        [plan.im, spareIm] = [spareIm, plan.im as Float64Array<ArrayBuffer>];
      }
    },
    inverse() {
      // Real and imaginary parts exchanged turn the exponent round.
      [plan.re, plan.im] = [plan.im, plan.re];
      plan.forward();
      [plan.re, plan.im] = [plan.im, plan.re];
    },
  };
  return plan;
}

/** Smallest length ≥ n that has direct stages of 2, 3, 5 only. */
export function nextFastSize(n: number): number {
  for (let m = Math.max(1, Math.ceil(n)); ; m++) {
    let rest = m;
    for (const r of [2, 3, 5]) while (rest % r === 0) rest /= r;
    if (rest === 1) return m;
  }
}

/** X_k = w_k Σ_j (x_j w_j) w*_(k−j), w_k = exp(−iπk²/n): a convolution of a fast length. */
function chirpFft(n: number, lanes: number): BatchFft {
  const length = nextFastSize(2 * n - 1);
  const inner = directFft(length, lanes, stagesOf(length, factorise(length) ?? []));
  const wr = new Float64Array(n);
  const wi = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    // k² mod 2n in integers: k < 2^24 keeps it exact.
    const [c, s] = rootOfUnity((k * k) % (2 * n), 2 * n);
    wr[k] = c;
    wi[k] = -s;
  }
  const kernel = directFft(length, 1, stagesOf(length, factorise(length) ?? []));
  for (let k = 0; k < n; k++)
    for (const at of k === 0 ? [0] : [k, length - k]) {
      kernel.re[at] = wr[k];
      kernel.im[at] = -wi[k];
    }
  kernel.forward();
  const kr = kernel.re.map((v) => v / length);
  const ki = kernel.im.map((v) => v / length);

  const plan: BatchFft = {
    n,
    lanes,
    re: new Float64Array(n * lanes),
    im: new Float64Array(n * lanes),
    forward() {
      inner.re.fill(0, n * lanes);
      inner.im.fill(0, n * lanes);
      for (let k = 0, i = 0; k < n; k++)
        for (let b = 0; b < lanes; b++, i++) {
          inner.re[i] = plan.re[i] * wr[k] - plan.im[i] * wi[k];
          inner.im[i] = plan.re[i] * wi[k] + plan.im[i] * wr[k];
        }
      inner.forward();
      for (let k = 0, i = 0; k < length; k++)
        for (let b = 0; b < lanes; b++, i++) {
          const r = inner.re[i];
          inner.re[i] = r * kr[k] - inner.im[i] * ki[k];
          inner.im[i] = r * ki[k] + inner.im[i] * kr[k];
        }
      inner.inverse();
      for (let k = 0, i = 0; k < n; k++)
        for (let b = 0; b < lanes; b++, i++) {
          plan.re[i] = inner.re[i] * wr[k] - inner.im[i] * wi[k];
          plan.im[i] = inner.re[i] * wi[k] + inner.im[i] * wr[k];
        }
    },
    inverse() {
      [plan.re, plan.im] = [plan.im, plan.re];
      plan.forward();
      [plan.re, plan.im] = [plan.im, plan.re];
    },
  };
  return plan;
}
