/**
 * Separable Gaussian mean, normalised kernel cut at 4 σ, edges mirrored half-sample (… b a | a b …).
 * @param image [height, width]; not changed
 * @returns a new array, same shape
 */
export function gaussianFilter(
  image: Float32Array,
  width: number,
  height: number,
  sigma: number,
): Float32Array<ArrayBuffer> {
  const weights = gaussianWeights(sigma);
  const rows = filterRows(image, width, height, weights);
  return filterColumns(rows, width, height, weights);
}

/** Half kernel, centre first; the full symmetric kernel sums to 1. */
export function gaussianWeights(sigma: number): Float64Array {
  const radius = Math.floor(4 * sigma + 0.5);
  const half = Float64Array.from({ length: radius + 1 }, (_, k) =>
    Math.exp((-0.5 * k * k) / (sigma * sigma)),
  );
  const sum = half.reduce((s, v, k) => s + (k === 0 ? v : 2 * v), 0);
  return half.map((v) => v / sum);
}

/** Index mirrored into 0 … n − 1, half-sample symmetric, for any distance. */
export function mirrorIndex(i: number, n: number): number {
  const period = 2 * n;
  const m = ((i % period) + period) % period;
  return m < n ? m : period - 1 - m;
}

function filterRows(
  image: Float32Array,
  width: number,
  height: number,
  weights: Float64Array,
): Float32Array<ArrayBuffer> {
  const radius = weights.length - 1;
  const out = new Float32Array(width * height);
  const line = new Float64Array(width + 2 * radius);
  const sum = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let i = 0; i < line.length; i++) line[i] = image[row + mirrorIndex(i - radius, width)];
    const w0 = weights[0];
    for (let x = 0; x < width; x++) sum[x] = w0 * line[x + radius];
    for (let k = 1; k <= radius; k++) {
      const w = weights[k];
      const left = radius - k;
      const right = radius + k;
      for (let x = 0; x < width; x++) sum[x] += w * (line[x + left] + line[x + right]);
    }
    out.set(sum, row);
  }
  return out;
}

function filterColumns(
  image: Float32Array,
  width: number,
  height: number,
  weights: Float64Array,
): Float32Array<ArrayBuffer> {
  const radius = weights.length - 1;
  const out = new Float32Array(width * height);
  const sum = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    const w0 = weights[0];
    const row = y * width;
    for (let x = 0; x < width; x++) sum[x] = w0 * image[row + x];
    for (let k = 1; k <= radius; k++) {
      const w = weights[k];
      const up = mirrorIndex(y - k, height) * width;
      const down = mirrorIndex(y + k, height) * width;
      for (let x = 0; x < width; x++) sum[x] += w * (image[up + x] + image[down + x]);
    }
    out.set(sum, row);
  }
  return out;
}

/**
 * Gaussian mean over good pixels only: Σ w·a·good / Σ w·good, the denominator at least 1e-3.
 * Where the mask is all good this is {@link gaussianFilter}.
 * @param good 1 = good, `[height, width]`
 */
export function maskedGaussianFilter(
  image: Float32Array,
  good: Uint8Array,
  width: number,
  height: number,
  sigma: number,
): Float32Array<ArrayBuffer> {
  const masked = new Float32Array(image.length);
  let bad = 0;
  for (let i = 0; i < masked.length; i++)
    if (good[i] !== 0) masked[i] = image[i];
    else bad++;
  const mean = gaussianFilter(masked, width, height, sigma);
  if (bad === 0) return mean;
  const weight = maskWeights(good, width, height, sigma, bad);
  for (let i = 0; i < mean.length; i++) mean[i] /= Math.max(weight[i], 1e-3);
  return mean;
}

/** Σ w·good. Few bad pixels are subtracted one by one, which is what detectors have. */
function maskWeights(
  good: Uint8Array,
  width: number,
  height: number,
  sigma: number,
  bad: number,
): Float32Array<ArrayBuffer> {
  const weights = gaussianWeights(sigma);
  const radius = weights.length - 1;
  if (bad * (2 * radius + 1) > 2 * width * height || radius >= Math.min(width, height))
    return gaussianFilter(Float32Array.from(good), width, height, sigma);
  const out = new Float32Array(good.length).fill(1);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (good[y * width + x] !== 0) continue;
      // Mirroring is symmetric: the pixel's images beyond the edges count where they fall within reach.
      for (const cy of mirrorImages(y, height, radius))
        for (const cx of mirrorImages(x, width, radius))
          for (let j = Math.max(0, cy - radius); j <= Math.min(height - 1, cy + radius); j++) {
            const wy = weights[Math.abs(j - cy)];
            for (let i = Math.max(0, cx - radius); i <= Math.min(width - 1, cx + radius); i++)
              out[j * width + i] -= wy * weights[Math.abs(i - cx)];
          }
    }
  return out;
}

function mirrorImages(i: number, n: number, radius: number): number[] {
  const images = [i];
  if (i < radius) images.push(-1 - i);
  if (i >= n - radius) images.push(2 * n - 1 - i);
  return images;
}
