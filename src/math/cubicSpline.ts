/**
 * Interpolation by cubic B-splines (Unser, Aldroubi & Eden 1993): an image s is written as
 * `s(x) = Σ_k c[k] B3(x − k)`; the coefficients c come from the samples by a recursive filter (the
 * prefilter) with the pole z = √3 − 2 and half-sample mirror boundaries (s[−1−k] = s[k]).
 */
const POLE = Math.sqrt(3) - 2;

/** Terms of the geometric start sum: |z|^40 < 1e−22, below the rounding of doubles. */
const START_TERMS = 40;

/** B3 at −1−f, −f, 1−f, 2−f: the weights of the samples at ⌊x⌋−1 … ⌊x⌋+2 for the fraction f in [0, 1). */
export function cubicSplineWeights(fraction: number): [number, number, number, number] {
  const f = fraction;
  const g = 1 - f;
  return [
    (g * g * g) / 6,
    (3 * f * f * f - 6 * f * f + 4) / 6,
    (-3 * f * f * f + 3 * f * f + 3 * f + 1) / 6,
    (f * f * f) / 6,
  ];
}

/** Index of the sample that stands at `index` when n samples are mirrored about their outer edges. */
export function mirrorIndex(index: number, n: number): number {
  const period = 2 * n;
  const i = ((index % period) + period) % period;
  return i < n ? i : period - 1 - i;
}

/** Response of the sampled B-spline at a frequency in cycles per px; the prefilter is its inverse. */
export function cubicSplineResponse(frequency: number): number {
  return (4 + 2 * Math.cos(2 * Math.PI * frequency)) / 6;
}

/**
 * Replaces samples by B-spline coefficients along both axes, in place. The filter is linear and commutes
 * with translation, so it may be applied once to a sum of frames that were shifted with
 * {@link cubicSplineWeights} alone. Image `[height, width]`; one NaN spoils its row and column.
 */
export function cubicSplinePrefilter(image: Float32Array, width: number, height: number): void {
  filterRows(image, width, height);
  filterColumns(image, width, height);
}

/** Both recursions and the gain (1 − z)(1 − 1/z) = 6 in one factor per axis. */
const GAIN = 6;
const LAST = POLE / (POLE - 1);

function filterRows(image: Float32Array, width: number, height: number): void {
  const line = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    const start = y * width;
    let sum = 0;
    let power = POLE;
    for (let k = 0; k < START_TERMS; k++) {
      sum += power * image[start + mirrorIndex(k, width)];
      power *= POLE;
    }
    let previous = image[start] + sum;
    line[0] = previous;
    for (let x = 1; x < width; x++) {
      previous = image[start + x] + POLE * previous;
      line[x] = previous;
    }
    previous = LAST * line[width - 1];
    image[start + width - 1] = GAIN * previous;
    for (let x = width - 2; x >= 0; x--) {
      previous = POLE * (previous - line[x]);
      image[start + x] = GAIN * previous;
    }
  }
}

/** Whole rows at a time, so that memory is read in its order; the recursion runs in double per strip. */
function filterColumns(image: Float32Array, width: number, height: number): void {
  const strip = Math.min(width, 64);
  const lines = new Float64Array(strip * height);
  for (let x0 = 0; x0 < width; x0 += strip) {
    const w = Math.min(strip, width - x0);
    for (let x = 0; x < w; x++) {
      let sum = 0;
      let power = POLE;
      for (let k = 0; k < START_TERMS; k++) {
        sum += power * image[mirrorIndex(k, height) * width + x0 + x];
        power *= POLE;
      }
      lines[x] = image[x0 + x] + sum;
    }
    for (let y = 1; y < height; y++) {
      const from = y * width + x0;
      const to = y * strip;
      for (let x = 0; x < w; x++) lines[to + x] = image[from + x] + POLE * lines[to - strip + x];
    }
    const end = (height - 1) * strip;
    for (let x = 0; x < w; x++) {
      lines[end + x] *= LAST;
      image[(height - 1) * width + x0 + x] = GAIN * lines[end + x];
    }
    for (let y = height - 2; y >= 0; y--) {
      const at = y * strip;
      const to = y * width + x0;
      for (let x = 0; x < w; x++) {
        const value = POLE * (lines[at + strip + x] - lines[at + x]);
        lines[at + x] = value;
        image[to + x] = GAIN * value;
      }
    }
  }
}
