import { halfKernel, kernelSum } from "#src/math/quantiles.ts";

/** Entries of an ascending line for which `before` holds. */
function countBelow(line: readonly number[], before: (x: number) => boolean): number {
  let low = 0;
  for (let high = line.length; low < high;) {
    const middle = (low + high) >> 1;
    if (before(line[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Midway equalization of one frame written down as its definition reads (Sorzano et al. 2018, Eq. 2–6),
 * in double precision and without care for time: the oracle of both backends.
 * @returns ½(column output + row output), `[height, width]`
 */
export function naiveSme(
  frame: ArrayLike<number>,
  width: number,
  height: number,
  options: { reference: "single" | "neighbours"; sigma: number; ties: "mean" | "last" },
): Float64Array {
  const result = new Float64Array(width * height);
  const kernel = halfKernel(options.sigma);
  const direction = (lines: number, length: number, at: (j: number, i: number) => number): void => {
    const values = Array.from({ length: lines }, (_, j) =>
      Array.from({ length }, (_, i) => frame[at(j, i)]),
    );
    const sorted = values.map((line) => [...line].sort((a, b) => a - b));
    let references = sorted.map((_, j) =>
      Array.from({ length }, (_, r) => {
        let sum = 0;
        for (let k = 1 - kernel.length; k < kernel.length; k++)
          if (j + k >= 0 && j + k < lines) sum += kernel[Math.abs(k)] * sorted[j + k][r];
        return sum / kernelSum(kernel, j, lines);
      }),
    );
    if (options.reference === "single") {
      const mean = Array.from(
        { length },
        (_, r) => references.reduce((sum, q) => sum + q[r], 0) / lines,
      );
      references = references.map(() => mean);
    }
    for (let j = 0; j < lines; j++)
      for (let i = 0; i < length; i++) {
        const v = values[j][i];
        const below = countBelow(sorted[j], (x) => x < v);
        const upTo = countBelow(sorted[j], (x) => x <= v);
        const run = references[j].slice(below, upTo);
        const value =
          options.ties === "last"
            ? references[j][upTo - 1]
            : run.reduce((s, x) => s + x, 0) / run.length;
        result[at(j, i)] += value / 2;
      }
  };
  direction(width, height, (x, y) => y * width + x);
  direction(height, width, (y, x) => y * width + x);
  return result;
}
