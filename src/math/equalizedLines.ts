import type { PixelArray } from "#src/domain/movie.ts";
import type { Reference } from "./quantiles.ts";

/** A band of lines (rows, or columns laid out as lines) of an image. */
export interface LineBand {
  /** Values in a line. */
  readonly length: number;
  /** Lines in the band, with what overlaps the neighbouring bands. */
  readonly lines: number;
  /** Index in the image of the band's first line, and lines in the whole image. */
  readonly firstLine: number;
  readonly totalLines: number;
  /** The lines `[innerStart, innerEnd)` of the band are its own; the others only help. */
  readonly innerStart: number;
  readonly innerEnd: number;
}

/** How values of a line take those of a reference: see {@link meanOverRanks}, {@link lastOfRanks}. */
export type TieRule = "mean" | "last";

/** Sums of quantile functions over a band's own lines for one σ: they add up over bands. */
export interface QuantileSum {
  /** `[length]` */
  readonly steps: Float64Array<ArrayBuffer>;
  readonly weight: number;
}

/** The lines of one frame, ranked. What is kept is enough to equalize them to any reference. */
export interface RankedLines {
  /** For a single reference: the sum over the band's own lines, for each σ. Empty otherwise. */
  readonly sums: readonly QuantileSum[];
  /**
   * For neighbourhoods: adds `weight · quantile function` of a line to `sum`, in steps; returns the good
   * values in the line. Rankings for a single reference do not keep the values.
   */
  addQuantiles(line: number, sum: Float64Array, weight: number): number;
  /** Adds the equalized values of a line to `target[at …]`. Left-out pixels get nothing. */
  equalize(line: number, reference: Reference, target: Target, at: number): void;
}

/** Collects {@link QuantileSum}s line by line. */
export interface QuantileSummer {
  /** `add` adds `weight · quantile function` of the line to a sum and returns its good values. */
  line(line: number, add: (sum: Float64Array, weight: number) => number): void;
  finish(): QuantileSum[];
}

/**
 * Sums over lines with the weights of {@link averageWeights}, one sum for each σ. The weights are 1 but
 * near the border, so all lines are added once and the border's difference from 1 for each σ.
 * @param differences  lines add the steps between their ranks instead of the values (run-length form)
 */
export function createQuantileSummer(
  weights: readonly Float64Array[],
  { length, firstLine, innerStart, innerEnd }: LineBand,
  differences: boolean,
): QuantileSummer {
  const base = new Float64Array(length + 1);
  const extra = weights.map(() => null as Float64Array | null);
  let lines = 0;
  const more = weights.map(() => 0);
  return {
    line: (line, add) => {
      if (line < innerStart || line >= innerEnd) return;
      if (add(base, 1) === 0) return;
      lines++;
      weights.forEach((perLine, s) => {
        const w = perLine[firstLine + line] - 1;
        if (Math.abs(w) < 1e-12) return;
        add((extra[s] ??= new Float64Array(length + 1)), w);
        more[s] += w;
      });
    },
    finish: () =>
      weights.map((_, s) => {
        const steps = new Float64Array(length);
        const own = extra[s];
        let running = 0;
        for (let r = 0; r < length; r++) {
          const value = base[r] + (own === null ? 0 : own[r]);
          running += value;
          steps[r] = differences ? running : value;
        }
        return { steps, weight: lines + more[s] };
      }),
  };
}

/** Sums that equalized values are added to. */
export type Target = Float32Array | Float64Array;

/** Pixels of a band, what they are combined with, and what is left out; all `[lines, length]`. */
export interface BandPixels {
  readonly pixels: PixelArray;
  readonly factor: Float32Array | Float64Array | null;
  readonly divide: boolean;
  /** 1 = left out. */
  readonly bad: Uint8Array | null;
}
