import { Button } from "@mantine/core";
import type { OrientationReport } from "#src/domain/orientation.ts";
import { bestCandidate, namedAlike, sameOrientation } from "#src/state/orientationSlice.ts";
import { moviesOf } from "#src/state/sessionState.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { IconButton } from "../shared/Choice.tsx";
import { counted, fixed, integer } from "../shared/format.ts";
import { Icon } from "../shared/Icon.tsx";
import { Empty, FailureNote, Notice, Section } from "../shared/PanelParts.tsx";
import { StatusGlyph } from "../shared/StatusGlyph.tsx";
import { PoseBoard } from "./PoseBoard.tsx";
import { shortPose, whatToDo } from "./orientationText.ts";
import "./orientation.css";

/** Which way round the reference is: verdict, board, and the pose in other programs' words. */
export function OrientationTab() {
  const { report, failure } = useAppState((s) => s.orientation);
  const reference = useAppState((s) => s.session.reference);
  const movies = useAppState((s) => moviesOf(s.session).length);
  const running = useAppState((s) => s.runs.active?.title.startsWith("Orientation") === true);
  const { openFiles, findOrientation } = useActions();

  if (reference === null)
    return (
      <Empty
        action={
          <Button variant="default" onClick={() => void openFiles()}>
            Open a gain reference
          </Button>
        }
      >
        Drop a gain reference (MRC, TIFF, DM4 or .gain) to see which way round it belongs to these
        movies.
      </Empty>
    );
  if (failure !== null)
    return <FailureNote failure={failure} onRetry={() => void findOrientation()} />;
  if (report === null || report.reference !== reference)
    return (
      <Empty
        action={
          running ? undefined : (
            <Button disabled={movies === 0} onClick={() => void findOrientation()}>
              Find the pose
            </Button>
          )
        }
      >
        {running
          ? "Comparing the reference with the movie's own pattern in sixteen poses."
          : "Sixteen poses are compared with the pattern that the movie itself shows."}
      </Empty>
    );
  return <Found report={report} />;
}

function Found({ report }: { report: OrientationReport }) {
  const { best, confident, findings, standardError, margin } = report;
  const kind = best === null ? "failed" : confident ? "pass" : "undecided";
  const [first, ...others] = findings;
  const onBoard =
    best !== null && shortPose(best) !== shortPose(namedAlike(best))
      ? ` The same as ${shortPose(best)} on the board.`
      : "";
  const after = `after ${counted(report.movies.length, "movie")} with ${integer(report.countsPerPixel)} electrons per pixel`;
  return (
    <>
      <div className="verdict orientation-verdict">
        <StatusGlyph kind={kind} size={18} />
        <div>
          <div className="title">
            {confident && best !== null ? whatToDo(namedAlike(best)) : first}
          </div>
          <div className="detail">
            {confident && best !== null
              ? `${best.inverted ? "Divides: it is inverted before use" : "Multiply"}. Confident ${after}.${onBoard}`
              : report.moviesNeeded === null
                ? `Searched ${after}.`
                : `Not confident ${after}: about ${counted(report.moviesNeeded, "more movie")} needed.`}
          </div>
        </div>
        {best?.correlation != null && standardError !== null && margin !== null && (
          <>
            <div className="key-number">
              <b>{fixed(Math.abs(best.correlation), 3)}</b>
              <span>correlation ± {fixed(standardError, 4)}</span>
            </div>
            <div className="key-number">
              <b>{integer(margin)}</b>
              <span>margin, s.e.</span>
            </div>
          </>
        )}
      </div>
      {(confident ? others : findings.slice(1)).map((text) => (
        <Notice key={text}>{text}</Notice>
      ))}
      <Section
        title="All sixteen poses"
        caption="correlation with the movie; arrow keys choose the left picture"
      >
        <PoseBoard report={report} />
      </Section>
      <Actions report={report} />
      <Words report={report} />
    </>
  );
}

function Actions({ report }: { report: OrientationReport }) {
  const { left } = useAppState((s) => s.orientation);
  const used = useAppState((s) => s.gain.orientation);
  const running = useAppState((s) => s.runs.active !== null);
  const { takePose, saveOrientedGain, findOrientation } = useActions();
  const best = bestCandidate(report);
  const chosen = report.confident && best >= 0 ? best : left;
  const candidate = report.candidates[chosen];
  const inUse = sameOrientation(used, candidate);
  return (
    <Section>
      <div className="form-row orientation-actions">
        <Button disabled={inUse || candidate.score === null} onClick={() => takePose(chosen)}>
          {inUse ? "This pose is used" : "Use this pose"}
        </Button>
        <Button
          variant="default"
          leftSection={<Icon name="download" size={14} />}
          disabled={candidate.score === null}
          onClick={() => void saveOrientedGain(candidate)}
        >
          Save oriented_gain.mrc
        </Button>
        <Button variant="default" disabled={running} onClick={() => void findOrientation()}>
          Search again
        </Button>
      </div>
      <p className="caption">
        The saved gain multiplies, has mean 1 and fits every program without options. The reference
        file is never changed.
      </p>
    </Section>
  );
}

/** The rule of rows where it matters, in words for the files at hand. */
function rowsRule({ movies, reference }: OrientationReport["tiff"]): string {
  if (movies && reference)
    return "Movies and reference are TIFF files: both are read with their rows reversed, as RELION and MotionCor2/3 do.";
  if (movies)
    return "The movies are TIFF files, read with their rows reversed; the reference is not, its rows stand as stored. RELION and MotionCor2/3 do the same, so the words hold for these two files as they are.";
  if (reference)
    return "The reference is a TIFF file, read with its rows reversed; the movies are not. RELION and MotionCor2/3 do the same, so the words hold for these two files as they are.";
  return "Rows of these files stand as stored; only those of TIFF files are reversed on reading, as RELION and MotionCor2/3 do.";
}

function Words({ report }: { report: OrientationReport }) {
  const { left } = useAppState((s) => s.orientation);
  const best = bestCandidate(report);
  const { tiff } = report;
  const words = report.words[report.confident && best >= 0 ? best : left];
  return (
    <Section title="In other programs' words" caption={`for ${report.referenceName} as it is`}>
      <dl className="pose-words">
        {words.map(({ program, command, note }) => (
          <div key={program}>
            <dt>{program}</dt>
            <dd>
              {command !== null && <code>{command}</code>}
              <span className="caption">{note}</span>
            </dd>
            {command !== null && (
              <IconButton
                icon="copy"
                label={`Copy for ${program}`}
                onClick={() => void navigator.clipboard.writeText(command)}
              />
            )}
          </div>
        ))}
      </dl>
      <p className={tiff.movies === tiff.reference ? "caption" : "second"}>{rowsRule(tiff)}</p>
    </Section>
  );
}
