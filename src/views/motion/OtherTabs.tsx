import { Button, Switch } from "@mantine/core";
import type { MotionReport } from "#src/domain/motionReport.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Choice } from "../shared/Choice.tsx";
import { Section } from "../shared/PanelParts.tsx";
import { fixed, integer, significant } from "../shared/format.ts";
import { GridFields, NumberField } from "./MotionParameterFields.tsx";
import { viridis } from "./viridis.ts";

/** Dose weighting, halves, sums. */
export function DoseTab({ report }: { report: MotionReport | null }) {
  const p = useAppState((s) => s.motion.parameters);
  const { setMotionParameters } = useActions();
  return (
    <>
      <Section title="Sums">
        <div className="form-row">
          <Choice
            label="Sum or average"
            value={p.result}
            options={[
              { value: "sum", label: "Sum of frames" },
              { value: "mean", label: "Average" },
            ]}
            onChange={(value) => setMotionParameters({ result: value })}
          />
        </div>
        <p className="caption">RELION and MotionCor write sums, FlexAlign averages.</p>
        <Switch
          mt={10}
          size="xs"
          checked={p.evenOdd}
          label="Sums of even and of odd frames"
          description="For denoisers that learn from halves: _EVN and _ODD."
          onChange={(event) => setMotionParameters({ evenOdd: event.currentTarget.checked })}
        />
        <NumberField name="binning" />
        <NumberField name="sumFirst" />
        <NumberField name="sumLast" />
      </Section>
      <Section title="Dose">
        <Switch
          size="xs"
          checked={p.doseWeighting}
          label="Weight by dose"
          description="Grant and Grigorieff 2015 as RELION applies it; needs pixel size and dose."
          onChange={(event) => setMotionParameters({ doseWeighting: event.currentTarget.checked })}
        />
        <NumberField
          name="dosePerFrame"
          chosen={report?.dosePerFrame == null ? undefined : fixed(report.dosePerFrame, 3)}
        />
        <NumberField name="preExposure" />
        <NumberField name="voltageKv" />
      </Section>
      {report !== null && (
        <Section title="What was made">
          <dl className="pairs">
            <dt>Micrograph</dt>
            <dd>
              {integer(report.micrograph.width)} × {integer(report.micrograph.height)} px
              {report.micrograph.pixelSizeA === null
                ? ""
                : `, ${significant(report.micrograph.pixelSizeA, 4)} Å/px`}
            </dd>
            <dt>Frames summed</dt>
            <dd>{integer(report.micrograph.frames)}</dd>
            <dt>Bad pixels repaired</dt>
            <dd>{integer(report.micrograph.badPixels)}</dd>
            <dt>Displacement constant over</dt>
            <dd>{integer(report.micrograph.tile)} px</dd>
            {report.micrograph.doseRank !== null && (
              <>
                <dt>Dose weighting</dt>
                <dd>by {integer(report.micrograph.doseRank)} weighted sums</dd>
              </>
            )}
          </dl>
        </Section>
      )}
    </>
  );
}

/** Patches, model, and maps of what is uncertain. */
export function PatchesTab({ report }: { report: MotionReport | null }) {
  return (
    <>
      <Section title="Local motion">
        <GridFields chosen={report?.chosen ?? null} />
        <NumberField name="minPatchA" />
        <NumberField name="group" />
      </Section>
      {report?.diagnostics != null && (
        <>
          {report.diagnostics.errorPx.length > 0 && (
            <Section title="Expected error of the field" caption="px, both axes, rms over frames">
              <ErrorMap report={report} />
            </Section>
          )}
          <Section title="Model" caption="nats; the largest evidence was taken">
            <ul className="sentences">
              {String(report.chosen.models ?? "")
                .split("; ")
                .filter((line) => line !== "")
                .map((line) => (
                  <li key={line}>{line.replaceAll("x", " × ")}</li>
                ))}
            </ul>
            <p className="caption">
              RELION&apos;s polynomial fits the field to {fixed(report.relionFitRmsPx, 3)} px.
            </p>
          </Section>
        </>
      )}
    </>
  );
}

function ErrorMap({ report }: { report: MotionReport }) {
  const { diagnostics } = report;
  if (diagnostics === null) return null;
  const { errorX, errorY, errorPx } = diagnostics;
  const largest = Math.max(...errorPx);
  const cell = 30;
  return (
    <svg
      className="error-map"
      width={errorX.length * cell}
      height={errorY.length * cell}
      role="img"
      aria-label={`Expected error between ${fixed(Math.min(...errorPx), 3)} and ${fixed(largest, 3)} px over the micrograph`}
    >
      {errorPx.map((value, k) => {
        const i = k % errorX.length;
        const j = Math.floor(k / errorX.length);
        const share = value / largest;
        return (
          <g key={k} transform={`translate(${i * cell} ${j * cell})`}>
            <rect width={cell} height={cell} fill={viridis(share)} />
            <text
              x={cell / 2}
              y={cell / 2 + 3.5}
              textAnchor="middle"
              fill={share > 0.6 ? "#161b22" : "#ffffff"}
            >
              {value.toFixed(2).replace(/^0/, "")}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

/** The files of a result. */
export function OutputsTab({ report }: { report: MotionReport }) {
  const { saveMotionFile, saveAllMotionFiles } = useActions();
  return (
    <Section
      title="Files"
      caption={
        <Button data-size="xs" variant="default" onClick={() => void saveAllMotionFiles(report.id)}>
          Save all {integer(report.files.length)}
        </Button>
      }
    >
      <table className="numbers outputs">
        <tbody>
          {report.files.map(({ name, title }) => (
            <tr key={name}>
              <td>
                {title}
                <div className="caption mono">{name}</div>
              </td>
              <td className="right">
                <Button
                  data-size="xs"
                  variant="subtle"
                  aria-label={`Save ${name}`}
                  onClick={() => void saveMotionFile(report.id, name)}
                >
                  Save
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="caption">
        Micrographs have the geometry of the first aligned frame, as RELION&apos;s polishing
        expects. Rows stand as in the movie; row 0 first.
      </p>
    </Section>
  );
}
