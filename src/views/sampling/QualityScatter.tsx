import { Button, useComputedColorScheme } from "@mantine/core";
import { useEffect, useMemo, useRef, useState } from "react";
import type { PointerEvent } from "react";
import { samplingDefocus } from "#src/domain/ctf.ts";
import type { CtfTable, DefocusSample } from "#src/domain/ctf.ts";
import { insidePolygon, plotRange, roundTicks, tickDecimals } from "#src/state/samplingPlots.ts";
import { scatterValues } from "#src/state/samplingRows.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Choice } from "../shared/Choice.tsx";
import { counted, fixed, integer } from "../shared/format.ts";
import { useElementSize } from "../shared/useElementSize.ts";
import type { Size } from "../shared/viewport.ts";
import { readToken } from "../theme.ts";

const LEFT = 40;
const RIGHT = 16;
const TOP = 24;
const BOTTOM = 38;

interface Point {
  readonly row: number;
  readonly x: number;
  readonly y: number;
  readonly used: boolean;
}

interface Plot {
  readonly points: readonly Point[];
  readonly title: string;
  readonly xRange: { readonly from: number; readonly to: number };
  readonly yRange: { readonly from: number; readonly to: number };
}

/** Places in CSS px; points beyond the ranges stand at the edge. */
function scalesOf({ xRange, yRange }: Plot, { width, height }: Size) {
  const right = Math.max(LEFT + 40, width - RIGHT);
  const bottom = Math.max(TOP + 40, height - BOTTOM);
  const toX = (v: number): number =>
    LEFT + ((v - xRange.from) / (xRange.to - xRange.from)) * (right - LEFT);
  const toY = (v: number): number =>
    bottom - ((v - yRange.from) / (yRange.to - yRange.from)) * (bottom - TOP);
  return {
    right,
    bottom,
    toX,
    toY,
    clampX: (v: number): number => Math.max(LEFT, Math.min(right, toX(v))),
    clampY: (v: number): number => Math.max(TOP, Math.min(bottom, toY(v))),
  };
}

function drawPoints(
  context: CanvasRenderingContext2D,
  plot: Plot,
  chosen: ReadonlySet<number>,
  current: number | null,
  size: Size,
): void {
  const { clampX, clampY } = scalesOf(plot, size);
  const ratio = window.devicePixelRatio;
  context.canvas.width = Math.round(size.width * ratio);
  context.canvas.height = Math.round(size.height * ratio);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, size.width, size.height);
  context.fillStyle = readToken("--before");
  for (const used of [false, true]) {
    context.globalAlpha = used ? 0.55 : 0.3;
    const edge = used ? 2.2 : 1.6;
    for (const p of plot.points)
      if (p.used === used && !chosen.has(p.row))
        context.fillRect(clampX(p.x) - edge / 2, clampY(p.y) - edge / 2, edge, edge);
  }
  context.globalAlpha = 1;
  context.lineWidth = 1.5;
  context.strokeStyle = readToken("--surface");
  context.fillStyle = readToken("--accent");
  for (const p of plot.points) {
    if (!chosen.has(p.row)) continue;
    context.beginPath();
    context.arc(clampX(p.x), clampY(p.y), p.row === current ? 7 : 5, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }
}

/** Defocus against a measure of quality: every estimate a point, the sample over them; a lasso leaves out. */
export function QualityScatter({ table, sample }: { table: CtfTable; sample: DefocusSample }) {
  const holder = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = useElementSize(holder);
  const kind = useAppState((s) => s.sampling.scatter);
  const reasons = useAppState((s) => s.sampling.reasons);
  const current = useAppState((s) => s.sampling.current);
  const options = useAppState((s) => s.sampling.options);
  const { setSampling, leaveOut, takeBack } = useActions();
  const scheme = useComputedColorScheme("light");
  const [lasso, setLasso] = useState(false);
  const [polygon, setPolygon] = useState<readonly { x: number; y: number }[]>([]);
  const drawing = useRef(false);

  const plot = useMemo((): Plot => {
    const { values, title } = scatterValues(table, kind);
    const points: Point[] = [];
    table.estimates.forEach((e, row) => {
      const value = values[row];
      if (e.failure !== null || value === null || value === undefined || !Number.isFinite(value))
        return;
      points.push({ row, x: samplingDefocus(e) / 1e4, y: value, used: reasons[row] === null });
    });
    return {
      points,
      title,
      xRange: plotRange(points.map((p) => p.x)),
      yRange: plotRange(points.map((p) => p.y)),
    };
  }, [table, kind, reasons]);
  const { xRange, yRange, points } = plot;
  const { right, bottom, toX, toY, clampX, clampY } = scalesOf(plot, { width, height });
  const limit =
    kind === "resolution"
      ? options.filters.maxResolutionA
      : kind === "astigmatism" && options.filters.maxAstigmatismA !== null
        ? options.filters.maxAstigmatismA / 10
        : null;
  const beyond = limit === null ? 0 : points.filter((p) => p.y > limit).length;
  const chosen = useMemo(() => new Set(sample.rows), [sample]);

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context == null || width === 0) return;
    drawPoints(context, plot, chosen, current, { width, height });
    // The colours are read from the page, so the scheme counts.
  }, [plot, chosen, current, width, height, scheme]);

  const place = (event: PointerEvent): { x: number; y: number } => {
    const box = holder.current?.getBoundingClientRect();
    return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) };
  };
  const nearest = (at: { x: number; y: number }): Point | null => {
    let best: Point | null = null;
    let least = 12 ** 2;
    for (const p of points) {
      const d = (clampX(p.x) - at.x) ** 2 + (clampY(p.y) - at.y) ** 2;
      if (d < least) {
        least = d;
        best = p;
      }
    }
    return best;
  };
  const finish = (): void => {
    if (!drawing.current) return;
    drawing.current = false;
    const inside = points.filter((p) => p.used && insidePolygon(clampX(p.x), clampY(p.y), polygon));
    setPolygon([]);
    setLasso(false);
    if (inside.length > 0) leaveOut(inside.map((p) => table.estimates[p.row].micrograph));
  };
  const xTicks = roundTicks(xRange.from, xRange.to, Math.max(3, Math.round(width / 90)));
  const yTicks = roundTicks(yRange.from, yRange.to, Math.max(3, Math.round(height / 70)));
  const excluded = options.excluded.length;
  return (
    <section className="sampling-part" aria-label="Quality">
      <div className="sampling-part-head">
        <h2 className="hide-narrow">Quality</h2>
        <span className="spacer" />
        <Choice
          label="Quality"
          value={kind}
          options={[
            { value: "resolution", label: "Resolution" },
            { value: "astigmatism", label: "Astigmatism" },
            { value: "order", label: "Time" },
          ]}
          onChange={(value) => setSampling({ scatter: value })}
        />
        <Button
          variant="default"
          size="xs"
          aria-pressed={lasso}
          {...(lasso ? { color: "accent", variant: "light" } : {})}
          title="Draw round points to leave them out"
          onClick={() => setLasso(!lasso)}
        >
          Lasso
        </Button>
        {excluded > 0 && (
          <Button variant="default" size="xs" onClick={takeBack}>
            Take back {integer(excluded)}
          </Button>
        )}
      </div>
      <div
        className={lasso ? "sampling-scatter lasso" : "sampling-scatter"}
        ref={holder}
        data-testid="scatter"
        onPointerDown={(event) => {
          if (!lasso) {
            const point = nearest(place(event));
            if (point !== null) setSampling({ current: point.row });
            return;
          }
          event.currentTarget.setPointerCapture(event.pointerId);
          drawing.current = true;
          setPolygon([place(event)]);
        }}
        onPointerMove={(event) => {
          if (drawing.current) {
            const at = place(event);
            setPolygon((old) => [...old, at]);
          }
        }}
        onPointerUp={finish}
        onPointerCancel={() => {
          drawing.current = false;
          setPolygon([]);
        }}
      >
        {width > 0 && points.length === 0 && (
          <p className="caption sampling-none">The table does not state it.</p>
        )}
        {width > 0 && points.length > 0 && (
          <>
            <svg
              className="plot"
              width={width}
              height={height}
              role="img"
              aria-label={`${plot.title} over defocus of ${integer(points.length)} estimates, ${integer(sample.rows.length)} sampled`}
            >
              <text x={LEFT - 34} y={11}>
                {plot.title}
              </text>
              {limit !== null && (
                <rect
                  x={LEFT}
                  y={TOP}
                  width={right - LEFT}
                  height={Math.max(0, clampY(limit) - TOP)}
                  fill="var(--sunken)"
                />
              )}
              {yTicks.map((t) => (
                <g key={t}>
                  <path className="grid-line" d={`M${LEFT} ${toY(t)}H${right}`} />
                  <text x={LEFT - 6} y={toY(t) + 4} textAnchor="end">
                    {fixed(t, tickDecimals(yTicks))}
                  </text>
                </g>
              ))}
              <path className="axis" d={`M${LEFT} ${bottom}H${right}`} />
              {xTicks.map((t) => (
                <g key={t}>
                  <path className="axis" d={`M${toX(t)} ${bottom}v4`} />
                  <text x={toX(t)} y={bottom + 16} textAnchor="middle">
                    {fixed(t, tickDecimals(xTicks))}
                  </text>
                </g>
              ))}
              <text x={right} y={bottom + 31} textAnchor="end">
                defocus, µm
              </text>
              {limit !== null && limit > yRange.from && limit < yRange.to && (
                <>
                  <path className="limit" d={`M${LEFT} ${toY(limit)}H${right}`} />
                  <text x={right - 4} y={toY(limit) - 5} textAnchor="end" className="label">
                    left out: above {fixed(limit, 1)} ({integer(beyond)})
                  </text>
                </>
              )}
            </svg>
            <canvas ref={canvas} style={{ width, height }} aria-hidden />
            {polygon.length > 1 && (
              <svg className="lasso-line" width={width} height={height} aria-hidden>
                <polygon points={polygon.map((p) => `${p.x},${p.y}`).join(" ")} />
              </svg>
            )}
          </>
        )}
      </div>
      {lasso && (
        <div className="caption sampling-hint">
          Draw round points to leave them out; {counted(excluded, "is", "are")} left out by hand.
        </div>
      )}
    </section>
  );
}
