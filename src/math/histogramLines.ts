import type { PixelArray } from "#src/domain/movie.ts";
import { firstStep, lastOfRanks, meanOverRanks } from "./quantiles.ts";
import { createQuantileSummer } from "./equalizedLines.ts";
import type { LineBand, RankedLines, TieRule } from "./equalizedLines.ts";

/** Smallest and largest value of integer pixels; of bytes, those that they can have. */
export function rangeOf(pixels: PixelArray): { readonly min: number; readonly max: number } {
  // 256 bins are so few that looking costs more than it saves.
  if (pixels instanceof Uint8Array) return { min: 0, max: 255 };
  if (pixels instanceof Int8Array) return { min: -128, max: 127 };
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < pixels.length; i++) {
    const v = pixels[i];
    if (v < min) min = v;
    if (v > max) max = v;
  }
  return { min, max };
}

/** Histograms serve while a line's have no more bins than the line has pixels (or 256). */
export function histogramsFit(range: { min: number; max: number }, length: number): boolean {
  return range.max - range.min < Math.max(256, length);
}

/**
 * Ranks integer lines exactly by histograms: ranks `[N(v − 1), N(v))` of a line hold the value v, N its
 * cumulative histogram. Time grows with pixels and with bins, not with pixels · log(pixels).
 */
export function rankByHistograms(
  pixels: PixelArray,
  bad: Uint8Array | null,
  band: LineBand,
  range: { readonly min: number; readonly max: number },
  ties: TieRule,
  weights: readonly Float64Array[],
): RankedLines {
  const { length, lines } = band;
  const { min } = range;
  const bins = range.max - min + 1;
  const cumulative =
    length <= 65535 ? new Uint16Array(lines * bins) : new Uint32Array(lines * bins);
  const counts = new Uint32Array(bins);
  const summer = createQuantileSummer(weights, band, true);
  for (let line = 0; line < lines; line++) {
    counts.fill(0);
    const start = line * length;
    if (bad === null) countAll(pixels, start, start + length, min, counts);
    else for (let i = start; i < start + length; i++) if (bad[i] === 0) counts[pixels[i] - min]++;
    let n = 0; // good pixels with values up to v
    for (let v = 0, o = line * bins; v < bins; v++, o++) {
      n += counts[v];
      cumulative[o] = n;
    }
    // The step from one value to the next stands at the rank where the next begins; the summer adds up.
    const total = n;
    if (weights.length > 0)
      summer.line(line, (sum, weight) => {
        let rank = 0;
        let last = 0;
        for (let v = 0; v < bins; v++) {
          if (counts[v] === 0) continue;
          sum[firstStep(rank, total, length)] += weight * (v + min - last);
          last = v + min;
          rank += counts[v];
        }
        return total;
      });
  }
  const table = new Float64Array(bins);

  return {
    sums: weights.length > 0 ? summer.finish() : [],
    addQuantiles: (line, sum, weight) => {
      const offset = line * bins;
      const count = cumulative[offset + bins - 1];
      if (count === 0) return 0;
      let before = 0;
      for (let v = 0; v < bins; v++) {
        const upTo = cumulative[offset + v];
        if (upTo === before) continue;
        const end = firstStep(upTo, count, length);
        const value = weight * (v + min);
        for (let r = firstStep(before, count, length); r < end; r++) sum[r] += value;
        before = upTo;
      }
      return count;
    },
    equalize: (line, reference, target, at) => {
      const offset = line * bins;
      const count = cumulative[offset + bins - 1];
      if (count === 0) return;
      let before = 0;
      for (let v = 0; v < bins; v++) {
        const upTo = cumulative[offset + v];
        if (upTo === before) continue;
        table[v] =
          ties === "mean"
            ? meanOverRanks(reference, before, upTo, count)
            : lastOfRanks(reference, upTo, count);
        before = upTo;
      }
      const start = line * length;
      if (bad === null) addFromTable(pixels, start, length, min, table, target, at);
      else
        for (let x = 0; x < length; x++)
          if (bad[start + x] === 0) target[at + x] += table[pixels[start + x] - min];
    },
  };
}

function countAll(
  pixels: PixelArray,
  start: number,
  end: number,
  min: number,
  counts: Uint32Array,
): void {
  for (let i = start; i < end; i++) counts[pixels[i] - min]++;
}

function addFromTable(
  pixels: PixelArray,
  start: number,
  length: number,
  min: number,
  table: Float64Array,
  target: Float32Array | Float64Array,
  at: number,
): void {
  for (let x = 0; x < length; x++) target[at + x] += table[pixels[start + x] - min];
}
