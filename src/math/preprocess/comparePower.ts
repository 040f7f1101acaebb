import type { Float32Pixels } from "#src/domain/movie.ts";
import type { Histogram } from "#src/domain/picture.ts";
import type { ImageStatistics } from "#src/domain/preprocess.ts";
import type { PreviewCurves, RadialPower } from "#src/domain/preprocessPreview.ts";
import { realFft2 } from "../fft.ts";
import { powerOfSpectrum, radialAverage } from "../radialAverage.ts";
import { imageStatistics } from "./imageStatistics.ts";

/** Side of the square that a radial power spectrum is taken from: enough rings, and quick. */
const SPECTRUM_SIDE = 1024;
const RINGS = 256;
const HISTOGRAM_REACH = 5;
const HISTOGRAM_BINS = 100;

/**
 * Radial average of |F|²/N of the middle of an image (at most 1024² px, mean taken off), with
 * frequencies in cycles per pixel of the image before it was downsampled by `factor`. N is counted in
 * those pixels too, so that what downsampling keeps stays where it was.
 * @param pixels [height, width], finite
 */
export function radialPower(
  pixels: Float32Pixels,
  width: number,
  height: number,
  mean: number,
  factor: number,
): RadialPower {
  const w = Math.min(width, SPECTRUM_SIDE);
  const h = Math.min(height, SPECTRUM_SIDE);
  const x0 = (width - w) >> 1;
  const y0 = (height - h) >> 1;
  const middle = new Float32Array(w * h);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) middle[y * w + x] = pixels[(y + y0) * width + x + x0] - mean;
  const rings = Math.max(2, Math.min(RINGS, Math.floor(Math.min(w, h) / 2) + 1));
  const average = radialAverage(powerOfSpectrum(realFft2(w, h).forward(middle)), w, h, rings);
  const scale = (factor * factor) / (w * h);
  const frequency: number[] = [];
  const power: number[] = [];
  // The ring around zero holds what is left of the mean.
  for (let i = 1; i < rings; i++) {
    if (average.count[i] === 0) continue;
    frequency.push(average.frequency[i] / factor);
    power.push(average.mean[i] * scale);
  }
  return { frequency, power };
}

/** Histogram and radial power of one side of a comparison; `factor` as in {@link radialPower}. */
export function previewCurves(
  pixels: Float32Pixels,
  width: number,
  height: number,
  factor: number,
): PreviewCurves {
  const statistics = imageStatistics(pixels);
  return {
    statistics,
    histogram: deviationHistogram(pixels, statistics),
    radialPower: radialPower(pixels, width, height, statistics.mean, factor),
  };
}

/** Part of the rings, those that lose least, by which two spectra are brought to one scale. */
const KEPT_RINGS = 0.9;

/**
 * The spectrum after, scaled so that it agrees with the one before in the rings that are filtered
 * least (the 90 % quantile of their ratio): inverting, logarithm and normalizing change the scale only.
 */
export function alignPower(before: RadialPower, after: RadialPower): RadialPower {
  const ratios: number[] = [];
  let at = 0;
  after.frequency.forEach((frequency, i) => {
    while (at + 1 < before.frequency.length && before.frequency[at + 1] <= frequency) at++;
    if (before.power[at] > 0 && after.power[i] > 0) ratios.push(after.power[i] / before.power[at]);
  });
  if (ratios.length === 0) return after;
  ratios.sort((a, b) => a - b);
  const scale = ratios[Math.floor(KEPT_RINGS * (ratios.length - 1))];
  return { frequency: after.frequency, power: after.power.map((p) => p / scale) };
}

/** Shares of pixels by distance from the mean in standard deviations, −5 to 5; a constant: all at 0. */
export function deviationHistogram(
  pixels: Float32Pixels,
  { mean, std }: ImageStatistics,
): Histogram {
  const counts = new Array<number>(HISTOGRAM_BINS).fill(0);
  const scale = std > 0 ? HISTOGRAM_BINS / (2 * HISTOGRAM_REACH * std) : 0;
  for (let i = 0; i < pixels.length; i++) {
    const bin = Math.floor((pixels[i] - mean) * scale + HISTOGRAM_BINS / 2);
    if (bin >= 0 && bin < HISTOGRAM_BINS) counts[bin]++;
  }
  return {
    from: -HISTOGRAM_REACH,
    to: HISTOGRAM_REACH,
    counts: counts.map((count) => count / pixels.length),
  };
}
