import { Chip, Group } from "@mantine/core";
import { useDeferredValue, useMemo, useRef, useState } from "react";
import { METRICS, metricOf, metricWithUnit } from "#src/domain/records/metrics.ts";
import type { MetricId } from "#src/domain/records/metrics.ts";
import type { OverviewRow } from "#src/domain/records/movieRecord.ts";
import {
  defaultTrends,
  MOST_TRENDS,
  niceTicks,
  presentMetrics,
  timeOfDay,
  timeTick,
  timeTicks,
  thresholdsNow,
  trend,
  trendAxis,
} from "#src/state/overviewModel.ts";
import type { Trend } from "#src/state/overviewModel.ts";
import { trendRows } from "#src/state/trendRows.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { IconButton } from "../shared/Choice.tsx";
import { integer } from "../shared/format.ts";
import { useElementSize } from "../shared/useElementSize.ts";
import { TrendPlot } from "./TrendPlot.tsx";
import { EDGE, LEFT, RIGHT } from "./trendPlace.ts";

/** Room of the axis title at the right end, and of half a tick's text, px. */
const UNIT = 124;

/** Trends over the acquisition, or the word that there are none yet. */
export function Trends() {
  const rows = useDeferredValue(useAppState(trendRows));
  const chosen = useAppState((s) => s.overview.trends);
  const present = useMemo(() => presentMetrics(rows), [rows]);
  const metrics = (chosen ?? defaultTrends(present)).filter((id) => present.includes(id));
  if (metrics.length === 0)
    return (
      <p className="caption trends-empty">
        Trends over the acquisition appear here as gains are estimated and movies aligned.
      </p>
    );
  return <TrendArea rows={rows} present={present} metrics={metrics} />;
}

/**
 * Trends with one cursor through all of them; a click picks the movie. A component of its own, so that its
 * width is measured when it comes, however late that is.
 */
function TrendArea({
  rows,
  present,
  metrics,
}: {
  rows: readonly OverviewRow[];
  present: readonly MetricId[];
  metrics: readonly MetricId[];
}) {
  const limits = useAppState((s) => thresholdsNow(s).limits);
  const selected = useAppState((s) => s.session.selected);
  const residual = useAppState((s) => s.session.reference !== null);
  const { pickRow, setOverview } = useActions();
  const [hover, setHover] = useState<string | null>(null);
  const [choosing, setChoosing] = useState(false);
  const area = useRef<HTMLDivElement>(null);
  const { width } = useElementSize(area);
  const axis = useMemo(() => trendAxis(rows), [rows]);
  const byId = useMemo(() => new Map(rows.map((row) => [row.id, row])), [rows]);
  const inner = Math.max(1, width - LEFT - RIGHT - 2 * EDGE);
  const placeOf = useMemo(() => {
    const span = axis.to - axis.from || 1;
    return (at: number): number => LEFT + EDGE + ((at - axis.from) / span) * inner;
  }, [axis, inner]);
  const place = useMemo(
    () => new Map(rows.map((row) => [row.id, placeOf(axis.at(row))] as const)),
    [rows, axis, placeOf],
  );
  /** Movies from left to right, to find the one under the cursor. */
  const along = useMemo(() => {
    const sorted = rows.map(({ id }) => ({ id, x: place.get(id) ?? 0 }));
    return sorted.sort((a, b) => a.x - b.x);
  }, [rows, place]);

  const nearest = (clientX: number): string | null => {
    const box = area.current?.getBoundingClientRect();
    if (box === undefined || along.length === 0) return null;
    const x = clientX - box.left;
    let [from, to] = [0, along.length - 1];
    while (to - from > 1) {
      const half = (from + to) >> 1;
      if (along[half].x < x) from = half;
      else to = half;
    }
    return Math.abs(along[from].x - x) <= Math.abs(along[to].x - x) ? along[from].id : along[to].id;
  };

  const trends = metrics.map((metric): Trend => trend(metric, rows, residual));
  const cursor = byId.get(hover ?? selected ?? "");
  const cursorX = cursor === undefined ? null : (place.get(cursor.id) ?? null);
  const ticks = useMemo(
    () =>
      axis.kind === "time"
        ? timeTicks(
            axis.from,
            axis.to,
            Math.max(2, inner / 120),
            new Date(axis.from).getTimezoneOffset(),
          )
        : niceTicks(axis.from, axis.to, Math.max(2, inner / 140)).filter(Number.isInteger),
    [axis, inner],
  );
  const tickPlaces = useMemo(() => ticks.map(placeOf), [ticks, placeOf]);
  return (
    <section className="trends" aria-label="Trends over the acquisition">
      <div
        className="trend-area"
        ref={area}
        onPointerMove={(event) => setHover(nearest(event.clientX))}
        onPointerLeave={() => setHover(null)}
        onClick={(event) => {
          const id = nearest(event.clientX);
          if (id !== null) pickRow(id, event.shiftKey ? "range" : "only");
        }}
      >
        {trends.map((one) => (
          <TrendPlot
            key={one.metric}
            trend={one}
            place={place}
            width={width}
            limit={limits[one.metric]}
            ticks={tickPlaces}
          />
        ))}
        <div className="trend-ticks" aria-hidden>
          {ticks.map((tick, i) =>
            tickPlaces[i] > width - UNIT ? null : (
              <span key={tick} style={{ left: tickPlaces[i] }}>
                {axis.kind === "time" ? timeTick(tick) : integer(tick)}
              </span>
            ),
          )}
          <span className="trend-unit">
            {axis.kind === "time" ? "time of acquisition" : "movie, in order"}
          </span>
        </div>
        {cursor !== undefined && cursorX !== null && (
          <div
            className="trend-cursor"
            aria-hidden
            style={{ transform: `translateX(${Math.round(cursorX)}px)` }}
          >
            <span className={cursorX > width - 220 ? "left" : ""}>
              {integer(cursor.order)}
              {axis.kind === "time" && `, ${timeOfDay(cursor.acquiredAt)}`}
              {hover !== null &&
                metrics
                  .slice(0, 1)
                  .map((id) =>
                    cursor.metrics[id] === null
                      ? ""
                      : ` · ${metricOf(id).short} ${metricWithUnit(id, cursor.metrics[id])}`,
                  )}
            </span>
          </div>
        )}
      </div>
      <div className="trend-choice">
        <IconButton
          icon="list"
          label="Choose the trends"
          pressed={choosing}
          onClick={() => setChoosing(!choosing)}
        />
        {choosing && (
          <Chip.Group
            multiple
            value={[...metrics]}
            onChange={(ids) =>
              setOverview({
                trends: METRICS.map(({ id }) => id).filter((id) => ids.includes(id)),
              })
            }
          >
            <Group gap={4}>
              {present.map((id) => (
                <Chip
                  key={id}
                  size="xs"
                  variant="light"
                  value={id}
                  disabled={metrics.length >= MOST_TRENDS && !metrics.includes(id)}
                >
                  {metricOf(id).short}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
        )}
      </div>
    </section>
  );
}
