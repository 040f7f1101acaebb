/**
 * Quantile functions of lines, as midway equalization uses them. A line of n good values stands for the
 * step function that takes its r-th smallest value on [r/n, (r+1)/n). Reference functions have L steps,
 * L the full length of a line; a line with n < L is read at the middles of those steps.
 */

/** Step of a reference of `length` steps at which rank `rank` of `count` begins to be read. */
export function firstStep(rank: number, count: number, length: number): number {
  return count === length ? rank : Math.max(0, Math.ceil((rank * length) / count - 0.5));
}

/** Weights `exp(−k²/2σ²)`, k = 0 … ceil(3σ); a single 1 for σ = 0 (Sorzano et al. 2018, Eq. 2). */
export function halfKernel(sigma: number): Float64Array {
  if (sigma === 0) return Float64Array.of(1);
  return Float64Array.from({ length: Math.ceil(3 * sigma) + 1 }, (_, k) =>
    Math.exp((-0.5 * k * k) / (sigma * sigma)),
  );
}

/** Sum of the weights that fall on lines 0 … lines − 1 around `line`: no wrapping, no padding. */
export function kernelSum(kernel: Float64Array, line: number, lines: number): number {
  let sum = 0;
  for (let k = 1 - kernel.length; k < kernel.length; k++)
    if (line + k >= 0 && line + k < lines) sum += kernel[Math.abs(k)];
  return sum;
}

/**
 * Weight of each line in the average over all smoothed lines (Eq. 3): with the smoothing of Eq. 2 cut at
 * the border, `w_i = Σ_j g(i−j) / Σ_k g(j−k)`. All 1 for σ = 0; they differ from 1 near the border only.
 */
export function averageWeights(sigma: number, lines: number): Float64Array {
  const kernel = halfKernel(sigma);
  const weights = new Float64Array(lines);
  for (let j = 0; j < lines; j++) {
    const norm = kernelSum(kernel, j, lines);
    for (let k = 1 - kernel.length; k < kernel.length; k++)
      if (j + k >= 0 && j + k < lines) weights[j + k] += kernel[Math.abs(k)] / norm;
  }
  return weights;
}

/** A reference quantile function with its running sums. */
export interface Reference {
  /** Values of the L steps, ascending. */
  readonly steps: Float64Array;
  /** Running sums: `sums[r] = Σ_{i<r} steps[i]`, L + 1 entries. */
  readonly sums: Float64Array;
}

export function createReference(steps: Float64Array): Reference {
  const sums = new Float64Array(steps.length + 1);
  for (let r = 0; r < steps.length; r++) sums[r + 1] = sums[r] + steps[r];
  return { steps, sums };
}

/** Mean of the reference over ranks [from, to) of `count`: what equal values become. */
export function meanOverRanks(
  { steps, sums }: Reference,
  from: number,
  to: number,
  count: number,
): number {
  const length = steps.length;
  if (count === length)
    return to - from === 1 ? steps[from] : (sums[to] - sums[from]) / (to - from);
  const at = (rank: number): number => {
    const x = (rank * length) / count;
    const i = Math.min(length, Math.floor(x));
    return sums[i] + (i < length ? (x - i) * steps[i] : 0);
  };
  return ((at(to) - at(from)) * count) / ((to - from) * length);
}

/** The last entry of the reference among ranks [from, to) of `count`: Xmipp's rule for equal values. */
export function lastOfRanks({ steps }: Reference, to: number, count: number): number {
  const length = steps.length;
  return steps[Math.min(length - 1, Math.floor(((to - 0.5) * length) / count))];
}
