import { Slider } from "@mantine/core";
import { GAIN_LIMITS } from "#src/domain/gain.ts";
import { FIGURE_TITLES, valueHistogram } from "#src/state/overTime.ts";
import type { WatchedFigure } from "#src/state/overTime.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { IconButton } from "../shared/Choice.tsx";
import { fixed, integer } from "../shared/format.ts";

/** A limit as a handle under the histogram of its own values; heights are square roots. */
export function ThresholdSlider({
  figure,
  values,
}: {
  figure: WatchedFigure;
  values: readonly number[];
}) {
  const limit = useAppState((s) => s.protocol.limits[figure]);
  const { setGainLimit } = useActions();
  const paper = GAIN_LIMITS[figure];
  const low = Math.min(...values, figure === "std" ? 0 : 1);
  const high = Math.max(...values, paper, limit) * 1.05;
  const counts = valueHistogram(values, [low, high]);
  const most = Math.sqrt(Math.max(...counts));
  const out = values.filter((v) => v > limit).length;
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
              fill={beyond ? "var(--warn)" : "var(--before)"}
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
        onChange={(value) => setGainLimit(figure, value)}
      />
      <div className="parameter-head">
        <span className="caption">
          limit {fixed(limit, 3)}: {integer(out)} of {integer(values.length)} out
        </span>
        <span className="spacer" />
        {limit !== paper && (
          <IconButton
            icon="undo"
            label={`Reset the limit of ${FIGURE_TITLES[figure]} to ${fixed(paper, 3)}`}
            onClick={() => setGainLimit(figure, paper)}
          />
        )}
      </div>
    </div>
  );
}
