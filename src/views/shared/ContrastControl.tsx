import { useRef } from "react";
import type { KeyboardEvent, PointerEvent } from "react";
import type { PictureSummary } from "#src/domain/picture.ts";
import type { ContrastLimits } from "#src/state/viewSlice.ts";
import { significant } from "./format.ts";

const WIDTH = 176;
const HEIGHT = 40;
const FLOOR = 34;

/**
 * Histogram with two handles: the values shown black and white. Heights are square roots, so that
 * single outliers show.
 */
export function ContrastControl({
  summary,
  limits,
  unit,
  onChange,
}: {
  summary: PictureSummary;
  limits: ContrastLimits;
  unit: string;
  readonly onChange: (limits: ContrastLimits) => void;
}) {
  const svg = useRef<SVGSVGElement>(null);
  const { from, to, counts } = summary.histogram;
  const most = Math.max(1, ...counts);
  const span = to - from || 1;
  const place = (value: number): number =>
    6 + Math.max(0, Math.min(1, (value - from) / span)) * (WIDTH - 12);
  const valueAt = (clientX: number): number => {
    const box = svg.current?.getBoundingClientRect();
    const x = clientX - (box?.left ?? 0);
    return from + (Math.max(0, Math.min(WIDTH - 12, x - 6)) / (WIDTH - 12)) * span;
  };
  const set = (which: "low" | "high", value: number): void => {
    const least = span / 500;
    onChange(
      which === "low"
        ? { low: Math.min(value, limits.high - least), high: limits.high }
        : { low: limits.low, high: Math.max(value, limits.low + least) },
    );
  };
  const barWidth = (WIDTH - 12) / counts.length;
  const handle = (which: "low" | "high") => {
    const value = limits[which];
    return (
      <g
        key={which}
        role="slider"
        tabIndex={0}
        aria-label={which === "low" ? "Black below" : "White above"}
        aria-valuemin={from}
        aria-valuemax={to}
        aria-valuenow={value}
        aria-valuetext={`${significant(value, 4)} ${unit}`}
        className="contrast-handle"
        onPointerDown={(event: PointerEvent<SVGGElement>) => {
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={(event: PointerEvent<SVGGElement>) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId))
            set(which, valueAt(event.clientX));
        }}
        onKeyDown={(event: KeyboardEvent) => {
          const step = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10 }[event.key];
          if (step === undefined) return;
          event.preventDefault();
          event.stopPropagation();
          set(which, value + (step * span) / 100);
        }}
      >
        <rect x={place(value) - 7} y={0} width={14} height={HEIGHT} fill="transparent" />
        <path d={`M${place(value)} 2V${HEIGHT - 2}`} stroke="var(--accent)" strokeWidth="2" />
      </g>
    );
  };
  return (
    <svg
      ref={svg}
      className="contrast"
      width={WIDTH}
      height={HEIGHT}
      aria-label="Contrast"
      role="group"
    >
      <path
        d={`M6 ${FLOOR}${counts
          .map((count, i) => {
            const y = (FLOOR - Math.sqrt(count / most) * (FLOOR - 4)).toFixed(1);
            return `L${(6 + i * barWidth).toFixed(1)} ${y}L${(6 + (i + 1) * barWidth).toFixed(1)} ${y}`;
          })
          .join("")}L${WIDTH - 6} ${FLOOR}z`}
        fill="var(--before)"
      />
      <path d={`M6 ${FLOOR + 0.5}H${WIDTH - 6}`} stroke="var(--line-strong)" />
      {handle("low")}
      {handle("high")}
    </svg>
  );
}
