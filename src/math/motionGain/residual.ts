import type { Float32Pixels } from "#src/domain/movie.ts";
import { createRealFft2, realFft2 } from "../fft.ts";
import { prefilterImage } from "../bspline.ts";
import { HIGH_PASS_PX } from "../gainParts/gainResidual.ts";
import type { GainResidual } from "../gainParts/gainResidual.ts";
import { atFrequency, forEachFrequency, RADIAL_BINS, radialMean } from "../gainParts/radialBins.ts";

/** 1 − exp(−½(128 f)²): what of the specimen's prediction is used; slower waves stay with the detector. */
export const highPass = (f: number): number => 1 - Math.exp(-0.5 * (HIGH_PASS_PX * f) ** 2);

/** The aligned specimen, filtered, as spline coefficients on its canvas, and what the filter knows. */
export interface SpecimenPrediction {
  readonly canvas: Float32Pixels;
  /** Radial power of the specimen, P_a, and the weight of its prediction before the high pass, by bins. */
  readonly power: Float64Array;
  readonly weight: Float64Array;
}

/**
 * Filters the aligned average (gain recipe §2.3): weight √W, W = P_a over the power of the average, P_a from
 * Re⟨odd · even*⟩; times the high pass. √W gives the prediction the specimen's own power. W itself, which
 * leaves the least error of the gain, leaves twice as much of the specimen in it; near W the error changes
 * in second order only.
 * @param sum,seen Σ of warped frames and counts of odd and even frames, canvas size
 * @param shares share of the frames in each half
 */
export function filterSpecimen(
  sum: readonly [Float32Array, Float32Array],
  seen: readonly [Uint16Array, Uint16Array],
  shares: readonly [number, number],
  width: number,
  height: number,
): SpecimenPrediction {
  const n = width * height;
  const fft = createRealFft2(width, height);
  const average = new Float32Array(n);
  const halves = [new Float32Array(n), new Float32Array(n)] as const;
  let mean = 0;
  let both = 0;
  for (let i = 0; i < n; i++) {
    const count = seen[0][i] + seen[1][i];
    average[i] = (sum[0][i] + sum[1][i]) / Math.max(count, 1);
    if (seen[0][i] === 0 || seen[1][i] === 0) continue;
    halves[0][i] = sum[0][i] / seen[0][i];
    halves[1][i] = sum[1][i] / seen[1][i];
    mean += average[i];
    both++;
  }
  mean /= Math.max(both, 1);
  for (let i = 0; i < n; i++) average[i] = seen[0][i] + seen[1][i] > 0 ? average[i] - mean : 0;

  const a = fft.forward(halves[0]);
  const b = fft.forward(halves[1]);
  const cross = new Float32Array(a.length / 2);
  const total = new Float32Array(a.length / 2);
  for (let k = 0; k < cross.length; k++) {
    const [ar, ai, br, bi] = [a[2 * k], a[2 * k + 1], b[2 * k], b[2 * k + 1]];
    cross[k] = (ar * br + ai * bi) / n;
    total[k] =
      ((shares[0] * ar + shares[1] * br) ** 2 + (shares[0] * ai + shares[1] * bi) ** 2) / n;
  }
  // As fine as the spectrum itself: a mean over the rings of the contrast transfer, full where the
  // specimen has nothing and short where it has most, would leave more than the formula of c knows.
  const bins = Math.max(RADIAL_BINS, Math.floor(Math.min(width, height) / 2));
  const power = radialMean(cross, width, height, bins).mean.map((v) => Math.max(0, v));
  const all = radialMean(total, width, height, bins).mean;
  const weight = power.map((p, i) => Math.sqrt(Math.min(1, p / Math.max(all[i], 1e-12))));

  const spectrum = fft.forward(average);
  forEachFrequency(width, height, (i, _fx, _fy, f) => {
    const factor = atFrequency(weight, f) * highPass(f);
    spectrum[2 * i] *= factor;
    spectrum[2 * i + 1] *= factor;
  });
  const canvas = fft.inverse(spectrum);
  prefilterImage(canvas, width, height, "half");
  return { canvas, power, weight };
}

/** c = 1 and nothing left over: the first round, before the specimen is known. */
export function fullVisibility(
  width: number,
  height: number,
): Pick<GainResidual, "visibility" | "left" | "noiseShare"> {
  const size = realFft2(width, height).halfWidth * height;
  return {
    visibility: new Float32Array(size).fill(1),
    left: new Float32Array(size),
    noiseShare: 1,
  };
}

/**
 * e of one half: mean relative frame, corrected and divided by 1 + prediction, over its mean, − 1.
 * @param relative mean of R_t/μ_t over the half; @param prediction mean of P_t; null = no specimen yet
 */
export function halfResidual(
  relative: Float32Array,
  prediction: Float32Array | null,
  correction: Float32Array,
  good: Uint8Array,
): Float32Pixels {
  const e = new Float32Array(relative.length);
  let sum = 0;
  let count = 0;
  for (let i = 0; i < e.length; i++) {
    if (good[i] === 0) continue;
    const p = prediction === null ? 0 : prediction[i];
    e[i] = (relative[i] * correction[i]) / Math.max(1 + p, 0.1);
    sum += e[i];
    count++;
  }
  const mean = sum / Math.max(count, 1);
  // Bad pixels are taken as 1 before the division, as the recipe's prototype does; they count nowhere.
  for (let i = 0; i < e.length; i++) e[i] = good[i] === 0 ? 1 / mean - 1 : e[i] / mean - 1;
  return e;
}

/** Shot variance of e as it is: var(odd − even)/4 over the pixels that count. */
export function halfDifferenceVariance(
  { odd, even }: Pick<GainResidual, "odd" | "even">,
  counts: Uint8Array,
): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < counts.length; i++)
    if (counts[i] !== 0) {
      sum += (odd[i] - even[i]) ** 2;
      count++;
    }
  return sum / Math.max(count, 1) / 4;
}
