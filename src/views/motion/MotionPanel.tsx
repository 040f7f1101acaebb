import { Button, Switch } from "@mantine/core";
import type { MotionReport } from "#src/domain/motionReport.ts";
import { DEFAULT_MOTION_PARAMETERS } from "#src/domain/motionReport.ts";
import { gainAppliedIn } from "#src/state/gainApplied.ts";
import type { MotionTabId } from "#src/state/motionSlice.ts";
import { moviesOf, selectedFile } from "#src/state/sessionState.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Icon } from "../shared/Icon.tsx";
import { Empty, FailureNote, Notice, Section, SubTabs } from "../shared/PanelParts.tsx";
import { counted, fixed, integer } from "../shared/format.ts";
import { AlignmentTab } from "./AlignmentTab.tsx";
import { EstimatorChoice } from "./EstimatorChoice.tsx";
import { NumberField } from "./MotionParameterFields.tsx";
import { DoseTab, OutputsTab } from "./OtherTabs.tsx";
import { PatchesTab } from "./PatchesTab.tsx";
import { isMotionOutdated, shownMotion } from "./motionSelect.ts";

const tabs: readonly { readonly id: MotionTabId; readonly title: string }[] = [
  { id: "alignment", title: "Alignment" },
  { id: "dose", title: "Dose and sums" },
  { id: "patches", title: "Patches" },
  { id: "outputs", title: "Outputs" },
];

export function MotionPanel() {
  const tab = useAppState((s) => s.motion.tab);
  const file = useAppState((s) => selectedFile(s.session));
  const report = useAppState(shownMotion);
  const failure = useAppState((s) =>
    s.session.selected === null ? undefined : s.motion.failures[s.session.selected],
  );
  const outdated = useAppState((s) =>
    s.session.selected === null ? false : isMotionOutdated(s, s.session.selected),
  );
  const movies = useAppState((s) => moviesOf(s.session).length);
  const busy = useAppState((s) => s.runs.active?.fileId === s.session.selected);
  const { setMotionView, correctMotion, correctAllMotion } = useActions();
  const isMovie = file?.kind === "movie" && file.failure === null;
  const run = (
    <Button disabled={!isMovie || busy} onClick={() => void correctMotion()}>
      {busy ? "Correcting" : report === null ? "Correct motion" : "Run again"}
    </Button>
  );
  // The one action of an empty place stands in it.
  const empty =
    report === null && failure === undefined && tab !== "dose" && tab !== "patches" && isMovie;
  const body = (): React.ReactNode => {
    if (tab === "dose") return <DoseTab report={report} />;
    if (tab === "patches") return <PatchesTab report={report} />;
    if (report === null)
      return failure !== undefined ? null : (
        <Empty action={isMovie && !busy ? run : null}>
          {busy
            ? "The movie is being corrected; its progress stands at the bottom."
            : isMovie
              ? "The motion of this movie has not been measured."
              : "Choose a movie in the table to measure its motion."}
        </Empty>
      );
    return tab === "outputs" ? <OutputsTab report={report} /> : <AlignmentTab report={report} />;
  };
  return (
    <aside className="column panel" aria-label="Motion">
      <div className="panel-head">
        <h1>Motion</h1>
        <span className="spacer" />
        {report !== null && (
          <Button
            variant="default"
            leftSection={<Icon name="download" size={14} />}
            onClick={() => setMotionView({ tab: "outputs" })}
          >
            Export
          </Button>
        )}
        {movies > 1 && (
          <Button variant="default" onClick={() => void correctAllMotion()}>
            Correct {counted(movies, "movie")}
          </Button>
        )}
        {(!empty || busy) && run}
      </div>
      <SubTabs
        label="Motion"
        current={tab}
        tabs={tabs}
        onChange={(id) => setMotionView({ tab: id })}
      />
      <div className="panel-body" role="tabpanel" tabIndex={0} aria-label={tab}>
        {failure !== undefined && (
          <FailureNote failure={failure} onRetry={() => void correctMotion()} />
        )}
        {outdated && (
          <Notice kind="outdated">
            Parameters have changed since this result was made. It stays until the movie is run
            again.
          </Notice>
        )}
        {empty && tab === "alignment" ? <div className="motion-empty">{body()}</div> : body()}
        {tab === "alignment" && <Parameters report={report} />}
      </div>
    </aside>
  );
}

/** What the estimation was or will be told. */
function Parameters({ report }: { report: MotionReport | null }) {
  const p = useAppState((s) => s.motion.parameters);
  const reference = useAppState(
    (s) => s.session.files.find((f) => f.id === s.session.reference)?.name ?? null,
  );
  const applied = useAppState((s) => gainAppliedIn(s).text);
  const { setMotionParameters } = useActions();
  const changed = (Object.keys(p) as (keyof typeof p)[]).filter(
    (name) => p[name] !== DEFAULT_MOTION_PARAMETERS[name],
  ).length;
  const side = report?.chosen.patchSidePx;
  return (
    <Section
      title="Parameters"
      caption={changed === 0 ? "automatic" : `automatic, ${integer(changed)} changed`}
    >
      {report !== null && (
        <dl className="pairs">
          <dt>Frames</dt>
          <dd>
            {integer(report.frameIndices[0] + 1)} –{" "}
            {integer(report.frameIndices[report.frameIndices.length - 1] + 1)} of{" "}
            {integer(report.framesInMovie)}
          </dd>
          <dt>Estimator</dt>
          <dd>
            {report.chosen.estimator === "recipe" ? "Cryoloupe" : String(report.chosen.estimator)}
          </dd>
          {typeof report.chosen.patchesX === "number" && (
            <>
              <dt>Patches</dt>
              <dd>
                {report.chosen.patchesX} × {String(report.chosen.patchesY)}
                {typeof side === "number" ? `, each ${integer(side)} px` : ""}
              </dd>
            </>
          )}
          {typeof report.chosen.controlPoints === "string" && (
            <>
              <dt>Control points</dt>
              <dd>{report.chosen.controlPoints.replaceAll("x", " × ")}</dd>
            </>
          )}
          <dt>Time</dt>
          <dd>
            {fixed(report.seconds.estimate, 1)} s to estimate, {fixed(report.seconds.correct, 1)} s
            to correct, {fixed(report.seconds.spectra, 1)} s for spectra
          </dd>
        </dl>
      )}
      <Switch
        my={8}
        size="xs"
        checked={p.useReference && reference !== null}
        disabled={reference === null}
        label={reference === null ? "No gain reference is open" : `Multiply by ${reference}`}
        description={`Gain applied: ${applied}`}
        onChange={(event) => setMotionParameters({ useReference: event.currentTarget.checked })}
      />
      <EstimatorChoice />
      <NumberField name="firstFrame" />
      <NumberField
        name="lastFrame"
        chosen={report === null ? undefined : integer(report.framesInMovie)}
      />
      <NumberField name="maxResolutionA" chosen={p.parity ? "30" : reachOf(report)} />
      <NumberField name="maxShiftA" />
    </Section>
  );
}

/** Resolution up to which the estimator looked: Nyquist of the movie as it was reduced for it, Å. */
function reachOf(report: MotionReport | null): string | undefined {
  const binning = report?.chosen.measuredAtBinning;
  return typeof binning === "number" && report?.pixelSizeA != null
    ? fixed(2 * binning * report.pixelSizeA, 1)
    : undefined;
}
