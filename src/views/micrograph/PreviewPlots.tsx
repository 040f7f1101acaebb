import type { ComparedCurves, PreviewCurves } from "#src/domain/preprocessPreview.ts";
import { Plot } from "../shared/Plot.tsx";
import type { Series } from "../shared/Plot.tsx";
import { significant } from "../shared/format.ts";

function histogram(side: PreviewCurves): { x: number[]; y: readonly number[] } {
  const { from, to, counts } = side.histogram;
  const step = (to - from) / counts.length;
  return { x: counts.map((_, i) => from + (i + 0.5) * step), y: counts };
}

const TICKS = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5];

/** What a filter removes would stretch the axis: nothing is drawn below this part of the least before. */
const FLOOR = 0.03;

function power(
  side: PreviewCurves,
  unit: number,
  least: number,
): { x: readonly number[]; y: number[] } {
  const { frequency, power: values } = side.radialPower;
  return { x: frequency, y: values.map((value) => Math.max(least, value / unit)) };
}

/** Powers of ten between two values: at most about five of them. */
function decades(least: number, top: number): { at: number[]; text: string[] } {
  const from = Math.ceil(Math.log10(least));
  const to = Math.floor(Math.log10(top));
  const step = Math.max(1, Math.ceil((to - from) / 5));
  const exponents: number[] = [];
  for (let exponent = from; exponent <= to; exponent += step) exponents.push(exponent);
  return {
    at: exponents.map((exponent) => 10 ** exponent),
    text: exponents.map((exponent) =>
      Math.abs(exponent) < 4
        ? String(Number((10 ** exponent).toPrecision(1)))
        : `10${superscript(exponent)}`,
    ),
  };
}

function superscript(exponent: number): string {
  return Array.from(String(exponent), (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)])).join("");
}

/** Middle of the powers before: where the noise lies, and what 1 stands for. */
function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.max(1e-30, sorted[sorted.length >> 1] ?? 1);
}

const HEIGHT = 148;

/** Histogram and radial power of both sides: before dashed, after solid. Their room is there before they are. */
export function PreviewPlots({
  compared,
  pixelSizeA,
}: {
  compared: ComparedCurves | null;
  pixelSizeA: number | null;
}) {
  return (
    <div className="preview-plots" style={{ minHeight: HEIGHT }}>
      {compared !== null && <Plots compared={compared} pixelSizeA={pixelSizeA} />}
    </div>
  );
}

function Plots({
  compared: { before, after },
  pixelSizeA,
}: {
  compared: ComparedCurves;
  pixelSizeA: number | null;
}) {
  const unit = middle(before.radialPower.power);
  const top = Math.max(1, ...before.radialPower.power.map((value) => value / unit));
  const least = Math.max(1e-6, (FLOOR * Math.min(...before.radialPower.power)) / unit);
  const both = (
    make: (side: PreviewCurves) => { readonly x: readonly number[]; readonly y: readonly number[] },
  ): Series[] => [
    { name: "before", kind: "line", colour: "--before", dash: true, ...make(before) },
    { name: "after", kind: "line", colour: "--accent", ...make(after) },
  ];
  return (
    <>
      <Plot
        name="histogram"
        summary={`Histogram of values in standard deviations from the mean, before and after. Before: mean ${significant(before.statistics.mean, 4)}, sd ${significant(before.statistics.std, 3)}; after: mean ${significant(after.statistics.mean, 4)}, sd ${significant(after.statistics.std, 3)}.`}
        xTitle="value, sd"
        yTitle="Histogram"
        hideY
        height={HEIGHT}
        xRange={[-5, 5]}
        series={both(histogram)}
      />
      <Plot
        name="radial_power"
        summary="Radial power by spatial frequency, before and after; scaled to agree where nothing is filtered away."
        xTitle={pixelSizeA === null ? "frequency, 1/px" : "resolution, Å"}
        yTitle="Radial power"
        logY
        height={HEIGHT}
        xRange={[0, 0.5]}
        yTicks={decades(least, top)}
        xTicks={{
          at: TICKS,
          text: TICKS.map((t) =>
            pixelSizeA === null ? String(t) : significant(pixelSizeA / t, 2),
          ),
        }}
        series={both((side) => power(side, unit, least))}
      />
    </>
  );
}
