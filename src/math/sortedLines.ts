import { lastOfRanks, meanOverRanks } from "./quantiles.ts";
import { createLineSorter } from "./lineSort.ts";
import { createQuantileSummer } from "./equalizedLines.ts";
import type { BandPixels, LineBand, RankedLines, TieRule } from "./equalizedLines.ts";

/** Adds `weight · quantile function` of n ascending values to `sum`, `length` steps; returns n. */
function addSteps(
  sorted: Float32Array | Float64Array,
  start: number,
  n: number,
  length: number,
  sum: Float64Array,
  weight: number,
): number {
  if (n === length) for (let r = 0; r < length; r++) sum[r] += weight * sorted[start + r];
  else if (n > 0)
    for (let r = 0; r < length; r++)
      sum[r] += weight * sorted[start + Math.floor(((r + 0.5) * n) / length)];
  return n;
}

/** Makes {@link RankedLines} by sorting; keeps its tables between frames. */
export interface LineRanker {
  /** @param weights  of the lines for each σ of a single reference; none for neighbourhoods */
  rank(band: BandPixels, weights: readonly Float64Array[]): RankedLines;
}

/**
 * Ranks lines of any values by sorting each. Kept of a line: the indices in ascending order, with the
 * top bit set where the value equals the next one; for neighbourhoods the sorted values too.
 */
export function createLineRanker(band: LineBand, ties: TieRule, precise: boolean): LineRanker {
  const { length, lines } = band;
  const sorter = createLineSorter(length, precise);
  const Values = precise ? Float64Array : Float32Array;
  const Order = length <= 32768 ? Uint16Array : Uint32Array;
  const TIE = length <= 32768 ? 0x8000 : 0x80000000;
  const INDEX = TIE - 1;
  const values = new Values(length);
  const places = new Uint32Array(length);

  return {
    rank: ({ pixels, factor, divide, bad }, weights) => {
      const keep = weights.length === 0;
      const summer = createQuantileSummer(weights, band, false);
      const order = new Order(lines * length);
      const sorted = new Values(keep ? lines * length : 0);
      const counts = new Uint32Array(lines);
      for (let line = 0; line < lines; line++) {
        const start = line * length;
        let n = 0;
        if (bad === null) {
          n = length;
          if (factor === null) for (let x = 0; x < length; x++) values[x] = pixels[start + x];
          else if (divide)
            for (let x = 0; x < length; x++) values[x] = pixels[start + x] / factor[start + x];
          else for (let x = 0; x < length; x++) values[x] = pixels[start + x] * factor[start + x];
        } else
          for (let x = 0; x < length; x++) {
            const i = start + x;
            if (bad[i] !== 0) continue;
            const f = factor === null ? 1 : factor[i];
            values[n] = divide ? pixels[i] / f : pixels[i] * f;
            places[n++] = x;
          }
        sorter.sort(values, n);
        counts[line] = n;
        const ranked = sorter.sorted;
        const by = sorter.order;
        for (let r = 0; r < n; r++) {
          const tie = r + 1 < n && ranked[r] === ranked[r + 1] ? TIE : 0;
          order[start + r] = (bad === null ? by[r] : places[by[r]]) | tie;
        }
        if (keep) sorted.set(ranked.subarray(0, n), start);
        else summer.line(line, (sum, weight) => addSteps(ranked, 0, n, length, sum, weight));
      }
      return {
        sums: keep ? [] : summer.finish(),
        addQuantiles: (line, sum, weight) =>
          addSteps(sorted, line * length, counts[line], length, sum, weight),
        equalize: (line, reference, target, at) => {
          const start = line * length;
          const n = counts[line];
          for (let from = 0; from < n;) {
            let to = from + 1;
            while ((order[start + to - 1] & TIE) !== 0) to++;
            const value =
              ties === "mean"
                ? meanOverRanks(reference, from, to, n)
                : lastOfRanks(reference, to, n);
            for (let r = from; r < to; r++) target[at + (order[start + r] & INDEX)] += value;
            from = to;
          }
        },
      };
    },
  };
}
