import { Slider } from "@mantine/core";
import { useMemo } from "react";
import { astigmatismA } from "#src/domain/ctf.ts";
import type { CtfFilters, CtfTable } from "#src/domain/ctf.ts";
import type { SamplingState } from "#src/state/samplingSlice.ts";
import { useActions } from "../AppContext.tsx";
import { fixed, integer } from "../shared/format.ts";
import { Section } from "../shared/PanelParts.tsx";

interface Limit {
  readonly key: keyof CtfFilters;
  readonly label: string;
  readonly unit: string;
  readonly above: boolean;
  readonly decimals: number;
  /** Shown units per stored unit. */
  readonly scale: number;
  readonly value: (e: CtfTable["estimates"][number]) => number | null;
}

const limits: readonly Limit[] = [
  {
    key: "maxResolutionA",
    label: "Resolution",
    unit: " Å",
    above: true,
    decimals: 1,
    scale: 1,
    value: (e) => e.resolutionA,
  },
  {
    key: "maxAstigmatismA",
    label: "Astigmatism",
    unit: " nm",
    above: true,
    decimals: 0,
    scale: 0.1,
    value: astigmatismA,
  },
  {
    key: "minFigureOfMerit",
    label: "Figure of merit",
    unit: "",
    above: false,
    decimals: 3,
    scale: 1,
    value: (e) => e.figureOfMerit,
  },
  {
    key: "minPhaseShiftDeg",
    label: "Phase shift from",
    unit: "°",
    above: false,
    decimals: 0,
    scale: 1,
    value: (e) => e.phaseShiftDeg,
  },
  {
    key: "maxPhaseShiftDeg",
    label: "Phase shift to",
    unit: "°",
    above: true,
    decimals: 0,
    scale: 1,
    value: (e) => e.phaseShiftDeg,
  },
  {
    key: "maxIceDensity",
    label: "Ice",
    unit: "",
    above: true,
    decimals: 2,
    scale: 1,
    value: (e) => e.iceDensity,
  },
];

/** Limits of quality over the range that the table has; an absent measure has none. */
export function Limits({ table, state }: { table: CtfTable; state: SamplingState }) {
  const { setSampleOptions } = useActions();
  const { filters } = state.options;
  const ranges = useMemo(
    () =>
      limits.flatMap((limit) => {
        const values = table.estimates
          .filter((e) => e.failure === null)
          .map(limit.value)
          .filter((v) => v !== null && Number.isFinite(v))
          .map((v) => (v ?? 0) * limit.scale);
        if (values.length === 0) return [];
        const unit = 10 ** -limit.decimals;
        const low = Math.floor(values.reduce((a, b) => Math.min(a, b)) / unit) * unit;
        const high = Math.ceil(values.reduce((a, b) => Math.max(a, b)) / unit) * unit;
        return high > low ? [{ limit, low, high, unit }] : [];
      }),
    [table],
  );
  const out = state.reasons.filter((r) => r !== null).length;
  return (
    <Section title="Leave out" caption={`${integer(out)} of ${integer(table.estimates.length)}`}>
      {ranges.map(({ limit, low, high, unit }) => {
        const stored = filters[limit.key];
        const off = limit.above ? high : low;
        const shown = stored === null ? off : stored * limit.scale;
        return (
          <div key={limit.key} className="sampling-limit">
            <span>{limit.label}</span>
            <Slider
              size={2}
              thumbSize={12}
              min={low}
              max={high}
              step={unit}
              value={Math.min(high, Math.max(low, shown))}
              label={null}
              thumbLabel={`${limit.label}: leave out ${limit.above ? "above" : "below"}`}
              disabled={state.options.parity}
              inverted={!limit.above}
              onChange={(next) =>
                setSampleOptions({
                  filters: {
                    ...filters,
                    [limit.key]:
                      Math.abs(next - off) < unit / 2
                        ? null
                        : Number((next / limit.scale).toPrecision(10)),
                  },
                })
              }
            />
            <span className="right">
              {stored === null
                ? "none"
                : `${limit.above ? ">" : "<"} ${fixed(shown, limit.decimals)}${limit.unit}`}
            </span>
          </div>
        );
      })}
      {(state.sample?.leftOut ?? []).map(({ reason, count }) => (
        <div key={reason} className="sampling-field caption">
          <span>{reason}</span>
          <span>{integer(count)}</span>
        </div>
      ))}
    </Section>
  );
}
