import { realFft2 } from "../fft.ts";
import { HIGH_PASS_PX } from "./gainResidual.ts";
import type { GainResidual } from "./gainResidual.ts";
import type { GainParts } from "./parts.ts";
import {
  atFrequency,
  binFrequency,
  forEachFrequency,
  RADIAL_BINS,
  radialMean,
} from "./radialBins.ts";

/** The pixel part by a Wiener filter with a white prior, and that prior's standard deviation. */
export function pixelPart(
  residual: GainResidual,
  w: Uint8Array,
  outlier: Uint8Array,
  inUse: Float32Array<ArrayBuffer>,
  noiseVariance: number,
  { width, height }: GainParts,
  withPixels: boolean,
): { pixels: Float32Array<ArrayBuffer>; prior: number; unknown: number } {
  const n = width * height;
  const fft = realFft2(width, height);
  const masked = new Float32Array(n);
  for (let i = 0; i < n; i++) masked[i] = w[i] !== 0 ? residual.all[i] : 0;
  const spectrum = fft.forward(masked);
  for (let i = 0; i < n; i++) if (outlier[i] !== 0) inUse[i] = 0;
  const used = fft.forward(inUse);
  const c = residual.visibility;
  for (let k = 0; k < c.length; k++) {
    spectrum[2 * k] += c[k] * used[2 * k];
    spectrum[2 * k + 1] += c[k] * used[2 * k + 1];
  }
  const half = Math.floor(width / 2) + 1;
  for (let k = 0; k < half; k++) spectrum[2 * k] = spectrum[2 * k + 1] = 0;
  for (let y = 0; y < height; y++) spectrum[2 * y * half] = spectrum[2 * y * half + 1] = 0;

  const variance = pixelVariance(spectrum, residual, noiseVariance, width, height);
  if (!withPixels || variance <= 0)
    return { pixels: new Float32Array(n), prior: Math.sqrt(variance), unknown: variance };
  const priorCurve = Float64Array.from({ length: RADIAL_BINS }, (_, b) =>
    binFrequency(b) < 1 / HIGH_PASS_PX ? 0 : variance,
  );
  let unknown = 0;
  forEachFrequency(width, height, (i, _fx, _fy, f) => {
    const p = atFrequency(priorCurve, f);
    const noise = noiseVariance + residual.left[i] / Math.max(c[i], 1e-3);
    const factor = p / (c[i] * p + noise);
    unknown += variance - c[i] * p * factor;
    spectrum[2 * i] *= factor;
    spectrum[2 * i + 1] *= factor;
  });
  return {
    pixels: fft.inverse(spectrum),
    prior: Math.sqrt(variance),
    unknown: unknown / c.length,
  };
}

/** Waves longer than this say nothing of the pixel prior: specimen, chips and slopes live there. Cycles per pixel. */
const LOWEST_FREQUENCY = 0.06;
/** Prior standard deviation of κ: how much of what the prediction takes off the noise may be wrong. */
const MISFIT = 0.1;

/**
 * White prior variance s² from the radial power of the pattern: |F|²/px = c²s² + cν + left + κ(1 − c)ν, least
 * squares over the radial bins beyond k = 0.06 with the weights that the modes' own scatter gives. κ, with
 * a prior of 0 ± 0.1, is what a model of the specimen's prediction cannot know (motion errors, specimen
 * that is not alike everywhere): it grows with 1 − c, the pattern with c².
 */
function pixelVariance(
  spectrum: Float32Array,
  residual: GainResidual,
  noiseVariance: number,
  width: number,
  height: number,
): number {
  const power = new Float32Array(residual.visibility.length);
  for (let k = 0; k < power.length; k++)
    power[k] = (spectrum[2 * k] ** 2 + spectrum[2 * k + 1] ** 2) / (width * height);
  const c = radialMean(residual.visibility, width, height);
  const left = radialMean(residual.left, width, height);
  const p = radialMean(power, width, height);
  let [aa, ab, bb, ay, by] = [0, 0, 1 / MISFIT ** 2, 0, 0];
  for (let b = 0; b < RADIAL_BINS; b++) {
    if (binFrequency(b) < LOWEST_FREQUENCY || c.count[b] === 0) continue;
    const noise = noiseVariance * c.mean[b] + left.mean[b];
    const weight = c.count[b] / Math.max(p.mean[b], 1e-30) ** 2;
    const pattern = c.mean[b] ** 2;
    const misfit = noiseVariance * (1 - c.mean[b]);
    const y = p.mean[b] - noise;
    aa += weight * pattern ** 2;
    ab += weight * pattern * misfit;
    bb += weight * misfit ** 2;
    ay += weight * pattern * y;
    by += weight * misfit * y;
  }
  const determinant = aa * bb - ab * ab;
  return determinant > 0 ? Math.max(0, (ay * bb - by * ab) / determinant) : 0;
}
