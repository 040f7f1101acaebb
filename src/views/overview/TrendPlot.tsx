import { useComputedColorScheme } from "@mantine/core";
import { memo, useEffect, useMemo, useRef } from "react";
import { metricOf, metricText, metricWithUnit } from "#src/domain/records/metrics.ts";
import type { MetricLimit } from "#src/domain/records/metrics.ts";
import { isBeyond, niceTicks, thinDots, trendRange } from "#src/state/overviewModel.ts";
import type { Trend } from "#src/state/overviewModel.ts";
import { integer } from "../shared/format.ts";
import { readToken } from "../theme.ts";
import { LEFT, PLOT, RIGHT, TITLE } from "./trendPlace.ts";

/** A triangle that stands on its base, 7 px. */
function triangle(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.beginPath();
  context.moveTo(x, y - 4);
  context.lineTo(x + 4, y + 3);
  context.lineTo(x - 4, y + 3);
  context.closePath();
}

function extremes(values: readonly number[]): readonly [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** Where the word of a limit above the plot stands, px below its top: the button of the trends lies over the first. */
const BELOW_BUTTON = 21;

/**
 * One number over the acquisition: dots (thinned to the pixels), running median, limits, and triangles for
 * what lies beyond a limit (filled) or stands out of the session (outlined), which are never thinned.
 */
export const TrendPlot = memo(function TrendPlot({
  trend,
  place,
  width,
  limit,
  ticks,
}: {
  trend: Trend;
  place: ReadonlyMap<string, number>;
  width: number;
  limit: MetricLimit | undefined;
  ticks: readonly number[];
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme("light");
  const { metric, ids, values, median, outliers } = trend;
  const { title, unit, scale } = metricOf(metric);
  const [low, high] = [limit?.low ?? null, limit?.high ?? null];
  const [from, to] = useMemo(() => trendRange(values, [low, high]), [values, low, high]);
  const toY = (value: number): number => TITLE + PLOT - ((value - from) / (to - from)) * PLOT;

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context == null || width === 0) return;
    const dense = window.devicePixelRatio || 1;
    const yOf = (value: number): number => TITLE + PLOT - ((value - from) / (to - from)) * PLOT;
    context.canvas.width = Math.round(width * dense);
    context.canvas.height = Math.round((TITLE + PLOT + 2) * dense);
    context.setTransform(dense, 0, 0, dense, 0, 0);
    const x = ids.map((id) => place.get(id) ?? 0);
    const y = values.map(yOf);
    const beyond = values.map((value) => isBeyond(value, { low, high }));
    const far = (i: number): boolean => beyond[i] || outliers.has(ids[i]);
    const kept = thinDots(x, y, far, 2);
    context.fillStyle = readToken("--before");
    // Few movies get dots that are seen each, thousands a cloud.
    const half = Math.min(2.2, Math.max(1.1, width / (12 * kept.length)));
    context.globalAlpha = half > 1.1 ? 0.85 : 0.55;
    for (const i of kept)
      if (!far(i)) context.fillRect(x[i] - half, y[i] - half, 2 * half, 2 * half);
    context.globalAlpha = 1;
    // The running median, a point for every other pixel at most.
    context.strokeStyle = readToken("--accent");
    context.lineWidth = 1.7;
    context.lineJoin = "round";
    context.beginPath();
    const step = Math.max(1, Math.floor(values.length / Math.max(1, width / 2)));
    if (values.length > 2)
      for (let i = 0; i < values.length; i += step) context.lineTo(x[i], yOf(median[i]));
    context.stroke();
    const warn = readToken("--warn");
    const plain = readToken("--text-2");
    for (const i of kept) {
      if (!far(i)) continue;
      triangle(context, x[i], y[i]);
      if (beyond[i]) {
        context.fillStyle = warn;
        context.fill();
      } else {
        context.strokeStyle = plain;
        context.lineWidth = 1.2;
        context.stroke();
      }
    }
    // The colours are read from the page: another theme draws anew.
  }, [ids, values, median, outliers, place, width, from, to, low, high, scheme]);

  const right = width - RIGHT;
  const out = useMemo(
    () => values.filter((value) => isBeyond(value, { low, high })).length,
    [values, low, high],
  );
  const [lowest, highest] = useMemo(() => extremes(values), [values]);
  const bounds = [low, high].filter((bound) => bound !== null);
  const yTicks = niceTicks(from * scale, to * scale, 2.5);
  const decimals = Math.max(
    0,
    ...yTicks.map((tick) => (String(tick).split(".")[1] as string | undefined)?.length ?? 0),
  );
  const summary = `${title}${unit === "" ? "" : `, ${unit}`}, of ${integer(values.length)} movies over the acquisition, from ${metricText(metric, lowest)} to ${metricText(metric, highest)}${bounds.length === 0 ? "" : `; ${integer(out)} beyond the limit`}; ${integer(outliers.size)} stand out.`;
  return (
    <div className="trend-plot" role="img" aria-label={summary}>
      <canvas ref={canvas} style={{ width, height: TITLE + PLOT + 2 }} />
      <svg width={width} height={TITLE + PLOT + 6} aria-hidden>
        <text className="trend-title" x={8} y={11}>
          {title}
          {unit === "" ? "" : `, ${unit}`}
        </text>
        {yTicks.map((tick) => (
          <g key={tick}>
            <line x1={LEFT} x2={right} y1={toY(tick / scale)} y2={toY(tick / scale)} />
            {/* The title stands above the topmost value. */}
            {toY(tick / scale) > TITLE + 7 && (
              <text x={LEFT - 7} y={toY(tick / scale) + 4} textAnchor="end">
                {tick.toFixed(decimals).replace("-", "−")}
              </text>
            )}
          </g>
        ))}
        <path className="axis" d={`M${LEFT} ${TITLE + PLOT}H${right}`} />
        {ticks.map((x) => (
          <path key={x} className="axis" d={`M${x} ${TITLE + PLOT}v4`} />
        ))}
        {bounds.map((bound) => {
          const y = toY(bound);
          const inside = y >= TITLE && y <= TITLE + PLOT;
          return (
            <g key={bound}>
              {inside && <line className="limit" x1={LEFT} x2={right} y1={y} y2={y} />}
              <text
                x={right + 6}
                y={inside ? y + 4 : y < TITLE ? TITLE + BELOW_BUTTON : TITLE + PLOT}
                className="limit-text"
              >
                limit {metricWithUnit(metric, bound)}
                {inside ? "" : y < TITLE ? " ↑" : " ↓"}
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
});
