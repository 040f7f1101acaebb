import { Button, Switch } from "@mantine/core";
import type { MotionReport } from "#src/domain/motionReport.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Choice } from "../shared/Choice.tsx";
import { Section } from "../shared/PanelParts.tsx";
import { fixed, integer, significant } from "../shared/format.ts";
import { GridFields } from "./GridFields.tsx";
import { NumberField } from "./MotionParameterFields.tsx";
import { PatchMaps } from "./PatchMaps.tsx";

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
  const { patches, parity } = useAppState((s) => s.motion.parameters);
  const models = String(report?.chosen.models ?? "")
    .split("; ")
    .filter((line) => line !== "");
  return (
    <>
      <Section title="Local motion">
        <GridFields chosen={report?.chosen ?? null} />
        <NumberField name="minPatchA" chosen={parity ? "500" : undefined} />
        {patches === "auto" && <NumberField name="overlap" chosen={parity ? undefined : "0.5"} />}
        <NumberField name="group" chosen={parity ? "3" : undefined} />
      </Section>
      {report !== null && <PatchMaps report={report} />}
      {report?.diagnostics != null && (
        <Section
          title="Model"
          caption={models.length > 0 ? "nats; the largest evidence was taken" : undefined}
        >
          <ul className="sentences">
            {models.map((line) => (
              <li key={line}>{line.replaceAll("x", " × ")}</li>
            ))}
            {["rejectedPairs", "rejectedPatchPairs", "rejectedPlaces"]
              .filter((name) => report.chosen[name] !== undefined)
              .map((name) => (
                <li key={name}>
                  {REJECTED[name]}: {String(report.chosen[name])} left out beyond 3 sd
                </li>
              ))}
          </ul>
          <p className="caption">
            RELION&apos;s polynomial fits the field to {fixed(report.relionFitRmsPx, 3)} px.
          </p>
        </Section>
      )}
    </>
  );
}

/** FlexAlign's least squares, in words. */
const REJECTED: Readonly<Record<string, string>> = {
  rejectedPairs: "Pairs of whole frames",
  rejectedPatchPairs: "Pairs of frames in patches",
  rejectedPlaces: "Patches at a time in the splines",
};

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
        Micrographs have the geometry of frame{" "}
        {integer(report.frameIndices[report.referenceFrame] + 1)}
        {report.referenceFrame === 0 ? ", as RELION's polishing expects" : ", FlexAlign's choice"}.
        Rows stand as in the movie; row 0 first.
      </p>
    </Section>
  );
}
