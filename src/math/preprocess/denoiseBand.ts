import type { DenoiseScale, StepSums } from "./denoise.ts";

/** μ and β of the functional. */
export const TV_WEIGHT = 0.03;
export const TV_SMOOTHING = 1e-5;

export type Reals = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** First and last row of a band's trial image, for its neighbours, and ⟨∇, d⟩ of each row. */
export interface BandTrial {
  readonly first: Reals;
  readonly last: Reals;
  readonly slopes: Float64Array<ArrayBuffer>;
}

/**
 * Sums of each row at the trial image: Σ (2√(k2·X + k1) − Y)², Σ √(dx² + dy² + β²), ⟨Δ, ∇new − ∇⟩, ⟨Δ, Δ⟩; and the
 * largest Δ of all rows with its sign.
 */
export interface BandSums {
  readonly data: Float64Array<ArrayBuffer>;
  readonly variation: Float64Array<ArrayBuffer>;
  readonly curvatures: Float64Array<ArrayBuffer>;
  readonly squares: Float64Array<ArrayBuffer>;
  readonly largest: number;
}

/**
 * Some rows of the denoiser's image, all of them on one core. Sums are given row by row, so that who adds them in
 * the order of rows gets the same number however the rows are dealt out.
 */
export interface DenoiseBand {
  /** Makes the trial image X + ξ·d, d = clamp(X − θ·∇, 0, 1) − X. */
  trial(theta: number, xi: number): BandTrial;
  /** Functional and gradient at the trial image, whose rows above and below the band are given (periodic). */
  sweep(above: Reals, below: Reals): BandSums;
  /** Takes the trial image as X, and its gradient. */
  accept(): void;
  /** X, not to be changed. */
  readonly x: Reals;
}

/**
 * A band that starts at X = Y with gradient 0, so that a trial of length 0, swept and accepted, gives the energy of
 * the start and its gradient.
 * @param target Y, [rows, width]
 */
export function createDenoiseBand(
  target: Reals,
  width: number,
  { k1, k2 }: Pick<DenoiseScale, "k1" | "k2">,
): DenoiseBand {
  const rows = target.length / width;
  const make = (): Reals =>
    target instanceof Float64Array
      ? new Float64Array(target.length)
      : new Float32Array(target.length);
  let x: Reals = target.slice();
  let tried = make();
  let gradient = make();
  let next = make();
  let weightsAbove = new Float64Array(width);
  let weightsHere = new Float64Array(width);

  const trial = (theta: number, xi: number): BandTrial => {
    const slopes = new Float64Array(rows);
    for (let y = 0; y < rows; y++) {
      const row = y * width;
      let slope = 0;
      for (let i = row; i < row + width; i++) {
        const now = x[i];
        const g = gradient[i];
        let to = now - theta * g;
        to = to < 0 ? 0 : to > 1 ? 1 : to;
        const d = to - now;
        slope += g * d;
        tried[i] = now + xi * d;
      }
      slopes[y] = slope;
    }
    return {
      first: tried.slice(0, width),
      last: tried.slice((rows - 1) * width),
      slopes,
    };
  };

  /** 1/√(dx² + dy² + β²) of a row into `into`; Σ √(…). */
  const weigh = (
    row: Reals,
    at: number,
    under: Reals,
    below: number,
    into: Float64Array,
  ): number => {
    let sum = 0;
    let value = row[at];
    const start = value;
    for (let u = 0; u < width; u++) {
      const right = u + 1 < width ? row[at + u + 1] : start;
      const dx = right - value;
      const dy = under[below + u] - value;
      const length = Math.sqrt(dx * dx + dy * dy + TV_SMOOTHING * TV_SMOOTHING);
      sum += length;
      into[u] = 1 / length;
      value = right;
    }
    return sum;
  };

  const sweep = (above: Reals, below: Reals): BandSums => {
    const at = tried;
    const data = new Float64Array(rows);
    const variation = new Float64Array(rows);
    const curvatures = new Float64Array(rows);
    const squares = new Float64Array(rows);
    let largest = -Infinity;
    weigh(above, 0, at, 0, weightsAbove);
    for (let y = 0; y < rows; y++) {
      const row = y * width;
      const upper = y > 0 ? at : above;
      const up = y > 0 ? row - width : 0;
      const lower = y + 1 < rows ? at : below;
      const down = y + 1 < rows ? row + width : 0;
      const here = weightsHere;
      variation[y] = weigh(at, row, lower, down, here);
      let left = at[row + width - 1];
      let leftWeight = here[width - 1];
      let value = at[row];
      const start = value;
      let rowData = 0;
      let rowCurvature = 0;
      let rowSquares = 0;
      for (let u = 0; u < width; u++) {
        const i = row + u;
        const right = u + 1 < width ? at[i + 1] : start;
        const w = here[u];
        const upWeight = weightsAbove[u];
        const argument = k2 * value + k1;
        const root = argument > 0 ? Math.sqrt(argument) : 0;
        const residual = 2 * root - target[i];
        rowData += residual * residual;
        const fidelity = argument > 0 ? 2 * k2 - (k2 * target[i]) / root : 0;
        const smooth =
          value * (2 * w + leftWeight + upWeight) -
          left * leftWeight -
          upper[up + u] * upWeight -
          w * (right + lower[down + u]);
        const g = fidelity + TV_WEIGHT * smooth;
        const delta = value - x[i];
        rowCurvature += delta * (g - gradient[i]);
        rowSquares += delta * delta;
        if (delta > largest) largest = delta;
        next[i] = g;
        left = value;
        leftWeight = w;
        value = right;
      }
      data[y] = rowData;
      curvatures[y] = rowCurvature;
      squares[y] = rowSquares;
      [weightsAbove, weightsHere] = [weightsHere, weightsAbove];
    }
    return { data, variation, curvatures, squares, largest };
  };

  return {
    trial,
    sweep,
    accept: () => {
      [x, tried] = [tried, x];
      [gradient, next] = [next, gradient];
    },
    get x() {
      return x;
    },
  };
}

/** What a trial of all bands, top to bottom, says of the whole image. */
export function sumBands(
  trials: readonly BandTrial[],
  sums: readonly BandSums[],
): { readonly energy: number; readonly slope: number; readonly step: StepSums } {
  return {
    energy:
      0.5 * addRows(sums.map(({ data }) => data)) +
      TV_WEIGHT * addRows(sums.map(({ variation }) => variation)),
    slope: addRows(trials.map(({ slopes }) => slopes)),
    step: {
      curvature: addRows(sums.map(({ curvatures }) => curvatures)),
      squares: addRows(sums.map(({ squares }) => squares)),
      largest: Math.max(...sums.map(({ largest }) => largest)),
    },
  };
}

/** Sums over the rows of all bands, one row after the other. */
function addRows(parts: readonly Float64Array[]): number {
  let sum = 0;
  for (const part of parts) for (const value of part) sum += value;
  return sum;
}
