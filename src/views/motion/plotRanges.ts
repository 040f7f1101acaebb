import type { PlotLabel } from "../shared/Plot.tsx";
import { fixed } from "../shared/format.ts";

type Range = readonly [number, number];

/** A range of values with a tenth of it free at either end; null without values. */
export function padded(values: readonly number[]): Range | null {
  const known = values.filter((v) => Number.isFinite(v));
  if (known.length === 0) return null;
  const low = Math.min(...known);
  const high = Math.max(...known);
  const room = high > low ? (high - low) / 10 : 0.6;
  return [low - room, high + room];
}

/** Ticks of one step for both axes of a path, far enough for the axis that is widened to keep the scale. */
export function pathTicks(
  x: readonly number[],
  y: readonly number[],
): { readonly at: readonly number[]; readonly text: readonly string[] } {
  const reach = Math.max(Math.max(...x) - Math.min(...x), Math.max(...y) - Math.min(...y));
  // Nothing moves: the plot shows one to either side.
  const span = reach > 1e-6 ? reach : 2;
  const raw = span / 3;
  const decade = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((v) => v * decade).find((v) => v >= raw) ?? raw;
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const first = Math.floor((Math.min(...x, ...y) - 3 * span) / step);
  const last = Math.ceil((Math.max(...x, ...y) + 3 * span) / step);
  const at = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  return { at, text: at.map((v) => fixed(v, decimals)) };
}

/** Range and limits of a radial curve: what stands at low resolution may leave the plot. */
export function beyond(
  frequency: readonly number[],
  curves: readonly (readonly number[])[],
  from: number,
): Range | null {
  return padded(curves.flatMap((curve) => curve.filter((_, i) => frequency[i] >= from)));
}

/** Height of a word over the height of a plot's field, both in screen px. */
const WORD = 13;
const MARGINS = 56;

/** "x" and "y" at the ends of two lines, pushed apart where the lines end close together. */
export function twoLabels(
  at: number,
  x: number,
  y: number,
  range: Range | null,
  height: number,
): readonly PlotLabel[] {
  const least = range === null ? 0 : ((range[1] - range[0]) * WORD) / (height - MARGINS);
  const push = Math.max(0, least - Math.abs(x - y)) / 2;
  const up = x >= y ? 1 : -1;
  return [
    { x: at, y: x + up * push, text: " x", colour: "--series-x", strong: true },
    { x: at, y: y - up * push, text: " y", colour: "--series-y", strong: true },
  ];
}
