import type { Surfaces } from "./fitModel.ts";
import type { PatchWeights } from "./patchWeights.ts";

/**
 * Surfaces seen through a Gaussian of `sigma` px, edges held: what correlations show from afar. Gradients at
 * full resolution reach no further than a period of the finest detail that counts.
 * @param curvature of the smoothed surfaces, {@link smoothedCurvature}
 */
export function smoothSurfaces(surfaces: Surfaces, sigma: number, curvature: number): Surfaces {
  const { coefficients, radius } = surfaces;
  const width = 2 * radius + 1;
  const size = width * width;
  const reach = Math.min(width - 1, Math.ceil(3 * sigma));
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma * sigma)),
  );
  const total = kernel.reduce((a, b) => a + b, 0);
  // [to][from] of one axis: edges held.
  const matrix = new Float64Array(size);
  for (let to = 0; to < width; to++)
    for (let k = -reach; k <= reach; k++)
      matrix[to * width + Math.min(width - 1, Math.max(0, to + k))] += kernel[k + reach] / total;
  const out = new Float32Array(coefficients.length);
  const half = new Float64Array(size);
  for (let at = 0; at < coefficients.length; at += size) {
    for (let y = 0; y < width; y++)
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let k = 0; k < width; k++)
          sum += matrix[x * width + k] * coefficients[at + y * width + k];
        half[y * width + x] = sum;
      }
    for (let y = 0; y < width; y++)
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let k = 0; k < width; k++) sum += matrix[y * width + k] * half[k * width + x];
        out[at + y * width + x] = sum;
      }
  }
  return { ...surfaces, coefficients: out, curvature };
}

/** {@link PatchWeights.curvature} of surfaces smoothed by a Gaussian: each wave by exp(−2π²σ²f²). */
export function smoothedCurvature(
  { alpha, noise, kept, weight }: PatchWeights,
  side: number,
  frames: number,
  sigma: number,
): number {
  let curvature = 0;
  for (let k = -kept; k <= kept; k++)
    for (let i = 0; i <= kept; i++) {
      const w = weight[(k + kept) * (kept + 1) + i];
      if (w === 0) continue;
      const distance = Math.hypot(k, i);
      const r = Math.min(Math.round(distance), alpha.length - 1);
      const wave = (2 * Math.PI * distance) / side;
      curvature +=
        ((i === 0 ? 1 : 2) *
          (w * alpha[r] * noise[r] * (frames - 1) * wave ** 2) *
          Math.exp(-0.5 * (sigma * wave) ** 2)) /
        8;
    }
  return curvature;
}
