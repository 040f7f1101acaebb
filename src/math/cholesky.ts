import { CryoloupeError } from "#src/domain/errors.ts";

/**
 * Cholesky factor of a symmetric positive definite matrix, A = L·Lᵀ, row by row in one array: small dense
 * systems (hundreds of unknowns) whose factor is used many times.
 */
export class Cholesky {
  readonly n: number;
  /** L, `[n, n]`, zeros above the diagonal. */
  readonly factor: Float64Array;

  /** @param matrix A, `[n, n]`; only the lower triangle is read */
  constructor(matrix: Float64Array, n: number) {
    this.n = n;
    const L = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      const row = i * n;
      for (let j = 0; j <= i; j++) {
        const other = j * n;
        let sum = matrix[row + j];
        for (let k = 0; k < j; k++) sum -= L[row + k] * L[other + k];
        if (i === j) {
          if (!(sum > 0))
            throw new CryoloupeError(
              "internal",
              `A system of ${n} equations is singular (pivot ${i} is ${sum}).`,
            );
          L[row + i] = Math.sqrt(sum);
        } else L[row + j] = sum / L[other + j];
      }
    }
    this.factor = L;
  }

  /** Solves L·y = b in place, for entries from `from` on (those before are 0). */
  forward(b: Float64Array, from = 0): void {
    const { n, factor: L } = this;
    for (let i = from; i < n; i++) {
      const row = i * n;
      let sum = b[i];
      for (let k = from; k < i; k++) sum -= L[row + k] * b[k];
      b[i] = sum / L[row + i];
    }
  }

  /** Solves A·x = b in place. */
  solve(b: Float64Array): void {
    const { n, factor: L } = this;
    this.forward(b);
    // Column by column of Lᵀ, so that L is read along its rows.
    for (let i = n - 1; i >= 0; i--) {
      const row = i * n;
      const x = b[i] / L[row + i];
      b[i] = x;
      for (let k = 0; k < i; k++) b[k] -= L[row + k] * x;
    }
  }

  /** log det of the block of A that remains when the first `from` unknowns are eliminated. */
  logDeterminant(from = 0): number {
    let sum = 0;
    for (let i = from; i < this.n; i++) sum += 2 * Math.log(this.factor[i * this.n + i]);
    return sum;
  }
}
