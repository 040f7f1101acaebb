import { Cholesky } from "#src/math/cholesky.ts";
import { pairsOf } from "./pairCorrelator.ts";

/**
 * FlexAlign's least squares: x and y with common weights, solved; equations whose residual lies beyond
 * three sd along either axis get weight 0; solved again. Those left out never return.
 */

/** Sides of an equation, one number an axis. */
interface Axes {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Sparse equations Σ_k value·unknown[column] = right side. */
export interface Equations {
  readonly count: number;
  readonly unknowns: number;
  /** Writes the columns and values of an equation; returns how many. */
  row(equation: number, columns: Int32Array, values: Float64Array): number;
  /** The most entries of a row. */
  readonly width: number;
  readonly right: Axes;
}

export interface RobustSolution {
  /** The unknowns along each axis. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Residuals (right side − left side) of all equations. */
  readonly residuals: Axes;
  /** 1, or 0 for those that were left out. */
  readonly weights: Uint8Array;
}

const PASSES = 2;
const REJECT_SD = 3;
/** Part of the mean diagonal that is added to it, so that what no equation asks for becomes 0. */
const RIDGE = 1e-12;

export function solveRobustly(equations: Equations): RobustSolution {
  const { count, right } = equations;
  const weights = new Uint8Array(count).fill(1);
  let x: Float64Array = new Float64Array(0);
  let y: Float64Array = new Float64Array(0);
  let residuals: Axes = right;
  for (let pass = 0; pass < PASSES; pass++) {
    [x, y] = solve(equations, weights);
    residuals = residualsOf(equations, x, y);
    if (pass === PASSES - 1) break;
    const limitX = REJECT_SD * populationSd(residuals.x);
    const limitY = REJECT_SD * populationSd(residuals.y);
    for (let e = 0; e < count; e++)
      if (Math.abs(residuals.x[e]) > limitX || Math.abs(residuals.y[e]) > limitY) weights[e] = 0;
  }
  return { x, y, residuals, weights };
}

function solve(equations: Equations, weights: Uint8Array): [Float64Array, Float64Array] {
  const { count, unknowns: n, right, width } = equations;
  const matrix = new Float64Array(n * n);
  const bx = new Float64Array(n);
  const by = new Float64Array(n);
  const columns = new Int32Array(width);
  const values = new Float64Array(width);
  for (let e = 0; e < count; e++) {
    if (weights[e] === 0) continue;
    const entries = equations.row(e, columns, values);
    for (let a = 0; a < entries; a++) {
      const row = columns[a] * n;
      bx[columns[a]] += values[a] * right.x[e];
      by[columns[a]] += values[a] * right.y[e];
      for (let b = 0; b < entries; b++) matrix[row + columns[b]] += values[a] * values[b];
    }
  }
  let trace = 0;
  for (let i = 0; i < n; i++) trace += matrix[i * n + i];
  for (let i = 0; i < n; i++) matrix[i * n + i] += (RIDGE * (trace + 1)) / n;
  const factor = new Cholesky(matrix, n);
  factor.solve(bx);
  factor.solve(by);
  return [bx, by];
}

function residualsOf(equations: Equations, x: Float64Array, y: Float64Array): Axes {
  const { count, right, width } = equations;
  const columns = new Int32Array(width);
  const values = new Float64Array(width);
  const out = { x: right.x.slice(), y: right.y.slice() };
  for (let e = 0; e < count; e++) {
    const entries = equations.row(e, columns, values);
    for (let a = 0; a < entries; a++) {
      out.x[e] -= values[a] * x[columns[a]];
      out.y[e] -= values[a] * y[columns[a]];
    }
  }
  return out;
}

function populationSd(values: Float64Array): number {
  let sum = 0;
  let square = 0;
  for (const v of values) sum += v;
  const mean = sum / values.length;
  for (const v of values) square += (v - mean) ** 2;
  return Math.sqrt(square / values.length);
}

/** Positions of the frames from the differences of all pairs. */
export interface Positions {
  /** p_k − p_0, px. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Pairs that were left out. */
  readonly rejected: number;
}

/**
 * Least-squares positions p of n frames from p_i − p_j of all pairs, `[pair][x, y]` in the order of
 * {@link pairsOf}: the unknowns are the steps p_k − p_{k+1}, the sum of those between i and j is the pair's.
 */
export function solvePositions(pairs: Float64Array, n: number): Positions {
  const { first, second } = pairsOf(n);
  const right = { x: pairs.filter((_, i) => i % 2 === 0), y: pairs.filter((_, i) => i % 2 === 1) };
  const solution = solveRobustly({
    count: first.length,
    unknowns: n - 1,
    width: n - 1,
    right,
    row: (e, columns, values) => {
      let entries = 0;
      for (let k = first[e]; k < second[e]; k++) {
        columns[entries] = k;
        values[entries++] = 1;
      }
      return entries;
    },
  });
  const x = new Float64Array(n);
  const y = new Float64Array(n);
  for (let k = 1; k < n; k++) {
    x[k] = x[k - 1] - solution.x[k - 1];
    y[k] = y[k - 1] - solution.y[k - 1];
  }
  return { x, y, rejected: solution.weights.reduce((sum, w) => sum + 1 - w, 0) };
}

/**
 * FlexAlign's reference frame: the one from which no other is far. The program looks at x alone; of equal
 * ones the first is taken.
 */
export function referenceByX(x: ArrayLike<number>): number {
  let [best, reference] = [Infinity, 0];
  for (let r = 0; r < x.length; r++) {
    let far = 0;
    for (let k = 0; k < x.length; k++) far = Math.max(far, Math.abs(x[k] - x[r]));
    if (far < best) [best, reference] = [far, r];
  }
  return reference;
}
