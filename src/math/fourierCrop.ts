import { createRealFft2, signedIndex } from "./fft.ts";

/** Size of an image binned by a factor ≥ 1: FlexAlign's floor(size/factor), at least 1. */
export function binnedSize(size: number, factor: number): number {
  return Math.max(1, Math.floor(size / factor));
}

/**
 * An image `[height, width]` resampled to cropWidth × cropHeight by cutting its spectrum: what lies below
 * the new Nyquist frequency is unchanged, pixel (0, 0) stays where it is, and the mean is kept.
 */
export function fourierCrop(
  image: Float32Array<ArrayBuffer>,
  width: number,
  height: number,
  cropWidth: number,
  cropHeight: number,
): Float32Array<ArrayBuffer> {
  if (cropWidth === width && cropHeight === height) return image;
  const spectrum = createRealFft2(width, height).forwardCropped(image, cropWidth, cropHeight);
  return createRealFft2(cropWidth, cropHeight).inverse(spectrum);
}

/** A function of frequency, sampled from 0 to `highest` at equal steps; linear in between. */
export interface RadialTable {
  readonly highest: number;
  readonly values: Float64Array<ArrayBuffer>;
}

/** Samples a function of frequency. 4096 steps: errors of a dose weight's curvature stay below 1e−5. */
export function makeRadialTable(of: (frequency: number) => number, highest: number): RadialTable {
  const steps = 4096;
  return {
    highest,
    values: Float64Array.from({ length: steps + 1 }, (_, i) => of((highest * i) / steps)),
  };
}

/**
 * Adds the cropped half spectrum of an image, weighted by a function of frequency (cycles per px of the
 * uncropped image), to `total` `[cropHeight, floor(cropWidth/2) + 1]`, interleaved, whose inverse at the
 * cropped size keeps grey values.
 */
export function addWeightedSpectrum(
  total: Float32Array,
  image: Float32Array,
  width: number,
  height: number,
  cropWidth: number,
  cropHeight: number,
  table: RadialTable,
): void {
  const spectrum = createRealFft2(width, height).forwardCropped(image, cropWidth, cropHeight);
  const columns = Math.floor(cropWidth / 2) + 1;
  const { highest, values } = table;
  const perUnit = (values.length - 1) / highest;
  for (let j = 0; j < cropHeight; j++) {
    // Frequencies of the cropped image in cycles per px of the whole one.
    const fy = signedIndex(j, cropHeight) / height;
    for (let i = 0; i < columns; i++) {
      const place = Math.min(values.length - 1.000001, Math.hypot(i / width, fy) * perUnit);
      const k = Math.floor(place);
      const weight = values[k] + (place - k) * (values[k + 1] - values[k]);
      const n = 2 * (j * columns + i);
      total[n] += weight * spectrum[n];
      total[n + 1] += weight * spectrum[n + 1];
    }
  }
}
