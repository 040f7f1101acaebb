import { useMemo, useRef } from "react";
import type { KeyboardEvent, PointerEvent } from "react";
import type { CtfTable, DefocusSample } from "#src/domain/ctf.ts";
import { defocusBars, roundTicks, tickDecimals } from "#src/state/samplingPlots.ts";
import { useActions } from "../AppContext.tsx";
import { counted, fixed, integer } from "../shared/format.ts";
import { useElementSize } from "../shared/useElementSize.ts";

const LEFT = 40;
const RIGHT = 44;
const TOP = 34;
const BOTTOM = 24;

/** The population by defocus, and the sample per bin over it on its own scale; inner edges can be moved. */
export function DefocusHistogram({ table, sample }: { table: CtfTable; sample: DefocusSample }) {
  const holder = useRef<HTMLDivElement>(null);
  const { width, height } = useElementSize(holder);
  const { setSampleOptions } = useActions();
  const dragged = useRef<{ edge: number; frame: number } | null>(null);
  const bars = useMemo(() => defocusBars(table, sample), [table, sample]);
  const right = Math.max(LEFT + 50, width - RIGHT);
  const bottom = Math.max(TOP + 40, height - BOTTOM);
  const span = bars.to - bars.from;
  const x = (um: number): number =>
    LEFT + ((Math.max(bars.from, Math.min(bars.to, um)) - bars.from) / span) * (right - LEFT);
  const y = (count: number): number => bottom - (count / (bars.highest * 1.08)) * (bottom - TOP);
  const most = Math.max(1, ...sample.bins.map((b) => b.selected));
  // The sample has its own scale; its highest bar takes two fifths of the height, as its counts are read at the bars.
  const ySample = (count: number): number => bottom - (count / most) * 0.42 * (bottom - TOP);
  const edges = sample.bins.slice(1).map((b) => b.from);
  const minimum = 1;

  const moveEdge = (edge: number, angstrom: number): void => {
    const low = edge === 0 ? sample.bins[0].from : edges[edge - 1];
    const high = edge === edges.length - 1 ? sample.bins[edges.length].to : edges[edge + 1];
    if (!(high - low > 2 * minimum)) return;
    const placed = Math.max(low + minimum, Math.min(high - minimum, angstrom));
    setSampleOptions({ innerEdges: edges.map((e, i) => (i === edge ? Math.round(placed) : e)) });
  };
  const pointerMove = (event: PointerEvent<SVGElement>): void => {
    const drag = dragged.current;
    const box = holder.current?.getBoundingClientRect();
    if (drag === null || box === undefined) return;
    const um = bars.from + ((event.clientX - box.left - LEFT) / (right - LEFT)) * span;
    cancelAnimationFrame(drag.frame);
    drag.frame = requestAnimationFrame(() => moveEdge(drag.edge, um * 1e4));
  };
  const keyDown = (edge: number, event: KeyboardEvent<SVGElement>): void => {
    const step = { ArrowLeft: -100, ArrowRight: 100, PageDown: -1000, PageUp: 1000 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    moveEdge(edge, edges[edge] + step);
  };

  const ticks = roundTicks(bars.from, bars.to, Math.max(3, Math.round((right - LEFT) / 90)));
  const decimals = tickDecimals(ticks);
  const counts = roundTicks(0, bars.highest * 1.05, 5);
  const room = (right - LEFT) / sample.bins.length;
  const outside = bars.below + bars.above;
  return (
    <section className="sampling-part" aria-label="Defocus">
      <div className="sampling-part-head">
        <h2>Defocus, µm</h2>
        <span className="sampling-key">
          <i className="population" /> all {integer(sample.populationRows.length)}
        </span>
        {sample.rows.length > 0 && (
          <span className="sampling-key">
            <i className="sampled" /> sampled {integer(sample.rows.length)}
          </span>
        )}
        <span className="spacer" />
        {outside > 0 && (
          <span className="caption">{counted(outside, "value")} outside the plot</span>
        )}
        <span className="caption hide-narrow">drag a bin edge to move it</span>
      </div>
      <div className="sampling-histogram" ref={holder}>
        {width > 0 && (
          <svg
            className="plot"
            width={width}
            height={height}
            role="group"
            aria-label={`${sample.bins.length} bins of defocus: ${sample.bins
              .map(
                (b) =>
                  `${fixed(b.from / 1e4, 2)} to ${fixed(b.to / 1e4, 2)} µm, ${b.selected} of ${b.population}`,
              )
              .join("; ")}`}
            onPointerMove={pointerMove}
            onPointerUp={() => (dragged.current = null)}
            onPointerCancel={() => (dragged.current = null)}
          >
            <text x={LEFT - 34} y={11}>
              micrographs per {fixed(bars.step, bars.step < 0.01 ? 3 : 2)} µm
            </text>
            {sample.rows.length > 0 && (
              <text x={right + 8} y={11} textAnchor="end" className="sampled">
                sampled per bin
              </text>
            )}
            {counts.map((c) => (
              <g key={c}>
                <path className="grid-line" d={`M${LEFT} ${y(c)}H${right}`} />
                <text x={LEFT - 6} y={y(c) + 4} textAnchor="end">
                  {integer(c)}
                </text>
              </g>
            ))}
            {bars.counts.map((c, i) =>
              c === 0 ? null : (
                <rect
                  key={i}
                  x={x(bars.from + i * bars.step) + 0.5}
                  width={Math.max(
                    0.5,
                    x(bars.from + (i + 1) * bars.step) - x(bars.from + i * bars.step) - 1,
                  )}
                  y={y(c)}
                  height={bottom - y(c)}
                  fill="var(--population)"
                />
              ),
            )}
            {sample.bins.map((bin, i) => {
              const a = x(bin.from / 1e4);
              const b = x(bin.to / 1e4);
              const inset = Math.min(6, (b - a) / 6);
              return (
                <g key={i}>
                  {room > 34 && (
                    <text x={(a + b) / 2} y={TOP - 6} textAnchor="middle">
                      {room > 60 && sample.rows.length > 0 ? "of " : ""}
                      {integer(bin.population)}
                    </text>
                  )}
                  {bin.selected > 0 && (
                    <>
                      <rect
                        className="sampled-bar"
                        x={a + inset}
                        width={Math.max(1, b - a - 2 * inset)}
                        y={ySample(bin.selected)}
                        height={bottom - ySample(bin.selected)}
                      />
                      <text
                        x={(a + b) / 2}
                        y={ySample(bin.selected) - 5}
                        textAnchor="middle"
                        className="sampled halo"
                      >
                        {integer(bin.selected)}
                      </text>
                    </>
                  )}
                </g>
              );
            })}
            {(sample.rows.length > 0 ? [...new Set([most, Math.ceil(most / 2)])] : []).map((c) => (
              <text key={c} x={right + 8} y={ySample(c) + 4} className="sampled">
                {integer(c)}
              </text>
            ))}
            <path className="axis" d={`M${LEFT} ${bottom}H${right}`} />
            {ticks.map((t) => (
              <g key={t}>
                <path className="axis" d={`M${x(t)} ${bottom}v4`} />
                <text x={x(t)} y={bottom + 17} textAnchor="middle">
                  {fixed(t, decimals)}
                </text>
              </g>
            ))}
            {edges.map((edge, i) => (
              <g
                key={i}
                className="bin-edge"
                role="slider"
                tabIndex={0}
                aria-label={`Edge between bin ${i + 1} and ${i + 2}`}
                aria-valuenow={Number((edge / 1e4).toFixed(3))}
                aria-valuemin={Number((sample.bins[i].from / 1e4).toFixed(3))}
                aria-valuemax={Number((sample.bins[i + 1].to / 1e4).toFixed(3))}
                aria-valuetext={`${fixed(edge / 1e4, 3)} µm`}
                onKeyDown={(event) => keyDown(i, event)}
                onPointerDown={(event) => {
                  event.currentTarget.setPointerCapture(event.pointerId);
                  dragged.current = { edge: i, frame: 0 };
                }}
              >
                <path d={`M${x(edge / 1e4)} ${TOP - 2}V${bottom}`} />
                <rect
                  x={x(edge / 1e4) - 12}
                  y={bottom - 18}
                  width={24}
                  height={24}
                  fill="transparent"
                />
                <rect
                  className="knob"
                  x={x(edge / 1e4) - 3.5}
                  y={bottom - 7}
                  width={7}
                  height={13}
                  rx={2}
                />
              </g>
            ))}
          </svg>
        )}
      </div>
    </section>
  );
}
