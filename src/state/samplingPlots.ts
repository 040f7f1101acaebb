import { samplingDefocus } from "#src/domain/ctf.ts";
import type { CtfTable, DefocusSample } from "#src/domain/ctf.ts";

/** Bars of the population, in µm. */
export interface DefocusBars {
  readonly from: number;
  readonly to: number;
  /** Width of a bar. */
  readonly step: number;
  readonly counts: readonly number[];
  readonly highest: number;
  /** Values outside [from, to). */
  readonly below: number;
  readonly above: number;
}

/** A round step that parts `span` into about `parts`. */
export function roundStep(span: number, parts: number): number {
  if (!(span > 0)) return 1;
  const raw = span / parts;
  const decade = 10 ** Math.floor(Math.log10(raw));
  return ([1, 2, 5].find((m) => m * decade >= raw) ?? 10) * decade;
}

/** Round ticks within [from, to]. */
export function roundTicks(from: number, to: number, parts: number): number[] {
  const step = roundStep(to - from, parts);
  const ticks: number[] = [];
  for (let k = Math.ceil(from / step - 1e-9); k * step <= to + 1e-9 * step; k++)
    ticks.push(k * step);
  return ticks;
}

/** Decimals that tell ticks apart. */
export function tickDecimals(ticks: readonly number[]): number {
  if (ticks.length < 2) return 2;
  return Math.max(0, Math.min(6, -Math.floor(Math.log10(ticks[1] - ticks[0]) + 1e-9)));
}

/**
 * Histogram of the population over a range that shows every bin of the sample: a bin's width beyond the outermost
 * inner edges, so that a single absurd value makes no empty picture.
 */
export function defocusBars(table: CtfTable, sample: DefocusSample): DefocusBars {
  const values = sample.populationRows.map((r) => samplingDefocus(table.estimates[r]) / 1e4);
  const { bins } = sample;
  const first = bins[0];
  const last = bins[bins.length - 1];
  const min = first.from / 1e4;
  const max = last.to / 1e4;
  const inner = (last.from - first.to) / 1e4;
  const room = bins.length > 2 ? (1.6 * inner) / (bins.length - 2) : Infinity;
  const low = Math.max(min, first.to / 1e4 - room);
  const high = Math.min(max, last.from / 1e4 + room);
  const spread = high > low ? high - low : 0.1;
  const step = roundStep(spread, 60);
  const from = Math.floor(low / step + 1e-9) * step;
  const count = Math.max(1, Math.floor((low + spread - from) / step + 1e-9) + 1);
  const counts = new Array<number>(count).fill(0);
  let below = 0;
  let above = 0;
  for (const v of values) {
    const bar = Math.floor((v - from) / step + 1e-9);
    if (bar < 0) below++;
    else if (bar >= count) above++;
    else counts[bar]++;
  }
  const highest = counts.reduce((a, b) => Math.max(a, b), 1);
  return { from, to: from + count * step, step, counts, highest, below, above };
}

/** Range of values without the outermost hundredths, widened by a little; at least something. */
export function plotRange(values: readonly number[]): { from: number; to: number } {
  const sorted = Float64Array.from(values.filter((v) => Number.isFinite(v))).sort();
  if (sorted.length === 0) return { from: 0, to: 1 };
  const low = sorted[Math.floor(0.002 * (sorted.length - 1))];
  const high = sorted[Math.ceil(0.995 * (sorted.length - 1))];
  const margin = 0.06 * (high - low) || Math.max(0.05 * Math.abs(high), 0.05);
  return { from: low - margin, to: high + margin };
}

/** Whether a point lies in a polygon (even–odd rule). */
export function insidePolygon(
  x: number,
  y: number,
  polygon: readonly { readonly x: number; readonly y: number }[],
): boolean {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const a = polygon[i];
    const b = polygon[j];
    if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) inside = !inside;
  }
  return inside;
}
