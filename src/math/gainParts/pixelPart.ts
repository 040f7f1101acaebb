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

/**
 * White prior variance s²: mean of (|F|²/px − cν − left)/c² over the third of the modes beyond k = 0.1
 * with the largest c, where the specimen is weakest.
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
  const bins = Array.from({ length: RADIAL_BINS }, (_, b) => b);
  const key = (b: number): number => (binFrequency(b) > 0.1 ? -c.mean[b] : 9);
  bins.sort((a, b) => key(a) - key(b) || a - b);
  const all = c.count.reduce((a, b) => a + b, 0);
  let seen = 0;
  let sum = 0;
  let weights = 0;
  for (const b of bins) {
    seen += c.count[b];
    if (seen > all / 3) break;
    const weight = c.count[b] * c.mean[b] ** 2;
    const noise = noiseVariance * c.mean[b] + left.mean[b];
    sum += (weight * (p.mean[b] - noise)) / c.mean[b] ** 2;
    weights += weight;
  }
  return weights > 0 ? Math.max(0, sum / weights) : 0;
}
