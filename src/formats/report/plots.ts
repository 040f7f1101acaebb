import type { MetricLimit } from "#src/domain/records/metrics.ts";
import { niceTicks, timeTicks, trendRange } from "#src/math/overview/axisTicks.ts";
import { runningMedian, trendWindow } from "#src/math/overview/movingMedian.ts";
import { thinDots } from "#src/math/overview/thinDots.ts";
import { isBeyond } from "#src/math/overview/thresholds.ts";
import { escape, number, timeOfDay } from "./html.ts";

/** Drawn as SVG in place; px of a page that is 720 wide. */
const WIDTH = 720;
const LEFT = 46;
const RIGHT = 82;

const f = (value: number): string => String(Math.round(value * 10) / 10);

function svg(height: number, label: string, body: string): string {
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(label)}">${body}</svg>`;
}

function decimalsOf(ticks: readonly number[]): number {
  return Math.max(
    0,
    ...ticks.map((tick) => (String(tick).split(".")[1] as string | undefined)?.length ?? 0),
  );
}

export interface TrendSvg {
  readonly title: string;
  readonly unit: string;
  /** Shown value = value × this. */
  readonly scale: number;
  /** Milliseconds since 1970 or places in the order, ascending with the movies. */
  readonly x: readonly number[];
  readonly values: readonly number[];
  /** Movies that stand out, drawn as triangles. */
  readonly far: readonly boolean[];
  readonly limit: MetricLimit | undefined;
  readonly limitTexts: readonly string[];
  readonly axis: { readonly kind: "time" | "order"; readonly from: number; readonly to: number };
  readonly zone: number;
}

/** A number over the acquisition: dots (thinned), running median, limits, triangles beyond them. */
export function trendSvg(trend: TrendSvg): string {
  const [top, height] = [18, 92];
  const { values, axis, scale, limit } = trend;
  const [low, high] = [limit?.low ?? null, limit?.high ?? null];
  const [from, to] = trendRange(values, [low, high]);
  const inner = WIDTH - LEFT - RIGHT;
  const toX = (v: number): number => LEFT + ((v - axis.from) / (axis.to - axis.from || 1)) * inner;
  const toY = (v: number): number => top + height - ((v - from) / (to - from)) * height;
  const [x, y] = [trend.x.map(toX), values.map(toY)];
  const far = (i: number): boolean => trend.far[i] || isBeyond(values[i], { low, high });
  const parts: string[] = [
    `<text class="t" x="0" y="10">${escape(trend.title)}${trend.unit === "" ? "" : `, ${escape(trend.unit)}`}</text>`,
  ];
  const ticks = niceTicks(from * scale, to * scale, 3);
  const decimals = decimalsOf(ticks);
  for (const tick of ticks) {
    const at = toY(tick / scale);
    parts.push(`<path class="g" d="M${LEFT} ${f(at)}H${WIDTH - RIGHT}"/>`);
    if (at > top + 4)
      parts.push(
        `<text x="${LEFT - 6}" y="${f(at + 3.5)}" text-anchor="end">${number(tick, decimals)}</text>`,
      );
  }
  const kept = thinDots(x, y, far, 1.5);
  const dots = kept.filter((i) => !far(i));
  parts.push(`<path class="d" d="${dots.map((i) => `M${f(x[i])} ${f(y[i])}h0`).join("")}"/>`);
  if (values.length > 2) {
    const { median } = runningMedian(values, trendWindow(values.length));
    const step = Math.max(1, Math.floor(values.length / 300));
    const line = values.flatMap((_, i) =>
      i % step === 0 ? [`${f(x[i])} ${f(toY(median[i]))}`] : [],
    );
    parts.push(`<path class="m" d="M${line.join("L")}"/>`);
  }
  for (const i of kept)
    if (far(i))
      parts.push(
        `<path class="${isBeyond(values[i], { low, high }) ? "o" : "u"}" d="M${f(x[i])} ${f(y[i] - 3.5)}l3.5 6h-7z"/>`,
      );
  [low, high]
    .filter((bound) => bound !== null)
    .forEach((bound, i) => {
      const at = toY(bound);
      const inside = at >= top && at <= top + height;
      if (inside) parts.push(`<path class="l" d="M${LEFT} ${f(at)}H${WIDTH - RIGHT}"/>`);
      parts.push(
        `<text x="${WIDTH - RIGHT + 5}" y="${f(inside ? at + 3.5 : at < top ? top + 6 : top + height)}">limit ${escape(trend.limitTexts[i])}${inside ? "" : at < top ? " ↑" : " ↓"}</text>`,
      );
    });
  const bottom = top + height;
  parts.push(`<path class="a" d="M${LEFT} ${bottom}H${WIDTH - RIGHT}"/>`);
  const marks =
    axis.kind === "time"
      ? timeTicks(axis.from, axis.to, 7, trend.zone)
      : niceTicks(axis.from, axis.to, 6).filter(Number.isInteger);
  for (const mark of marks)
    parts.push(
      `<path class="a" d="M${f(toX(mark))} ${bottom}v4"/><text x="${f(toX(mark))}" y="${bottom + 14}" text-anchor="middle">${axis.kind === "time" ? timeOfDay(mark, trend.zone) : number(mark, 0)}</text>`,
    );
  parts.push(
    `<text x="${WIDTH}" y="${bottom + 14}" text-anchor="end">${axis.kind === "time" ? "time" : "movie"}</text>`,
  );
  return svg(
    bottom + 18,
    `${trend.title} of ${values.length} movies over the acquisition`,
    parts.join(""),
  );
}

export interface HistogramSvg {
  readonly label: string;
  readonly xTitle: string;
  readonly from: number;
  readonly to: number;
  readonly counts: readonly number[];
  /** Curve over it, same bins; null = none. */
  readonly curve: { readonly counts: readonly number[]; readonly text: string } | null;
  readonly marks: readonly { readonly at: number; readonly text: string }[];
  readonly squareRoot: boolean;
  readonly decimals?: number;
}

/** Zero-based bars over a number, with marks and a dashed curve for comparison. */
export function histogramSvg(plot: HistogramSvg): string {
  const { counts, curve, from, to } = plot;
  const [top, height] = [20, 110];
  const inner = WIDTH - LEFT - RIGHT;
  const shape = (count: number): number => (plot.squareRoot ? Math.sqrt(count) : count);
  const most = shape(Math.max(1, ...counts)) * (curve === null ? 1 : 1.12);
  const toX = (v: number): number => LEFT + ((v - from) / (to - from || 1)) * inner;
  const toY = (count: number): number =>
    top + height - (Math.min(shape(count), most) / most) * height;
  const step = inner / counts.length;
  const bars = counts
    .map((count, i) =>
      count === 0
        ? ""
        : `M${f(LEFT + i * step)} ${top + height}V${f(toY(count))}h${f(Math.max(0.6, step * 0.9))}V${top + height}z`,
    )
    .join("");
  const parts = [`<path class="b" d="${bars}"/>`];
  if (curve !== null) {
    const line = curve.counts.map((c, i) => `${f(LEFT + (i + 0.5) * step)} ${f(toY(c))}`).join("L");
    parts.push(
      `<path class="c" d="M${line}"/><text x="${WIDTH - RIGHT + 5}" y="${top + 8}">- - ${escape(curve.text)}</text>`,
    );
  }
  plot.marks.forEach(({ at, text }, i) => {
    if (at < from || at > to) return;
    parts.push(
      `<path class="l" d="M${f(toX(at))} ${top - 4}V${top + height}"/><text x="${f(toX(at) + (i % 2 === 0 ? -4 : 4))}" y="${top - 6}" text-anchor="${i % 2 === 0 ? "end" : "start"}">${escape(text)}</text>`,
    );
  });
  const bottom = top + height;
  parts.push(`<path class="a" d="M${LEFT} ${bottom}H${WIDTH - RIGHT}"/>`);
  const ticks = niceTicks(from, to, 6);
  const decimals = plot.decimals ?? decimalsOf(ticks);
  for (const tick of ticks)
    parts.push(
      `<path class="a" d="M${f(toX(tick))} ${bottom}v4"/><text x="${f(toX(tick))}" y="${bottom + 14}" text-anchor="middle">${number(tick, decimals)}</text>`,
    );
  parts.push(
    `<text x="${WIDTH}" y="${bottom + 14}" text-anchor="end">${escape(plot.xTitle)}</text>`,
  );
  return svg(bottom + 18, plot.label, parts.join(""));
}

/** Pairs of bars over bins: all, and of them those that were taken, each on its own scale. */
export function sampleSvg(
  bins: readonly {
    readonly from: number;
    readonly to: number;
    readonly population: number;
    readonly selected: number;
  }[],
  scale: number,
  unit: string,
): string {
  const [top, height] = [20, 100];
  const inner = WIDTH - LEFT - RIGHT;
  const [from, to] = [bins[0].from, bins[bins.length - 1].to];
  const toX = (v: number): number => LEFT + ((v - from) / (to - from || 1)) * inner;
  const mostAll = Math.max(1, ...bins.map((bin) => bin.population));
  const mostTaken = Math.max(1, ...bins.map((bin) => bin.selected));
  const bottom = top + height;
  const bar = (a: number, b: number, share: number): string =>
    `M${f(a)} ${bottom}V${f(bottom - share * height)}H${f(b)}V${bottom}z`;
  const all = bins.map((bin) => bar(toX(bin.from) + 1, toX(bin.to) - 1, bin.population / mostAll));
  const taken = bins.map((bin) => {
    const [a, b] = [toX(bin.from), toX(bin.to)];
    return bar(a + (b - a) * 0.3, b - (b - a) * 0.3, (0.9 * bin.selected) / mostTaken);
  });
  const parts = [
    `<path class="p" d="${all.join("")}"/><path class="s" d="${taken.join("")}"/>`,
    `<text class="t" x="0" y="10">grey: all, ${number(mostAll, 0)} in the fullest bin; blue: sampled, ${number(mostTaken, 0)} there</text>`,
    `<path class="a" d="M${LEFT} ${bottom}H${WIDTH - RIGHT}"/>`,
  ];
  const ticks = niceTicks(from * scale, to * scale, 6);
  const decimals = decimalsOf(ticks);
  for (const tick of ticks)
    parts.push(
      `<path class="a" d="M${f(toX(tick / scale))} ${bottom}v4"/><text x="${f(toX(tick / scale))}" y="${bottom + 14}" text-anchor="middle">${number(tick, decimals)}</text>`,
    );
  parts.push(
    `<text x="${WIDTH}" y="${bottom + 14}" text-anchor="end">defocus, ${escape(unit)}</text>`,
  );
  return svg(bottom + 18, "Defocus of all micrographs and of the sample", parts.join(""));
}

/** The mean motion of some movies, each in a square of its own, one scale for all. */
export function trackSvg(
  tracks: readonly {
    readonly name: string;
    readonly x: readonly number[];
    readonly y: readonly number[];
  }[],
): string {
  const side = WIDTH / 6;
  const span = Math.max(
    1e-6,
    ...tracks.map(({ x, y }) =>
      Math.max(Math.max(...x) - Math.min(...x), Math.max(...y) - Math.min(...y)),
    ),
  );
  const scale = (side - 34) / span;
  const parts = tracks.slice(0, 6).map(({ name, x, y }, i) => {
    const [cx, cy] = [(Math.max(...x) + Math.min(...x)) / 2, (Math.max(...y) + Math.min(...y)) / 2];
    const px = x.map((v) => f(side * (i + 0.5) + (v - cx) * scale));
    const py = y.map((v) => f(side / 2 + (v - cy) * scale));
    const short = name.length > 19 ? `…${name.slice(-18)}` : name;
    return `<path class="m" d="M${px.map((v, k) => `${v} ${py[k]}`).join("L")}"/><circle cx="${px[0]}" cy="${py[0]}" r="3"/><text x="${f(side * (i + 0.5))}" y="${f(side + 6)}" text-anchor="middle">${escape(short)}</text>`;
  });
  return svg(
    Math.ceil(side + 10),
    "Mean motion of movies, the dot at the first frame",
    parts.join(""),
  );
}
