import type { GainComparison } from "#src/domain/gainEstimate.ts";

interface PixelGain {
  /** G, `[height, width]`. */
  readonly values: Float32Array;
  /** 1 = bad pixel. */
  readonly bad: Uint8Array;
}

/**
 * Squared correlation of two pixel gains over pixels good in both, and the regression slope of the
 * estimate's G on the reference's, each scaled to mean 1 over those pixels. NaN for flat images.
 */
export function compareGains(estimate: PixelGain, reference: PixelGain): GainComparison {
  const n = estimate.values.length;
  let pixels = 0;
  let sumE = 0;
  let sumR = 0;
  for (let i = 0; i < n; i++)
    if (estimate.bad[i] === 0 && reference.bad[i] === 0) {
      pixels++;
      sumE += estimate.values[i];
      sumR += reference.values[i];
    }
  const meanE = sumE / pixels;
  const meanR = sumR / pixels;
  let ee = 0;
  let rr = 0;
  let er = 0;
  for (let i = 0; i < n; i++)
    if (estimate.bad[i] === 0 && reference.bad[i] === 0) {
      const e = estimate.values[i] / meanE - 1;
      const r = reference.values[i] / meanR - 1;
      ee += e * e;
      rr += r * r;
      er += e * r;
    }
  return {
    r2: (er * er) / (ee * rr),
    slope: er / rr,
    pixels,
    estimateStd: Math.sqrt(ee / pixels),
    referenceStd: Math.sqrt(rr / pixels),
  };
}
