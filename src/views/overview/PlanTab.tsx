import { Button, NumberInput, Switch } from "@mantine/core";
import { STEP_NAMES } from "#src/domain/records/movieRecord.ts";
import type { StepName } from "#src/domain/records/movieRecord.ts";
import { allRows, stateCounts } from "#src/state/overviewModel.ts";
import { moviesAreMissing } from "#src/state/openResults.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { ResultsSection } from "../session/ResultsSection.tsx";
import { Icon } from "../shared/Icon.tsx";
import { Notice, Section } from "../shared/PanelParts.tsx";
import { counted, integer } from "../shared/format.ts";
import { useReopenMovies } from "../shared/useReopenMovies.ts";

const STEPS: Readonly<Record<StepName, { readonly title: string; readonly help: string }>> = {
  orientation: {
    title: "Orientation of the reference",
    help: "Which of sixteen poses fits, from the first movies; once for the session.",
  },
  gain: { title: "Gain", help: "Residual gain under the reference; the gain itself without one." },
  motion: { title: "Motion", help: "Every movie is aligned, corrected and summed." },
  preprocess: {
    title: "Preprocessing",
    help: "The operations that are switched on in Micrograph, on every corrected micrograph.",
  },
  sampling: {
    title: "Sampling by defocus",
    help: "A balanced sample of the CTF table, once enough estimates are there.",
  },
};

function Work() {
  const run = useAppState((s) => s.project.run);
  const rows = useAppState(allRows);
  const access = useAppState((s) => s.project.access);
  const { resume, pause, retry, takeOver } = useActions();
  const counts = stateCounts(rows);
  const failed = rows.filter(({ failure }) => failure !== null).map(({ id }) => id);
  const open = counts.unprocessed + counts.running;
  const left = counts.outdated + open;
  const away = useAppState(({ project }) =>
    ["permission", "gone"].includes(project.watching.state),
  );
  const word =
    run === "running"
      ? away
        ? "Waiting for the folder"
        : "Working"
      : run === "paused"
        ? "Paused"
        : "Not begun";
  return (
    <Section title={word} caption={`${counted(left, "movie")} to do`}>
      {access === "elsewhere" && (
        <Notice>
          Another tab works on this session; this one only shows it.{" "}
          <button type="button" className="text-button link" onClick={() => void takeOver()}>
            Take over
          </button>
        </Notice>
      )}
      <div className="row">
        {run === "running" ? (
          <Button variant="default" leftSection={<Icon name="pause" size={14} />} onClick={pause}>
            Pause
          </Button>
        ) : (
          <Button
            variant="default"
            leftSection={<Icon name="play" size={14} />}
            disabled={access === "elsewhere" || rows.length === 0}
            onClick={resume}
          >
            {run === "paused" ? "Go on" : `Begin with ${integer(left)}`}
          </Button>
        )}
        <Button
          variant="default"
          leftSection={<Icon name="redo" size={14} />}
          disabled={failed.length === 0}
          onClick={() => retry(failed)}
        >
          Retry {integer(failed.length)} failed
        </Button>
      </div>
      <p className="caption plan-note">
        A pause lets the running step end. What is selected is computed next.
      </p>
    </Section>
  );
}

/** Where movies come from. */
function Places() {
  const watching = useAppState((s) => s.project.watching);
  const actions = useActions();
  const waiting = useAppState((s) => s.project.waitingFiles);
  const missing = useAppState(moviesAreMissing);
  const again = useReopenMovies();
  const folder = watching.folder ?? "The folder";
  return (
    <>
      {watching.state !== "off" && (
        <Section title="Folder" caption={watching.folder ?? ""}>
          <p className="plan-text">
            {watching.state === "watching"
              ? `${folder} is watched: new movies join when their size has held still.`
              : watching.state === "closed"
                ? "The stream is closed: no more movies are taken, and the sampler no longer waits."
                : watching.state === "gone"
                  ? `${folder} is away: unplugged, moved or renamed. Movies wait, and the session goes on by itself when it is back.`
                  : `The browser's permission to read ${folder} has ended; what is kept stays, and the session goes on when it may be read again.`}
            {watching.settling > 0 && ` ${counted(watching.settling, "file")} still growing.`}
          </p>
          {watching.state === "watching" ? (
            <Button variant="default" onClick={actions.closeStream}>
              Close the stream
            </Button>
          ) : (
            <Button variant="default" onClick={() => void actions.reopenFolder()}>
              {watching.state === "closed"
                ? "Watch again"
                : watching.state === "gone"
                  ? "Look now"
                  : "Reopen folder"}
            </Button>
          )}
        </Section>
      )}
      {missing && (
        <Section title="Movies" caption="not open">
          <p className="plan-text">
            Table, trends and report are from the results. To work on the movies again,{" "}
            {again.advice}: results with the same settings stay.
          </p>
          <Button variant="default" onClick={again.open}>
            {again.label}
          </Button>
        </Section>
      )}
      {waiting > 0 && (
        <Section title="Files" caption={`${integer(waiting)} not open`}>
          <p className="plan-text">
            The browser asks before it reads files of an earlier visit again; what is kept stays.
          </p>
          <Button variant="default" onClick={() => void actions.reopenFiles()}>
            Reopen files
          </Button>
        </Section>
      )}
    </>
  );
}

/** What is done with every movie. Parameters of a step live in its own workspace. */
export function PlanTab() {
  const plan = useAppState((s) => s.project.plan);
  const { setPlan } = useActions();
  return (
    <>
      <Work />
      <ResultsSection />
      <Section title="Steps" caption="in this order">
        <div className="plan-steps">
          {STEP_NAMES.map((step) => (
            <Switch
              key={step}
              label={STEPS[step].title}
              description={STEPS[step].help}
              checked={plan.steps[step]}
              onChange={(event) => setPlan({ steps: { [step]: event.currentTarget.checked } })}
            />
          ))}
          <Switch
            label="Power spectra"
            description="Before and after the correction, in both forms."
            checked={plan.spectra}
            onChange={(event) => setPlan({ spectra: event.currentTarget.checked })}
          />
          <Switch
            label="Hashes of the inputs"
            description="SHA-256 in session.json and report, where results are written; every file is read once more for it."
            checked={plan.hashes}
            onChange={(event) => setPlan({ hashes: event.currentTarget.checked })}
          />
        </div>
      </Section>
      <Section title="Extent">
        <div className="plan-numbers">
          <NumberInput
            label="Movie step for the gain"
            description="Every how many movies the gain is looked at, from the first; the protocol’s default is 250."
            min={1}
            max={100_000}
            allowDecimal={false}
            value={plan.movieStep}
            onChange={(value) => {
              if (typeof value === "number" && value >= 1) setPlan({ movieStep: value });
            }}
          />
          <NumberInput
            label="Minimum for sampling"
            description="CTF estimates before the sampler begins; the protocol’s default is 100."
            min={1}
            max={100_000}
            allowDecimal={false}
            value={plan.minimumForSampling}
            onChange={(value) => {
              if (typeof value === "number" && value >= 1) setPlan({ minimumForSampling: value });
            }}
          />
        </div>
      </Section>
      <Places />
    </>
  );
}
