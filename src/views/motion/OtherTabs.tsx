import { Button, Switch } from "@mantine/core";
import type { MotionReport } from "#src/domain/motionReport.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Choice } from "../shared/Choice.tsx";
import { Section } from "../shared/PanelParts.tsx";
import { fixed, integer, significant } from "../shared/format.ts";
import { NumberField } from "./MotionParameterFields.tsx";
import { relionFitText } from "./PatchesTab.tsx";

/** Dose weighting, halves, sums. */
export function DoseTab({ report }: { report: MotionReport | null }) {
  const p = useAppState((s) => s.motion.parameters);
  const { setMotionParameters } = useActions();
  const frames = report?.frameIndices ?? [];
  const [first, last] = [frames.at(0), frames.at(-1)].map((f) =>
    f === undefined ? undefined : integer(f + 1),
  );
  const missing =
    report === null || report.micrograph.doseRank !== null
      ? null
      : report.pixelSizeA === null
        ? "its pixel size"
        : report.dosePerFrame === null && p.dosePerFrame === null
          ? "the dose of a frame"
          : null;
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
          mb={8}
          label="Sums of even and of odd frames"
          description="For denoisers that learn from halves: _EVN and _ODD."
          onChange={(event) => setMotionParameters({ evenOdd: event.currentTarget.checked })}
        />
        <NumberField name="binning" />
        <NumberField name="sumFirst" chosen={first} />
        <NumberField name="sumLast" chosen={last} />
      </Section>
      <Section title="Dose">
        <Switch
          mb={8}
          size="xs"
          checked={p.doseWeighting}
          label="Weight by dose"
          description={
            p.doseWeighting && missing !== null
              ? `Grant and Grigorieff 2015 as RELION applies it. Not done for this movie: ${missing} is not known.`
              : "Grant and Grigorieff 2015 as RELION applies it; needs pixel size and dose."
          }
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
            <dt>Field taken as constant over</dt>
            <dd>
              {integer(report.micrograph.tile)} × {integer(report.micrograph.tile)} px
            </dd>
            <dt>Dose weighting</dt>
            <dd>{weightingText(report)}</dd>
          </dl>
        </Section>
      )}
    </>
  );
}

/** How the dose-weighted sum was made, or why there is none. */
function weightingText({ micrograph, pixelSizeA, dosePerFrame }: MotionReport): string {
  if (micrograph.doseRank !== null) return `by ${integer(micrograph.doseRank)} weighted sums`;
  if (pixelSizeA === null) return "none: the pixel size is not known";
  return dosePerFrame === null ? "none: the dose of a frame is not known" : "none";
}

/** What a file holds that its title does not say. */
function fileNote(name: string, report: MotionReport): string | null {
  const { controlPoints } = report.chosen;
  const local = report.localRmsPx > 0 && typeof controlPoints === "string";
  if (name.endsWith("_motion.json"))
    return "The field sampled on a grid, frame by frame: where the specimen is against the reference frame, px.";
  if (name.endsWith("_shifts.xmd"))
    return local
      ? `Corrections of whole frames, and ${controlPoints.replaceAll("x", " × ")} B-spline coefficients of the local motion.`
      : "Corrections of whole frames; there is no local part.";
  if (name.endsWith(".star")) return relionFitText(report);
  return null;
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
                {fileNote(name, report) !== null && (
                  <div className="caption">{fileNote(name, report)}</div>
                )}
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
