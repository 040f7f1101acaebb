/** Number of radial bins from 0 to ½ cycle per pixel, where nothing finer is needed. */
export const RADIAL_BINS = 128;

/** Centre of a bin, cycles per pixel. */
export const binFrequency = (bin: number, bins = RADIAL_BINS): number => (bin + 0.5) / (2 * bins);

export interface RadialMean {
  readonly mean: Float64Array;
  readonly count: Float64Array;
}

/**
 * Radial means of a real image over a half spectrum `[height, floor(width/2)+1]`, without the axes and two
 * lines beside them (rows and columns of the detector live there). Bins of fewer than 9 values are filled
 * by linear interpolation from their neighbours.
 */
export function radialMean(
  values: Float32Array,
  width: number,
  height: number,
  bins = RADIAL_BINS,
): RadialMean {
  const half = Math.floor(width / 2) + 1;
  const sum = new Float64Array(bins);
  const count = new Float64Array(bins);
  const cross = 2;
  for (let ky = 0; ky < height; ky++) {
    if (ky <= cross || ky >= height - cross) continue;
    const fy = (ky <= (height - 1) / 2 ? ky : ky - height) / height;
    for (let kx = cross + 1; kx < half; kx++) {
      const fx = kx / width;
      const f = Math.sqrt(fy * fy + fx * fx);
      const bin = Math.min(Math.floor(f * 2 * bins), bins - 1);
      sum[bin] += values[ky * half + kx];
      count[bin]++;
    }
  }
  const mean = new Float64Array(bins);
  const known: number[] = [];
  for (let b = 0; b < bins; b++)
    if (count[b] > 8) {
      mean[b] = sum[b] / count[b];
      known.push(b);
    }
  fillBetween(mean, known);
  return { mean, count };
}

function fillBetween(mean: Float64Array, known: readonly number[]): void {
  if (known.length === 0) return;
  let next = 0;
  for (let b = 0; b < mean.length; b++) {
    while (next < known.length && known[next] < b) next++;
    if (next < known.length && known[next] === b) continue;
    if (next === 0) mean[b] = mean[known[0]];
    else if (next === known.length) mean[b] = mean[known[known.length - 1]];
    else {
      const [a, c] = [known[next - 1], known[next]];
      mean[b] = mean[a] + ((mean[c] - mean[a]) * (b - a)) / (c - a);
    }
  }
}

/** A radial curve at any frequency, linear between bin centres, constant beyond the ends. */
export function atFrequency(curve: Float64Array, f: number): number {
  const at = f * 2 * curve.length - 0.5;
  if (at <= 0) return curve[0];
  if (at >= curve.length - 1) return curve[curve.length - 1];
  const low = Math.floor(at);
  return curve[low] + (curve[low + 1] - curve[low]) * (at - low);
}

/** Walks a half spectrum: `visit(index, fx, fy, f)` with frequencies in cycles per pixel. */
export function forEachFrequency(
  width: number,
  height: number,
  visit: (index: number, fx: number, fy: number, f: number) => void,
): void {
  const half = Math.floor(width / 2) + 1;
  for (let ky = 0, i = 0; ky < height; ky++) {
    const fy = (ky <= (height - 1) / 2 ? ky : ky - height) / height;
    for (let kx = 0; kx < half; kx++, i++) {
      const fx = kx / width;
      visit(i, fx, fy, Math.sqrt(fx * fx + fy * fy));
    }
  }
}
