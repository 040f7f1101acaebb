import { useState } from "react";
import type { MotionReport } from "#src/domain/motionReport.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Choice } from "../shared/Choice.tsx";
import { Notice, Section } from "../shared/PanelParts.tsx";
import { Plot } from "../shared/Plot.tsx";
import type { Series } from "../shared/Plot.tsx";
import { fixed, integer, significant } from "../shared/format.ts";
import { beyond, padded, pathTicks, twoLabels } from "./plotRanges.ts";
import { resolutionText, SpectrumView } from "./SpectrumView.tsx";
import { Term } from "./Term.tsx";
import type { TermId } from "./terms.ts";

/** Screen px of the spectrum in the panel. */
const SPECTRUM_SIDE = 214;

export function AlignmentTab({ report }: { report: MotionReport }) {
  const wanted = useAppState((s) => s.motion.unit);
  const { setMotionView } = useActions();
  const unit = report.pixelSizeA === null ? "px" : wanted;
  const scale = unit === "Å" ? (report.pixelSizeA ?? 1) : 1;
  return (
    <>
      <KeyNumbers report={report} unit={unit} scale={scale} />
      {report.flags.map((flag) => (
        <Notice key={flag}>
          {flag} {flag.includes("nats") && <Term of="evidence">What are nats?</Term>}
        </Notice>
      ))}
      {report.fallbackReason !== null && !report.flags.includes(report.fallbackReason) && (
        <Notice kind="undecided">
          {report.fallbackReason}{" "}
          {report.fallbackReason.includes("nats") && <Term of="evidence">What are nats?</Term>}
        </Notice>
      )}
      <Section
        title="Global motion"
        caption={
          <span className="row">
            specimen against frame {integer(report.frameIndices[report.referenceFrame] + 1)}
            <Choice
              label="Unit"
              value={unit}
              options={[
                { value: "Å", label: "Å", disabled: report.pixelSizeA === null },
                { value: "px", label: "px" },
              ]}
              onChange={(value) => setMotionView({ unit: value })}
            />
          </span>
        }
      >
        <MotionPlots report={report} unit={unit} scale={scale} />
      </Section>
      {report.spectra !== null && <Spectra report={report} />}
    </>
  );
}

function KeyNumbers({
  report,
  unit,
  scale,
}: {
  report: MotionReport;
  unit: string;
  scale: number;
}) {
  const { globalX: x, globalY: y, frameIndices, localRmsPx, expectedErrorPx, pixelSizeA } = report;
  const last = x.length - 1;
  const far = Math.hypot(x[last] - x[0], y[last] - y[0]) * scale;
  const inA = (px: number, decimals: number): string | undefined =>
    pixelSizeA === null ? undefined : `Here ${fixed(px * pixelSizeA, decimals)} Å.`;
  const cells: readonly {
    readonly title: string;
    readonly term: TermId;
    readonly more: string | undefined;
    readonly value: string;
    readonly unit: string;
  }[] = [
    {
      title: "total drift",
      term: "drift",
      more: `Frame ${integer(frameIndices[last] + 1)} lies ${fixed(far, 1)} ${unit} from frame ${integer(frameIndices[0] + 1)}.`,
      value: fixed(report.totalPx * scale, 1),
      unit,
    },
    {
      title: "first 4 e⁻/Å²",
      term: "early",
      more:
        report.earlyPx === null
          ? "Not known here: the header gives no dose; enter that of a frame under Dose and sums."
          : undefined,
      value: fixed(report.earlyPx === null ? null : report.earlyPx * scale, 1),
      unit: report.earlyPx === null ? "" : unit,
    },
    {
      title: "local, rms",
      term: "local",
      more: inA(localRmsPx, 2),
      value: fixed(localRmsPx, 2),
      unit: "px",
    },
    {
      title: "expected error",
      term: "error",
      more:
        expectedErrorPx !== null
          ? inA(expectedErrorPx, 3)
          : report.chosen.estimator === "recipe"
            ? "Nothing was measured here."
            : "FlexAlign states none.",
      value: fixed(expectedErrorPx, 3),
      unit: expectedErrorPx === null ? "" : "px",
    },
  ];
  return (
    <dl className="key-numbers" data-testid="key-numbers">
      {cells.map((cell) => (
        <div key={cell.title}>
          <dt>
            <Term of={cell.term} {...(cell.more === undefined ? {} : { more: cell.more })}>
              {cell.title}
            </Term>
          </dt>
          <dd>
            {cell.value} <small>{cell.unit}</small>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function MotionPlots({
  report,
  unit,
  scale,
}: {
  report: MotionReport;
  unit: string;
  scale: number;
}) {
  const { frameIndices, dosePerFrame } = report;
  const x = report.globalX.map((v) => v * scale);
  const y = report.globalY.map((v) => v * scale);
  const along = frameIndices.map((f) =>
    dosePerFrame === null ? f + 1 : report.preExposure + dosePerFrame * (f + 1),
  );
  const alongTitle = dosePerFrame === null ? "frame" : "dose, e⁻/Å²";
  const last = frameIndices.length - 1;
  const line = (name: string, values: readonly number[], colour: Series["colour"]): Series => ({
    name,
    kind: "line",
    colour,
    x: along,
    y: values,
    dash: name === "y",
  });
  const base = report.name;
  const span = Math.max(...along) - Math.min(...along);
  const xRange = [Math.min(...along) - 0.04 * span, Math.max(...along) + 0.1 * span] as const;
  const shiftRange = padded([...x, ...y]);
  const path = pathTicks(x, y);
  // The number of a frame stands on the side that the path does not take.
  const outward = x[last] >= x[0] ? "left" : "right";
  const steps = report.step.slice(1).map((v) => v * scale);
  return (
    <>
      <div className="plot-pair">
        <Plot
          name={`${base}_trajectory`}
          summary={`Trajectory of ${report.name}: frame ${integer(frameIndices[last] + 1)} lies ${fixed(x[last], 1)}, ${fixed(y[last], 1)} ${unit} (x, y) from frame ${integer(frameIndices[report.referenceFrame] + 1)}.`}
          xTitle={`x, ${unit}`}
          yTitle={`y, ${unit} (down the rows)`}
          height={190}
          equalAxes
          xTicks={path}
          yTicks={path}
          series={[
            { name: "path", kind: "line", colour: "--before", opacity: 0.6, x, y },
            {
              name: "frames",
              kind: "points",
              colour: "--accent",
              x,
              y,
              shades: frameIndices.map((_, t) => t),
            },
          ]}
          labels={[
            {
              x: x[0],
              y: y[0],
              text: String(frameIndices[0] + 1),
              colour: "--text-2",
              anchor: outward === "left" ? "right" : "left",
              gap: 6,
            },
            {
              x: x[last],
              y: y[last],
              text: String(frameIndices[last] + 1),
              colour: "--text-2",
              anchor: outward,
              gap: 6,
            },
          ]}
        />
        <Plot
          name={`${base}_shifts`}
          summary={`Shift of ${report.name} along x and y over ${alongTitle}.`}
          xTitle={alongTitle}
          yTitle={`shift, ${unit}`}
          height={190}
          xRange={xRange}
          {...(shiftRange === null ? {} : { yRange: shiftRange })}
          series={[line("x", x, "--series-x"), line("y", y, "--series-y")]}
          labels={twoLabels(along[last], x[last], y[last], shiftRange, 190)}
        />
      </div>
      <Plot
        name={`${base}_speed`}
        summary={`Step from frame to frame of ${report.name}, largest ${significant(Math.max(...report.step) * scale, 3)} ${unit}.`}
        xTitle={alongTitle}
        yTitle={`step from the frame before, ${unit}`}
        height={120}
        xRange={xRange}
        yRange={[0, Math.max(...steps) > 1e-6 ? 1.15 * Math.max(...steps) : 1.2]}
        series={[
          {
            name: "step",
            kind: "line",
            colour: "--series-z",
            x: along.slice(1),
            y: steps,
          },
        ]}
      />
    </>
  );
}

function Spectra({ report }: { report: MotionReport }) {
  const { spectrum, spectrumView } = useAppState((s) => s.motion);
  const { setMotionView } = useActions();
  const [ring, setRing] = useState<number | null>(null);
  const curves = report.spectra?.[spectrum];
  if (curves === undefined) return null;
  const { pixelSizeA } = report.micrograph;
  // Amplitudes count twice in dB.
  const factor = spectrum === "protocol" ? 20 : 10;
  const decibels = (values: readonly number[]): number[] =>
    values.map((v) => factor * Math.log10(Math.max(v, 1e-30)));
  const perA = pixelSizeA ?? 1;
  const frequency = curves.after.frequency.map((f) => f / perA);
  const after = decibels(curves.after.value);
  const before = decibels(curves.before.value);
  const nyquist = 0.5 / perA;
  // Gain, ice and the beam stand at the lowest frequencies, far above the rings.
  const range = beyond(frequency, [before, after], 0.08 * nyquist);
  const [low, high] = range ?? [0, 1];
  const ticks = (
    pixelSizeA === null ? [20, 8, 5, 4, 3, 2.5, 2] : [50, 20, 10, 7, 5, 4, 3, 2.5, 2, 1.5]
  )
    .filter((d) => 1 / d <= nyquist * 1.001)
    .filter((d, i, all) => i === 0 || 1 / d - 1 / all[i - 1] > 0.1 * nyquist || i === all.length);
  return (
    <Section
      title="Power spectrum"
      caption={
        <span data-testid="ring">
          {spectrumView === "split"
            ? "left half before, right half after"
            : spectrumView === "side"
              ? "before, after"
              : "before and after in turn"}
          {ring === null ? "" : `; ring at ${resolutionText(ring, pixelSizeA)}`}
        </span>
      }
    >
      <div className="plot-pair spectrum-pair">
        <SpectrumView report={report} side={SPECTRUM_SIDE} ring={ring} onRing={setRing} />
        <Plot
          name={`${report.name}_spectrum`}
          summary={`Mean of the power spectrum of ${report.name} over rings, before and after alignment.`}
          xTitle={pixelSizeA === null ? "resolution, px" : "resolution, Å"}
          yTitle={spectrum === "protocol" ? "amplitude, dB" : "power, dB"}
          height={SPECTRUM_SIDE}
          xRange={[0, nyquist]}
          {...(range === null ? {} : { yRange: range })}
          xTicks={{ at: ticks.map((d) => 1 / d), text: ticks.map(String) }}
          series={[
            {
              name: "before",
              kind: "line",
              colour: "--before",
              dash: true,
              x: frequency,
              y: before,
            },
            { name: "after", kind: "line", colour: "--accent", x: frequency, y: after },
          ]}
          marks={
            ring === null
              ? []
              : [
                  {
                    axis: "x",
                    at: ring / perA,
                    text: resolutionText(ring, pixelSizeA),
                    side: ring > 0.3 ? "left" : "right",
                  },
                ]
          }
          labels={[
            {
              x: 0.94 * nyquist,
              y: low + 0.94 * (high - low),
              text: "after",
              colour: "--accent",
              strong: true,
              anchor: "right",
            },
            {
              x: 0.94 * nyquist,
              y: low + 0.84 * (high - low),
              text: "before, dashed",
              colour: "--before",
              anchor: "right",
            },
          ]}
        />
      </div>
      <div className="row spectrum-choices">
        <Choice
          label="Spectra shown"
          value={spectrumView}
          options={[
            { value: "split", label: "Split" },
            { value: "side", label: "Side by side" },
            { value: "blink", label: "Blink" },
          ]}
          onChange={(value) => setMotionView({ spectrumView: value })}
        />
        <span className="spacer" />
        <Choice
          label="Kind of spectrum"
          value={spectrum}
          options={[
            { value: "reading", label: "For reading" },
            { value: "protocol", label: "FlexAlign's" },
          ]}
          onChange={(value) => setMotionView({ spectrum: value })}
        />
      </div>
      <p className="caption">
        {spectrum === "reading"
          ? `Mean power of pieces of ${integer(curves.size)} px at half overlap.`
          : `Sum of the amplitudes of pieces of ${integer(curves.size)} px that overlap by 40 %, as Scipion shows it.`}
      </p>
    </Section>
  );
}
