import { Button, Select } from "@mantine/core";
import type { GainOrientation } from "#src/domain/gain.ts";
import type { GainReport } from "#src/domain/gainReport.ts";
import { estimateInUse, estimateMark } from "#src/state/estimatedReferences.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { FailureNote, Section } from "../shared/PanelParts.tsx";
import { Plot } from "../shared/Plot.tsx";
import { fixed, integer } from "../shared/format.ts";

const poses: readonly { readonly value: string; readonly label: string }[] = [
  { value: "0,none", label: "as supplied" },
  { value: "0,upside-down", label: "flipped upside-down" },
  { value: "0,left-right", label: "flipped left-right" },
  { value: "1,none", label: "90° clockwise" },
  { value: "1,upside-down", label: "90° clockwise, upside-down" },
  { value: "1,left-right", label: "90° clockwise, left-right" },
  { value: "2,none", label: "180°" },
  { value: "3,none", label: "270° clockwise" },
];

function parsePose(value: string, inverted: boolean): GainOrientation {
  const [rotation, flip] = value.split(",");
  return {
    rotation90: Number(rotation) as GainOrientation["rotation90"],
    flip: flip as GainOrientation["flip"],
    inverted,
  };
}

/** The estimate against a loaded reference: correlation, slope, scatter, and the pictures. */
export function ComparisonSection({ report }: { report: GainReport }) {
  const files = useAppState((s) => s.session.files);
  const reference = useAppState((s) => s.session.reference);
  const orientation = useAppState((s) => s.gain.orientation);
  const comparison = useAppState((s) => s.gain.comparisons[report.id] ?? null);
  const failure = useAppState((s) => s.gain.comparisonFailure);
  const inUse = useAppState((s) => estimateInUse(s.session));
  const {
    useAsReference: chooseReference,
    setReferencePose,
    compareWithReference,
    setGainView,
    openFiles,
  } = useActions();
  const images = files.filter((file) => file.kind === "image");
  if (images.length === 0)
    return (
      <Section title="Against a reference">
        <p className="second">
          Open or drop a gain reference to compare it with this estimate.{" "}
          <button type="button" className="text-button link" onClick={() => void openFiles()}>
            Open a reference
          </button>
        </p>
      </Section>
    );
  const values = comparison?.comparison;
  const itself = inUse?.mark === estimateMark(report);
  return (
    <Section
      title="Against a reference"
      {...(values === undefined
        ? {}
        : { caption: `${integer(values.pixels)} pixels good in both` })}
    >
      <Select
        aria-label="Reference"
        size="xs"
        mb={6}
        placeholder="Choose a reference"
        data={images.map((file) => ({ value: file.id, label: file.name }))}
        value={reference}
        onChange={(id) => chooseReference(id)}
      />
      <div className="form-row">
        <Select
          aria-label="Pose of the reference"
          size="xs"
          data={poses.map((pose) => ({ ...pose }))}
          value={`${orientation.rotation90},${orientation.flip}`}
          onChange={(value) => setReferencePose(parsePose(value ?? "0,none", orientation.inverted))}
        />
        <Select
          aria-label="The reference holds"
          size="xs"
          data={[
            { value: "C", label: "multiply (C)" },
            { value: "G", label: "divide (G)" },
          ]}
          value={orientation.inverted ? "G" : "C"}
          onChange={(value) => setReferencePose({ ...orientation, inverted: value === "G" })}
        />
        <Button
          data-size="xs"
          variant="default"
          disabled={reference === null}
          onClick={() => void compareWithReference(report.id)}
        >
          Compare
        </Button>
      </div>
      {itself && (
        <p className="caption">
          The reference was made from this estimate: a comparison says nothing about it.
        </p>
      )}
      {failure !== null && comparison === null && <FailureNote failure={failure} />}
      {comparison !== null && values !== undefined && (
        <>
          <dl className="pairs">
            <dt>Correlation R² and slope of G on the reference</dt>
            <dd>
              R² <b className="strong">{fixed(values.r2, 3)}</b>, slope{" "}
              <b className="strong">{fixed(values.slope, 3)}</b>
            </dd>
            <dt>sd of the estimate, of the reference</dt>
            <dd>
              {fixed(values.estimateStd, 4)}, {fixed(values.referenceStd, 4)}
            </dd>
          </dl>
          <div className="row" style={{ margin: "8px 0" }}>
            <Button
              data-size="xs"
              variant="default"
              onClick={() => setGainView({ sideBySide: true, picture: "G" })}
            >
              Side by side
            </Button>
            <Button
              data-size="xs"
              variant="default"
              onClick={() => setGainView({ picture: "difference", sideBySide: false })}
            >
              Difference
            </Button>
          </div>
          <Plot
            name={`${report.name}_against_reference`}
            summary={`Pixel gain of the estimate against the reference: R² ${fixed(values.r2, 3)}, slope ${fixed(values.slope, 3)}.`}
            xTitle="G of the reference"
            yTitle="G of the estimate"
            height={220}
            series={[
              {
                name: "pixels",
                kind: "points",
                colour: "--before",
                opacity: 0.5,
                x: comparison.scatter.reference,
                y: comparison.scatter.estimate,
              },
              regression(comparison.scatter.reference, values.slope),
            ]}
          />
        </>
      )}
    </Section>
  );
}

/** The fitted line over the range of the points, through (1, 1). */
function regression(reference: readonly number[], slope: number) {
  const low = Math.min(...reference);
  const high = Math.max(...reference);
  return {
    name: `slope ${fixed(slope, 3)}`,
    kind: "line",
    colour: "--accent",
    x: [low, high],
    y: [1 + slope * (low - 1), 1 + slope * (high - 1)],
  } as const;
}
