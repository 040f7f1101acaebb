import { NumberInput, Slider } from "@mantine/core";
import { useRef } from "react";
import { GAIN_LIMITS } from "#src/domain/gain.ts";
import { FIGURE_TITLES, figureOf, isBeyond, valueHistogram } from "#src/state/overTime.ts";
import type { TimedReport, WatchedFigure } from "#src/state/overTime.ts";
import type { GainLimits } from "#src/state/protocolSlice.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { IconButton } from "../shared/Choice.tsx";
import { fixed, integer } from "../shared/format.ts";

/**
 * A limit as a handle under the histogram of its own values; heights are square roots. Dragging recolours
 * points and rows at once, letting go is one step of undo.
 */
export function ThresholdSlider({
  figure,
  rows,
}: {
  figure: WatchedFigure;
  rows: readonly TimedReport[];
}) {
  const limits = useAppState((s) => s.protocol.limits);
  const { setGainLimit, commitGainLimits } = useActions();
  const before = useRef<GainLimits | null>(null);
  const limit = limits[figure];
  const paper = GAIN_LIMITS[figure];
  const values = rows.map(({ report }) => figureOf(figure, report));
  const low = Math.min(...values, figure === "std" ? 0 : 1);
  const high = Math.max(...values, paper, limit) * 1.05;
  const counts = valueHistogram(values, [low, high]);
  const most = Math.sqrt(Math.max(...counts));
  const out = rows.filter(({ report }) => isBeyond(figure, limit, report)).length;
  const drag = (value: number): void => {
    before.current ??= limits;
    // Beside the paper's limit there is none to hit: it stands for judging by the signal.
    const near = Math.abs(value - paper) < (high - low) / 1000;
    setGainLimit(figure, near ? paper : value);
  };
  const release = (): void => {
    if (before.current !== null) commitGainLimits(before.current);
    before.current = null;
  };
  const set = (value: number): void => {
    setGainLimit(figure, value);
    commitGainLimits(limits);
  };
  return (
    <div className="threshold-slider">
      <svg viewBox={`0 0 ${counts.length} 1`} preserveAspectRatio="none" height="22" aria-hidden>
        {counts.map((count, i) => {
          const height = count === 0 ? 0 : Math.sqrt(count) / most;
          const beyond = low + ((i + 0.5) / counts.length) * (high - low) > limit;
          return (
            <rect
              key={i}
              x={i + 0.1}
              y={1 - height}
              width={0.8}
              height={height}
              fill={beyond && limit !== paper ? "var(--warn)" : "var(--before)"}
            />
          );
        })}
      </svg>
      <Slider
        size="sm"
        thumbSize={16}
        min={low}
        max={high}
        step={(high - low) / 500}
        value={limit}
        label={null}
        thumbLabel={`Limit of ${FIGURE_TITLES[figure]}`}
        thumbProps={{
          "aria-valuetext": `limit ${fixed(limit, 3)}, ${integer(out)} of ${integer(values.length)} out`,
        }}
        onChange={drag}
        onChangeEnd={release}
      />
      <div className="parameter-head">
        <span className="caption">
          {limit === paper
            ? `${integer(out)} of ${integer(values.length)} warn, noise taken off`
            : `${integer(out)} of ${integer(values.length)} out, as read`}
        </span>
        <span className="spacer" />
        {limit !== paper && (
          <IconButton
            icon="undo"
            label={`Reset the limit of ${FIGURE_TITLES[figure]} to ${fixed(paper, 3)}`}
            onClick={() => set(paper)}
          />
        )}
        <NumberInput
          aria-label={`Limit of ${FIGURE_TITLES[figure]}, number`}
          size="xs"
          w={92}
          min={0}
          step={0.005}
          decimalScale={4}
          value={Number(limit.toFixed(4))}
          onChange={(value) => {
            if (typeof value === "number" && value > 0 && value !== Number(limit.toFixed(4)))
              set(value);
          }}
        />
      </div>
    </div>
  );
}
