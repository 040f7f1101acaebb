import { TextInput } from "@mantine/core";
import { memo, useMemo, useRef, useState } from "react";
import type { KeyboardEvent, PointerEvent } from "react";
import { metricOf, metricText } from "#src/domain/records/metrics.ts";
import type { MetricId, MetricLimit } from "#src/domain/records/metrics.ts";
import {
  countBeyond,
  isBeyond,
  limitText,
  metricHistogram,
  parseLimit,
} from "#src/state/overviewModel.ts";
import { useActions } from "../AppContext.tsx";
import { integer } from "../shared/format.ts";

const HEIGHT = 44;
type Side = "low" | "high";

/** What is typed; understood or not, it is shown as it stands until it is left. */
function LimitField({ metric, limit }: { metric: MetricId; limit: MetricLimit | undefined }) {
  const { setLimit } = useActions();
  const [typed, setTyped] = useState<string | null>(null);
  const [wrong, setWrong] = useState(false);
  const { title, unit, bad } = metricOf(metric);
  const take = (): void => {
    if (typed === null) return;
    const parsed = parseLimit(metric, typed);
    setWrong(parsed === undefined);
    if (parsed === undefined) return;
    setLimit(metric, parsed);
    setTyped(null);
  };
  return (
    <TextInput
      className="limit-field"
      aria-label={`Limit of ${title}${unit === "" ? "" : ` in ${unit}`}`}
      placeholder={bad === "high" ? "≤ none" : "≥ none"}
      value={typed ?? limitText(metric, limit)}
      error={wrong}
      title={wrong ? "A number, ≤ or ≥ a number, or two with – between them" : ""}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === "Enter") take();
        if (event.key === "Escape") {
          setTyped(null);
          setWrong(false);
        }
      }}
    />
  );
}

/** A limit as handles on the histogram of its own values; heights are square roots (ui §3). */
export const LimitHistogram = memo(function LimitHistogram({
  metric,
  values,
  limit,
}: {
  metric: MetricId;
  values: readonly (number | null)[];
  limit: MetricLimit | undefined;
}) {
  const { dragLimit, keepLimits, setLimit } = useActions();
  const area = useRef<HTMLDivElement>(null);
  const [dragged, setDragged] = useState<Side | null>(null);
  const { title, unit, help, bad } = metricOf(metric);
  // The range stays while a handle moves: limits are asked for once it has been let go.
  const [low, high] = [limit?.low ?? null, limit?.high ?? null];
  const [rest, setRest] = useState<readonly (number | null)[]>([low, high]);
  const settled = dragged === null && (rest[0] !== low || rest[1] !== high);
  if (settled) setRest([low, high]);
  const histogram = useMemo(() => metricHistogram(values, rest), [values, rest]);
  const { out, of } = useMemo(() => countBeyond(values, limit), [values, limit]);
  if (histogram === null) return null;
  const { from, to, heights } = histogram;
  const share = (value: number): number => Math.max(0, Math.min(1, (value - from) / (to - from)));
  const change = (side: Side, value: number): MetricLimit => {
    const open = side === "high" ? value >= to : value <= from;
    const kept = open ? null : value;
    return side === "high"
      ? { low: low !== null && kept !== null ? Math.min(low, kept) : low, high: kept }
      : { low: kept, high: high !== null && kept !== null ? Math.max(high, kept) : high };
  };
  const move = (event: PointerEvent, side: Side): void => {
    const box = area.current?.getBoundingClientRect();
    if (box === undefined) return;
    dragLimit(metric, change(side, from + ((event.clientX - box.left) / box.width) * (to - from)));
  };
  const press = (event: KeyboardEvent, side: Side): void => {
    const at = (side === "high" ? high : low) ?? (side === "high" ? to : from);
    const step = ((to - from) / 200) * (event.shiftKey ? 10 : 1);
    const next: Record<string, number> = {
      ArrowRight: at + step,
      ArrowUp: at + step,
      ArrowLeft: at - step,
      ArrowDown: at - step,
      PageUp: at + 10 * step,
      PageDown: at - 10 * step,
      Home: from,
      End: to,
      Delete: side === "high" ? to : from,
    };
    if (!(event.key in next)) return;
    event.preventDefault();
    event.stopPropagation();
    setLimit(metric, change(side, Math.max(from, Math.min(to, next[event.key]))));
  };
  const handle = (side: Side) => {
    const value = side === "high" ? high : low;
    const at = value === null ? (side === "high" ? 1 : 0) : share(value);
    return (
      <span
        key={side}
        role="slider"
        tabIndex={0}
        className={`limit-handle ${value === null ? "open" : ""}`}
        aria-label={`${side === "high" ? "Upper" : "Lower"} limit of ${title}`}
        aria-valuemin={from}
        aria-valuemax={to}
        aria-valuenow={value ?? (side === "high" ? to : from)}
        aria-valuetext={
          value === null
            ? "no limit"
            : `limit ${metricText(metric, value)}${unit === "" ? "" : ` ${unit}`}, ${integer(out)} of ${integer(of)} out`
        }
        style={{ left: `${100 * at}%` }}
        onKeyDown={(event) => press(event, side)}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDragged(side);
        }}
        onPointerMove={(event) => {
          if (dragged === side) move(event, side);
        }}
        onPointerUp={() => {
          setDragged(null);
          keepLimits();
        }}
        onPointerCancel={() => {
          setDragged(null);
          keepLimits();
        }}
      />
    );
  };
  return (
    <section className="limit" aria-label={`Threshold of ${title}`}>
      <div className="limit-head">
        <h2 title={help}>{title}</h2>
        {unit !== "" && !title.includes(unit) && <span className="caption">{unit}</span>}
        <span className="spacer" />
        <span className={out > 0 ? "tone-warn" : "caption"}>{integer(out)} out</span>
        <LimitField metric={metric} limit={limit} />
      </div>
      <div className="limit-area" ref={area}>
        <svg
          viewBox={`0 0 ${heights.length} ${HEIGHT}`}
          preserveAspectRatio="none"
          height={HEIGHT}
          aria-hidden
        >
          {low !== null && (
            <rect className="out" x={0} width={share(low) * heights.length} height={HEIGHT} />
          )}
          {high !== null && (
            <rect
              className="out"
              x={share(high) * heights.length}
              width={(1 - share(high)) * heights.length}
              height={HEIGHT}
            />
          )}
          {heights.map((height, i) => {
            const middle = from + ((i + 0.5) / heights.length) * (to - from);
            return height === 0 ? null : (
              <rect
                key={i}
                className={isBeyond(middle, { low, high }) ? "bar beyond" : "bar"}
                x={i + 0.08}
                width={0.84}
                y={HEIGHT - Math.max(2, height * (HEIGHT - 4))}
                height={Math.max(2, height * (HEIGHT - 4))}
              />
            );
          })}
        </svg>
        {[low, high].map((value, i) =>
          value === null ? null : (
            <i key={i === 0 ? "low" : "high"} style={{ left: `${100 * share(value)}%` }} />
          ),
        )}
        {bad === "high" ? [handle("low"), handle("high")] : [handle("high"), handle("low")]}
      </div>
      <div className="limit-ends caption" aria-hidden>
        <span>{metricText(metric, from)}</span>
        <span>{metricText(metric, to)}</span>
      </div>
    </section>
  );
});
